package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class UninspectedPacketsTest {
    private long gaps;
    private List<KernelQueueReader.KernelQueue> kernel = List.of();

    private UninspectedPackets packets(final boolean failOpen) {
        return new UninspectedPackets(10, failOpen, () -> gaps, () -> kernel);
    }

    private void userDropped(final long packets) {
        kernel = List.of(
                new KernelQueueReader.KernelQueue(9, 0, 0, 500), new KernelQueueReader.KernelQueue(10, 0, 7, packets));
    }

    @Test
    void shouldTakeOffWhatTheKernelDropped() {
        final UninspectedPackets open = packets(true);
        gaps = 12;
        userDropped(5);

        assertEquals(7, open.getAsLong());
    }

    /** The socket of a queue can outlive a process, and with it the kernel's count. */
    @Test
    void shouldNotTakeOffWhatTheKernelDroppedBefore() {
        userDropped(40);
        final UninspectedPackets open = packets(true);
        gaps = 12;
        userDropped(45);

        assertEquals(7, open.getAsLong());
    }

    /** The kernel drops a packet some time before the next one shows the gap. */
    @Test
    void shouldNotCountWhatIsDroppedAndNotYetMissed() {
        final UninspectedPackets closed = packets(false);
        userDropped(5);
        assertEquals(0, closed.getAsLong());

        gaps = 5;

        assertEquals(0, closed.getAsLong());
    }

    @Test
    void shouldReadTheGapsBeforeTheKernelsFigure() {
        final UninspectedPackets closed = new UninspectedPackets(10, false, () -> gaps, () -> {
            gaps += 3;
            userDropped(gaps);
            return kernel;
        });

        assertEquals(0, closed.getAsLong());
        assertEquals(0, closed.getAsLong());
    }

    @Test
    void shouldNeverCountBackwards() {
        final UninspectedPackets open = packets(true);
        gaps = 12;
        userDropped(0);
        assertEquals(12, open.getAsLong());

        userDropped(6);

        assertEquals(12, open.getAsLong());
    }

    @Test
    void shouldKnowFromTheConfigurationWhereTheKernelSaysNothing() {
        gaps = 12;

        assertEquals(12, packets(true).getAsLong());
        assertEquals(0, packets(false).getAsLong());
    }
}
