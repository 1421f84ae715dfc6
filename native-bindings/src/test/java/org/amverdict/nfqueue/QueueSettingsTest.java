package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class QueueSettingsTest {
    private static final int LARGEST_MESSAGE_SEEN = 65_607;

    private static QueueSettings.Builder queue(final int queue) {
        return QueueSettings.builder(queue);
    }

    @Test
    void shouldFitBufferAndSlotsToTheCopyRange() {
        final QueueSettings settings = queue(7).copyRangeBytes(128).conclude();
        assertEquals(384, settings.slotBytes());
        assertEquals(16_384 * 2304, settings.receiveBufferBytes());

        final QueueSettings.Builder copyingAll = queue(7).copyRangeBytes(QueueSettings.COPY_WHOLE_PACKET);
        final QueueSettings whole = copyingAll.conclude();
        assertTrue(whole.slotBytes() >= LARGEST_MESSAGE_SEEN);
        assertEquals(16_384 * 5632, whole.receiveBufferBytes());
        assertEquals(100 * 5632, copyingAll.maxLength(100).conclude().receiveBufferBytes());
        assertEquals(4096, QueueSettings.receiveBufferFor(1, 128));
        assertEquals(1 << 30, QueueSettings.receiveBufferFor(1 << 20, 1501));
    }

    /** A slot that is too small would truncate messages. */
    @Test
    void shouldHaveSlotsForTheLargestMessageOfEveryCopyRange() {
        for (int bytes = 0; bytes <= QueueSettings.COPY_WHOLE_PACKET; bytes++) {
            final int slot = queue(0).copyRangeBytes(bytes).conclude().slotBytes();

            assertTrue(slot >= bytes + 256 && slot <= 128 * 1024 && slot % 64 == 0, bytes + " need " + slot);
        }
    }

    @Test
    void shouldHaveTheKernelCutPacketsWhateverIsCopied() {
        final QueueSettings.Builder whole = queue(0).copyRangeBytes(QueueSettings.COPY_WHOLE_PACKET);
        assertTrue(whole.conclude().gso());
        assertFalse(whole.gso(false).conclude().gso());
        assertFalse(whole.gso(false).maxLength(7).failOpen(true).conclude().gso());
    }

    /** Else packets would pass that nothing counts. */
    @Test
    void shouldFillItsBufferBeforeTheQueueWhenItFailsOpen() {
        for (final int length : new int[] {1, 16, 4096, 1 << 20}) {
            final QueueSettings.Builder builder = queue(0).maxLength(length);
            final QueueSettings closed = builder.conclude();
            final QueueSettings open = builder.failOpen(true).conclude();

            assertEquals(length, closed.kernelLength());
            assertEquals(length, open.maxLength());
            assertTrue(open.kernelLength() - open.batchSlots() > 2L * open.receiveBufferBytes() / 512);
            assertTrue(open.receiveBufferBytes() <= closed.receiveBufferBytes());
            assertEquals(closed.toString(), builder.failOpen(false).conclude().toString());
        }
        assertEquals(
                4096 * 416, queue(0).maxLength(4096).failOpen(true).conclude().receiveBufferBytes());
    }

    @Test
    void shouldComeToTheSameInWhateverOrderItIsTold() {
        final String whole = "queue 3: copies 65531 bytes, holds 4096 packets, fails open, gso, receive buffer 1703936"
                + " bytes, 64 slots of 65792 bytes";

        assertEquals(
                whole,
                queue(3).copyRangeBytes(QueueSettings.COPY_WHOLE_PACKET)
                        .maxLength(4096)
                        .failOpen(true)
                        .conclude()
                        .toString());
        assertEquals(
                whole,
                queue(3).failOpen(true)
                        .maxLength(4096)
                        .copyRangeBytes(QueueSettings.COPY_WHOLE_PACKET)
                        .conclude()
                        .toString());
        final QueueSettings own = queue(3).receiveBufferBytes(8192)
                .batchSlots(4)
                .failOpen(true)
                .maxLength(9)
                .conclude();
        assertEquals(8192, own.receiveBufferBytes(), "what was asked for stays");
        assertEquals(4, own.batchSlots());
    }

    @Test
    void shouldNameTheFaultAndTheLimits() {
        assertTrue(queue(65_535).failOpen(true).conclude().failOpen());
        assertFault("queue is 65536, want 0 to 65535", () -> QueueSettings.of(65_536));
        assertFault("queue is -1, want 0 to 65535", () -> QueueSettings.of(-1));
        assertFault(
                "copyRangeBytes is 65532, want 0 to 65531",
                () -> queue(0).copyRangeBytes(65_532).conclude());
        assertFault(
                "maxLength is 0, want 1 to 1048576", () -> queue(0).maxLength(0).conclude());
        assertFault(
                "receiveBufferBytes is 1, want 4096 to 1073741824",
                () -> queue(0).receiveBufferBytes(1).conclude());
        assertFault(
                "batchSlots is 1025, want 1 to 1024",
                () -> queue(0).batchSlots(1025).conclude());
    }

    private static void assertFault(final String message, final Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }
}
