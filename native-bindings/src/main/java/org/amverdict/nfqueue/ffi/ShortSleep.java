package org.amverdict.nfqueue.ffi;

/**
 * Sleeps for some microseconds, always the same, without garbage. The calling thread is in native code meanwhile, so a
 * safepoint does not wait for it. Its kernel rounds the time up by {@link NativeThread#timerSlack}. One thread.
 */
public final class ShortSleep {
    private static final long NANOS_MAX = 999_999_999;

    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory time = new NativeMemory(CLayout.TIMESPEC_SIZE);

    /** @param nanos 0 to 999,999,999 */
    public ShortSleep(final long nanos) {
        if (nanos < 0 || nanos > NANOS_MAX) {
            throw new IllegalArgumentException("nanos is " + nanos + ", want 0 to " + NANOS_MAX);
        }
        time.bytes().setLongLE(CLayout.TIMESPEC_NSEC, nanos);
    }

    /** Returns when the time is over, or sooner on a signal. */
    public void sleep() {
        libC.nanosleep(time.address(), 0);
        time.keepReachable();
    }
}
