package org.amverdict.engine;

/** Where verdicts go. Called by the worker thread that received the packets, once per batch. */
public interface VerdictSink {
    /**
     * Takes every verdict of the batch, in order.
     *
     * @param receivedNanos when the batch was received, as {@link System#nanoTime}
     */
    void send(VerdictBatch verdicts, long receivedNanos);
}
