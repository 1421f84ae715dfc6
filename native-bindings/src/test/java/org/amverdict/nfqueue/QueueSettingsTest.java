package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class QueueSettingsTest {
    private static final int LARGEST_MESSAGE_SEEN = 65_607;

    @Test
    void shouldFitBufferAndSlotsToTheCopyRange() {
        final QueueSettings settings = QueueSettings.of(7).withCopyRangeBytes(128);
        assertEquals(384, settings.slotBytes());
        assertEquals(16_384 * 2304, settings.receiveBufferBytes());

        final QueueSettings whole = settings.withCopyRangeBytes(QueueSettings.COPY_WHOLE_PACKET);
        assertTrue(whole.slotBytes() >= LARGEST_MESSAGE_SEEN);
        assertEquals(16_384 * 5632, whole.receiveBufferBytes());
        assertEquals(100 * 5632, whole.withMaxLength(100).receiveBufferBytes());
        assertEquals(4096, QueueSettings.receiveBufferFor(1, 128));
        assertEquals(1 << 30, QueueSettings.receiveBufferFor(1 << 20, 1501));
    }

    @Test
    void shouldHaveTheKernelCutPacketsWhateverIsCopied() {
        final QueueSettings whole = QueueSettings.of(0).withCopyRangeBytes(QueueSettings.COPY_WHOLE_PACKET);
        assertTrue(whole.gso());
        assertFalse(whole.withGso(false).gso());
        assertFalse(whole.withGso(false).withMaxLength(7).withFailOpen(true).gso());
    }

    /** Else packets would pass that nothing counts. */
    @Test
    void shouldFillItsBufferBeforeTheQueueWhenItFailsOpen() {
        for (final int length : new int[] {1, 16, 4096, 1 << 20}) {
            final QueueSettings closed = QueueSettings.of(0).withMaxLength(length);
            final QueueSettings open = closed.withFailOpen(true);

            assertEquals(length, closed.kernelLength());
            assertEquals(length, open.maxLength());
            assertTrue(open.kernelLength() - open.batchSlots() > 2L * open.receiveBufferBytes() / 512);
            assertTrue(open.receiveBufferBytes() <= closed.receiveBufferBytes());
            assertEquals(closed, open.withFailOpen(false));
        }
        assertEquals(
                4096 * 416,
                QueueSettings.of(0).withMaxLength(4096).withFailOpen(true).receiveBufferBytes());
    }

    @Test
    void shouldNameTheFaultAndTheLimits() {
        final QueueSettings good = QueueSettings.of(65_535).withFailOpen(true);
        assertTrue(good.failOpen());
        assertFault("queue is 65536, want 0 to 65535", () -> QueueSettings.of(65_536));
        assertFault("queue is -1, want 0 to 65535", () -> QueueSettings.of(-1));
        assertFault("copyRangeBytes is 65532, want 0 to 65531", () -> good.withCopyRangeBytes(65_532));
        assertFault("maxLength is 0, want 1 to 1048576", () -> good.withMaxLength(0));
        assertFault("receiveBufferBytes is 1, want 4096 to 1073741824", () -> good.withReceiveBufferBytes(1));
        assertFault("batchSlots is 1025, want 1 to 1024", () -> good.withBatchSlots(1025));
        assertFault(
                "slotBytes is 300, want 384 to 131072", () -> new QueueSettings(0, 128, 1, 4096, false, false, 1, 300));
    }

    private static void assertFault(final String message, final Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
