package org.amverdict.engine;

/** Where packets come from: a kernel queue, a capture file, a simulator. Called by one worker thread only. */
public interface PacketSource {
    /**
     * Fills the batch with what has arrived, waiting at most {@code timeoutMillis} for the first packet.
     *
     * @return packets in the batch; 0 when none came; -1 when there will never be another
     */
    int receive(PacketBatch batch, int timeoutMillis);
}
