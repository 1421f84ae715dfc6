package org.amverdict.history;

import org.amverdict.events.EventRecord;
import org.amverdict.events.Explanations;
import org.amverdict.events.TrackedEnd;
import org.jspecify.annotations.Nullable;

/** What the history adds to the lines of the event log. For the reader's thread. */
public final class EventWords implements Explanations {
    private final Facts facts;
    private final AllowLines lines;

    public EventWords(final Facts facts, final SessionLog sessions) {
        this.facts = facts;
        lines = new AllowLines(sessions);
    }

    @Override
    public Explanation explain(final EventRecord event) {
        final Fact fact = facts.of(event);
        return new Explanation(fact.cause, DropExplanation.explain(fact));
    }

    @Override
    public @Nullable String line(final EventRecord event) {
        return lines.of(event);
    }

    @Override
    public @Nullable String line(final TrackedEnd end) {
        return lines.of(end);
    }
}
