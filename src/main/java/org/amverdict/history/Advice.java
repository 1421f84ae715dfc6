package org.amverdict.history;

import org.amverdict.console.Remedies;
import org.amverdict.events.Fault;
import org.jspecify.annotations.Nullable;

/**
 * A sentence for people about what went wrong, and the part of it that says what to do. Immutable; any thread.
 *
 * @param text the whole sentence without its full stop
 * @param remedy what to do, in words that stand alone; null if there is nothing to do
 * @param fault where the cause is
 */
record Advice(String text, @Nullable String remedy, Fault fault) {
    /** A sentence without a remedy. */
    static Advice of(final String text) {
        return new Advice(text, null, Fault.ELSEWHERE);
    }

    /** A sentence of two parts; the joiner is a mark of punctuation and a space. */
    static Advice of(final String cause, final String joiner, final String remedy) {
        return new Advice(cause + joiner + remedy, remedy, Fault.ELSEWHERE);
    }

    /** What went wrong, without what to do. */
    String cause() {
        return Remedies.cause(text, remedy == null ? "" : remedy);
    }

    /** The same advice about a part of a longer sentence. */
    Advice after(final String beginning) {
        return new Advice(beginning + text, remedy, fault);
    }
}
