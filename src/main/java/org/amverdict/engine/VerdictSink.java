package org.amverdict.engine;

/** Where verdicts go. Called by the worker thread that received the packets, once per batch. */
public interface VerdictSink {
    /** Sends every verdict of the batch, in order. */
    void send(VerdictBatch verdicts);
}
