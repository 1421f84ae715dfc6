package org.amverdict.track;

/**
 * How large the tables are and how long records live; all durations in nanoseconds.
 *
 * @param transactions most transactions
 * @param transactionsPerRequester most transactions of one requester
 * @param replyWithinNanos how long a REP may take
 * @param expectations most expectations
 * @param expectationsPerRequester most expectations of one requester
 * @param expectationsPerReply most expectations of one REP, 1 to 5
 * @param expectationLifetimeNanos how long a connection is expected
 * @param flows most flows
 * @param flowIdleNanos how long an established flow may be silent
 */
public record TableLimits(
        int transactions,
        int transactionsPerRequester,
        long replyWithinNanos,
        int expectations,
        int expectationsPerRequester,
        int expectationsPerReply,
        long expectationLifetimeNanos,
        int flows,
        long flowIdleNanos) {
    private static final long SECOND = 1_000_000_000L;

    /** The defaults of the configuration. */
    public static final TableLimits DEFAULTS = new TableLimits(
            65_536, 4096, 6 * 3600 * SECOND, 65_536, 1024, 5, 180 * SECOND, 65_536, 5 * 86_400 * SECOND);

    /** These, except for how long a REP may take, how much it may announce and how long that is expected. */
    TableLimits with(final long newReplyWithin, final int newPerReply, final long newLifetime) {
        return new TableLimits(
                transactions,
                transactionsPerRequester,
                newReplyWithin,
                expectations,
                expectationsPerRequester,
                newPerReply,
                newLifetime,
                flows,
                flowIdleNanos);
    }
}
