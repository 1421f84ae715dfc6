package org.amverdict.nfqueue;

import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** The kernel's clock (adjtimex(2)). Any thread. */
public final class Clock {
    private Clock() {}

    /** Whether something, such as NTP, keeps the clock right and reports that to the kernel. Changes nothing. */
    public static boolean isSynchronised() {
        // All zero: no mode, so nothing is set.
        final NativeMemory timex = new NativeMemory(CLayout.TIMEX_SIZE);
        final int state = NativeLibraries.libC().adjtimex(timex.address());
        timex.keepReachable();
        return state >= 0 && state != CLayout.TIME_ERROR;
    }
}
