package org.amverdict.nfqueue.ffi;

/** CLOCK_BOOTTIME, clock_gettime(2): the time since the kernel started, including suspend. It cannot be set. */
public final class BootClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private BootClock() {}

    /** Nanoseconds since the kernel started. Any thread. */
    public static long nanos() {
        final NativeMemory time = new NativeMemory(CLayout.TIMESPEC_SIZE);
        final int result = NativeLibraries.libC().clock_gettime(CLayout.CLOCK_BOOTTIME, time.address());
        if (result != 0) {
            throw NativeLibraries.failure("read CLOCK_BOOTTIME", "");
        }
        return time.bytes().getLongLE(0) * NANOS_PER_SECOND + time.bytes().getLongLE(CLayout.TIMESPEC_NSEC);
    }
}
