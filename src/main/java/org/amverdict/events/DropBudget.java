package org.amverdict.events;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;

/**
 * How many refused packets of each reason a worker reports one by one; the others it only counts, by decision, verdict
 * and reason. So in a flood of drops a packet costs its worker an increment and the reader nothing, and no reason hides
 * another. Written by one worker, whose {@link #take} allocates nothing; the counts are read by the reader's thread.
 */
final class DropBudget {
    /** Reported at once after a quiet time, of each reason. */
    static final int AT_ONCE = 512;
    /** Reported in a second, of each reason. */
    static final int PER_SECOND = 5_000;

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long EACH_NANOS = 1_000_000_000L / PER_SECOND;
    private static final Verdict[] VERDICTS = Verdict.values();
    private static final Reason[] REASONS = Reason.values();

    private final int[] left = new int[REASONS.length];
    private final long[] filledNanos = new long[REASONS.length];
    /** By reason, decision and verdict; the last is the sum of all. */
    private final long[] counts = new long[REASONS.length * VERDICTS.length * VERDICTS.length + 1];
    /** The reader's: what it has passed on. */
    private final long[] passed = new long[counts.length];

    /** Takes the counts that have grown. */
    @FunctionalInterface
    interface Counts {
        void counted(Verdict decided, Verdict verdict, Reason reason, long count);
    }

    DropBudget() {
        Arrays.fill(left, AT_ONCE);
    }

    /** Whether the packet is to be reported; else it is counted. */
    boolean take(final Decision decision, final long nowNanos) {
        final int reason = decision.reason().ordinal();
        if (left[reason] == 0) {
            fill(reason, nowNanos);
        }
        if (left[reason] > 0) {
            left[reason]--;
            return true;
        }
        add(place(reason, decision.decided().ordinal(), decision.verdict().ordinal()));
        add(counts.length - 1);
        return false;
    }

    /** What has come since it was last looked at, when the budget is used up: from then on it comes bit by bit. */
    private void fill(final int reason, final long nowNanos) {
        final long more = Math.max(0, nowNanos - filledNanos[reason]) / EACH_NANOS;
        if (more > 0) {
            left[reason] = (int) Math.min(AT_ONCE, more);
            filledNanos[reason] = nowNanos;
        }
    }

    private static int place(final int reason, final int decided, final int verdict) {
        return (reason * VERDICTS.length + decided) * VERDICTS.length + verdict;
    }

    private void add(final int at) {
        COUNT.setOpaque(counts, at, counts[at] + 1);
    }

    /** Packets that are counted only, since the start. Any thread. */
    long counted() {
        return (long) COUNT.getOpaque(counts, counts.length - 1);
    }

    /** Passes on what was counted since the last call. The reader's thread. */
    void pass(final Counts to) {
        final long sum = counted();
        if (sum == passed[passed.length - 1]) {
            return;
        }
        passed[passed.length - 1] = sum;
        for (int i = 0; i < counts.length - 1; i++) {
            final long count = (long) COUNT.getOpaque(counts, i);
            if (count != passed[i]) {
                to.counted(
                        VERDICTS[i / VERDICTS.length % VERDICTS.length],
                        VERDICTS[i % VERDICTS.length],
                        REASONS[i / VERDICTS.length / VERDICTS.length],
                        count - passed[i]);
                passed[i] = count;
            }
        }
    }
}
