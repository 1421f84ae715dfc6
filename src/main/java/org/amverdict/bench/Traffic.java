package org.amverdict.bench;

/** Sends packets of one mix, many in one system call. One thread. */
interface Traffic extends AutoCloseable {
    /** Flows of {@link Mix#FLOWS}; less than half of the flow table that {@link Consumers} configures. */
    int FLOWS = 100_000;
    /** Most packets of one call. */
    int BURST = 64;

    /**
     * Sends the next ones.
     *
     * @param count 1 to {@link #BURST}
     * @return how many were sent, or -1 if the call failed
     */
    int send(int count);

    @Override
    void close();
}
