package org.amverdict.history;

import java.util.List;
import org.amverdict.events.Fault;
import org.jspecify.annotations.Nullable;

/**
 * One thing that {@code why} knows of two hosts. Immutable.
 *
 * @param atNanos when it last changed
 * @param weight how much it says about the question
 * @param beginning a word or two before the advice, such as {@code Dropped once, last 3 s ago: }
 * @param advice what happened
 * @param clearsNanos what went wrong before this moment is mended, for this began then and went well to its end; null if
 *     it shows nothing of the kind
 */
record Finding(
        long atNanos,
        Weight weight,
        String beginning,
        Advice advice,
        @Nullable Long clearsNanos) {
    /** How much a finding says. */
    enum Weight {
        /** Something went wrong. */
        WRONG,
        /** It went well, or is under way. */
        GOOD,
        /** A stray packet, which most often harms nothing. */
        STRAY
    }

    /** Of an exchange or a stream, which went wrong if there is something to do about it. */
    static Finding of(
            final long atNanos, final String beginning, final Advice advice, final @Nullable Long clearsNanos) {
        return new Finding(
                atNanos, advice.remedy() == null ? Weight.GOOD : Weight.WRONG, beginning, advice, clearsNanos);
    }

    String sentence() {
        return beginning + advice.text() + ".";
    }

    /** What happened, without what to do. */
    String cause() {
        return beginning + advice.cause();
    }

    boolean here() {
        return advice.fault() == Fault.HERE;
    }

    /**
     * The finding that answers the question: the newest that went wrong, unless all went well later; else the newest
     * that went well; else the newest stray. Null if there is none.
     */
    static @Nullable Finding decisive(final List<Finding> newestFirst) {
        for (final Weight weight : Weight.values()) {
            for (final Finding finding : newestFirst) {
                if (finding.weight() == weight && !(weight == Weight.WRONG && isMended(finding, newestFirst))) {
                    return finding;
                }
            }
        }
        return null;
    }

    private static boolean isMended(final Finding wrong, final List<Finding> all) {
        for (final Finding finding : all) {
            if (finding.clearsNanos() != null && wrong.atNanos() - finding.clearsNanos() < 0) {
                return true;
            }
        }
        return false;
    }
}
