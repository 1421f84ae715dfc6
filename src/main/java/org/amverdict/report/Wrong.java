package org.amverdict.report;

import org.amverdict.events.Fault;
import org.amverdict.json.JsonObject;

/**
 * What went wrong, in the words that were written when it did.
 *
 * @param explanation a sentence without its full stop
 * @param remedy what to do, empty if the event says nothing about it
 * @param fault where the cause is, as {@link Fault} names it
 */
record Wrong(Kind kind, String explanation, String remedy, Fault fault) {
    static final Wrong NOTHING = new Wrong(Kind.NONE, "", "", Fault.ELSEWHERE);

    /** @param otherwise the explanation of an event that has none: an older program wrote it */
    static Wrong of(final Kind kind, final JsonObject event, final String otherwise) {
        if (kind == Kind.NONE) {
            return NOTHING;
        }
        final String explanation = event.text("explanation");
        return new Wrong(
                kind,
                explanation.isEmpty() ? otherwise : explanation,
                event.text("remedy"),
                fault(event.text("fault")));
    }

    private static Fault fault(final String label) {
        for (final Fault fault : Fault.values()) {
            if (fault.label().equals(label)) {
                return fault;
            }
        }
        return Fault.ELSEWHERE;
    }

    /** Whether this program stopped it. */
    boolean here() {
        return fault == Fault.HERE;
    }

    /** Whether it passed only because the mode was monitor. */
    boolean monitored() {
        return fault == Fault.WOULD_BE_HERE;
    }

    /** Whether anything is. */
    boolean any() {
        return kind != Kind.NONE;
    }

    /** The same of another kind. */
    Wrong as(final Kind other) {
        return new Wrong(other, explanation, remedy, fault);
    }
}
