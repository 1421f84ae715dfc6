package org.amverdict.track;

import org.amverdict.table.BriefLock;

/** The state that all workers share. */
public final class Tables {
    private volatile TableLimits limits;
    private final TableCounters counters = new TableCounters();
    private final LineHits lines = new LineHits();
    private final Interfaces interfaces = new Interfaces();
    private final TransactionTable transactions;
    private final ExpectationTable expectations;
    private final FlowTable flows;
    private final FragmentTable fragments;
    private final RecoveryTable recoveries;
    private final BriefLock control = new BriefLock();
    private final BriefLock recovery = new BriefLock();
    private volatile Endings operatorEndings = Endings.NONE;

    /** @param seed of the hashes: random, and secret from hosts on the wire */
    public Tables(final TableLimits limits, final long seed) {
        this.limits = limits;
        transactions = new TransactionTable(
                limits.transactions().capacity(), limits.transactions().perRequester(), seed, counters);
        expectations = new ExpectationTable(
                limits.expectations().capacity(), limits.expectations().perRequester(), seed, counters, interfaces);
        flows = new FlowTable(limits.flows(), seed, counters, interfaces);
        fragments = new FragmentTable(seed, counters);
        recoveries = new RecoveryTable(seed, counters);
    }

    public TableLimits limits() {
        return limits;
    }

    /**
     * Changes what needs no other tables, from the next control datagram on. Any thread.
     *
     * @param replyWithinNanos how long a REP may take
     * @param perReply most expectations of one REP, 1 to 5
     * @param lifetimeNanos how long a connection is expected
     */
    public void limits(final long replyWithinNanos, final int perReply, final long lifetimeNanos) {
        limits = limits.with(replyWithinNanos, perReply, lifetimeNanos);
    }

    /** The interfaces that exist; all, until they are published. */
    public Interfaces interfaces() {
        return interfaces;
    }

    public TableCounters counters() {
        return counters;
    }

    /** What each line of the configuration let in. */
    public LineHits lines() {
        return lines;
    }

    /** Receives what ends by the operator's action or a report of the kernel, not by a packet that was judged. */
    public Endings operatorEndings() {
        return operatorEndings;
    }

    /** Sets that receiver; it must be safe for any thread. */
    public void operatorEndings(final Endings endings) {
        operatorEndings = endings;
    }

    /**
     * The lock of {@link #transactions()}. The holder looks up and writes down, in a bounded number of steps; work that
     * an input can lengthen comes before: checksums, reading text.
     */
    public BriefLock control() {
        return control;
    }

    /** The lock of {@link #recoveries()}, held while a packet that is being read is judged; never with another one. */
    public BriefLock recovery() {
        return recovery;
    }

    public TransactionTable transactions() {
        return transactions;
    }

    public ExpectationTable expectations() {
        return expectations;
    }

    public FlowTable flows() {
        return flows;
    }

    public FragmentTable fragments() {
        return fragments;
    }

    public RecoveryTable recoveries() {
        return recoveries;
    }

    /**
     * A bounded step of housekeeping; {@code steps} slots of each table. Any worker. It waits for no lock: a busy
     * lock's holder does the housekeeping afterward, and {@link TransactionTable#open} sweeps as it fills.
     */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        expectations.expire(scratch, nowNanos, steps);
        flows.expire(scratch, nowNanos, steps);
        fragments.expire(scratch, nowNanos, steps);
        if (transactions.size() > 0 && control.tryLock()) {
            try {
                transactions.expire(scratch, nowNanos, steps);
            } finally {
                control.unlock();
            }
        }
        if (recoveries.size() > 0 && recovery.tryLock()) {
            try {
                recoveries.expire(scratch, nowNanos, steps);
            } finally {
                recovery.unlock();
            }
        }
    }
}
