package org.amverdict.nfqueue.ffi;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BootClockTest {
    private static final long MILLI = 1_000_000L;

    @Test
    void shouldGoOnAsTheTimeSinceTheKernelStarted() throws InterruptedException {
        final long first = BootClock.nanos();
        final long firstMonotonic = System.nanoTime();
        Thread.sleep(20);
        final long passed = BootClock.nanos() - first;
        final long passedMonotonic = System.nanoTime() - firstMonotonic;

        assertTrue(first > 0, "" + first);
        assertTrue(Math.abs(passed - passedMonotonic) < 10 * MILLI, passed + " and " + passedMonotonic);
    }

    /** Where /proc/uptime is the kernel's own and not a container's. */
    @Test
    void shouldBeWhatTheKernelSaysInSeconds() throws IOException {
        final String uptime = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
        final double difference = BootClock.nanos() / 1e9 - Double.parseDouble(uptime);

        assertTrue(Math.abs(difference) < 5 || difference > 60, "off by " + difference + " s");
    }
}
