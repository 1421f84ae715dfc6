package org.amverdict.nfqueue;

import java.util.function.BiFunction;
import org.amverdict.nfqueue.ffi.FaultyLibC;

/** Lets tests of other packages put any socket in the place of a queue's, whose system calls fail as they want it. */
public final class FaultySocket {
    private FaultySocket() {}

    /**
     * Of queue 0; closes the descriptor when it is closed.
     *
     * @param faults as {@link FaultyLibC#of}
     */
    public static QueueSocket of(final int descriptor, final BiFunction<String, Object[], FaultyLibC.Outcome> faults) {
        return QueueSocket.ofDescriptor(descriptor, FaultyLibC.of(faults));
    }
}
