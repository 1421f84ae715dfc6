package org.amverdict.track;

/** How large the tables are and how long records live; all durations in nanoseconds. */
public record TableLimits(Transactions transactions, Expectations expectations, Flows flows) {
    private static final long SECOND = 1_000_000_000L;

    /** The defaults of the configuration. */
    public static final TableLimits DEFAULTS = new TableLimits(
            new Transactions(65_536, 4096, 6 * 3600 * SECOND),
            new Expectations(65_536, 1024, 180 * SECOND, 5),
            new Flows(65_536, 5 * 86_400 * SECOND));

    /**
     * Limits of transactions.
     *
     * @param capacity most transactions
     * @param perRequester most transactions of one requester
     * @param replyWithinNanos how long a REP may take
     */
    public record Transactions(int capacity, int perRequester, long replyWithinNanos) {}

    /**
     * Limits of expectations.
     *
     * @param capacity most expectations
     * @param perRequester most expectations of one requester
     * @param lifetimeNanos how long a connection is expected
     * @param perReply most expectations of one REP, 1 to 5
     */
    public record Expectations(int capacity, int perRequester, long lifetimeNanos, int perReply) {}

    /**
     * Limits of flows.
     *
     * @param capacity most flows
     * @param idleNanos how long an established flow may be silent
     */
    public record Flows(int capacity, long idleNanos) {}

    /** These, except for how long a REP may take, how much it may announce and how long that is expected. */
    TableLimits with(final long newReplyWithin, final int newPerReply, final long newLifetime) {
        return new TableLimits(
                new Transactions(transactions.capacity, transactions.perRequester, newReplyWithin),
                new Expectations(expectations.capacity, expectations.perRequester, newLifetime, newPerReply),
                flows);
    }
}
