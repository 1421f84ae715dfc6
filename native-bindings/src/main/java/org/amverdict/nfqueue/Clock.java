package org.amverdict.nfqueue;

import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** The kernel's clock (adjtimex(2)). Any thread. */
public final class Clock {
    private Clock() {}

    /** Whether something, such as NTP, keeps the clock right: the kernel is told so by whatever does. Changes nothing. */
    public static boolean isSynchronised() {
        // All of it zero: no mode, so nothing is set.
        final NativeMemory timex = new NativeMemory(CLayout.TIMEX_SIZE);
        final int state = NativeLibraries.libC().adjtimex(timex.address());
        timex.keepReachable();
        return state >= 0 && state != CLayout.TIME_ERROR;
    }
}
