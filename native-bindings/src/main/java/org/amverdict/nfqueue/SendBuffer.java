package org.amverdict.nfqueue;

import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.VerdictWriter;

/** Memory outside the heap for the verdicts of one {@code send}, with the writer that fills it. One thread. */
public final class SendBuffer {
    private final NativeMemory memory;
    private final VerdictWriter writer;

    /** @param messages verdict messages that fit, with or without mark; one per slot of a batch is enough */
    public SendBuffer(final int messages) {
        memory = new NativeMemory(Math.multiplyExact(messages, VerdictWriter.MARKED_MESSAGE_BYTES));
        writer = new VerdictWriter(memory.bytes());
    }

    /** Where to write; {@link QueueSocket#send(SendBuffer)} sends what it holds and empties it. */
    public VerdictWriter writer() {
        return writer;
    }

    NativeMemory memory() {
        return memory;
    }
}
