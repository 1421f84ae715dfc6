package org.amverdict.history;

import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;
import org.amverdict.events.Explanations;
import org.amverdict.events.Fault;
import org.amverdict.events.TrackedEnd;
import org.jspecify.annotations.Nullable;

/**
 * What the history adds to the lines of the event log: causes and remedies in the words of {@code why} and
 * {@code sessions}, and the line of the policy. For the reader's thread, after the sessions have seen the record.
 */
public final class EventWords implements Explanations {
    private final Facts facts;
    private final SessionLog sessions;
    private final AllowLines lines;

    public EventWords(final Facts facts, final SessionLog sessions) {
        this.facts = facts;
        this.sessions = sessions;
        lines = new AllowLines(sessions);
    }

    @Override
    public Trouble explain(final EventRecord event) {
        final Fact fact = facts.of(event);
        return new Trouble(fact.cause, explanation(trouble(fact, event)));
    }

    /** The advice about a packet that was dropped or opened nothing, with the fault as the mode of then makes it. */
    static Advice trouble(final Fact fact, final EventRecord event) {
        final Advice advice = DropExplanation.advice(fact);
        return new Advice(advice.text(), advice.remedy(), fault(fact, event));
    }

    private static Fault fault(final Fact fact, final EventRecord event) {
        // Of a REP that says so itself the service failed, not this program.
        if (event.refusal() == Refusal.ERROR_LINE) {
            return Fault.ELSEWHERE;
        }
        final boolean enforcing = event.settings() == null || event.settings().enforce();
        return switch (event.decided()) {
            // A REP that was passed on and opened nothing is stopped too, since its streams are.
            case ACCEPT -> Fault.of(enforcing);
            case DROP -> Fault.of(event.verdict() == Verdict.DROP);
            // The other rules decide; but that a stream was not opened is decided here.
            case CONTINUE -> fact.cause.isOfAmanda() ? Fault.of(enforcing) : Fault.ELSEWHERE;
        };
    }

    @Override
    public @Nullable Explanation refusal(final EventRecord event) {
        return event.said() == null && event.type() != MessageType.NAK
                ? null
                : sessions.read(table -> ifWrong(exchange(table.behind(event), event.nanos())));
    }

    @Override
    public @Nullable Explanation ending(final EventRecord event) {
        return switch (event.kind()) {
            case EventRecord.TRANSACTION_ENDED ->
                sessions.read(table -> ifKnown(exchange(table.behind(event), event.nanos())));
            case EventRecord.EXPECTATION_ENDED -> sessions.read(table -> ifKnown(unused(table, event)));
            case EventRecord.FLOW_ENDED -> sessions.read(table -> ifWrong(closed(table, event)));
            default -> null;
        };
    }

    @Override
    public @Nullable Explanation ending(final TrackedEnd end) {
        return sessions.read(table -> {
            final SessionTable.Connected found = table.find(end.ends());
            return found == null
                    ? null
                    : ifWrong(SessionExplanation.stream(
                            found.session(), found.stream(), end.times().lastNanos()));
        });
    }

    private static @Nullable Advice exchange(final @Nullable SessionRecord session, final long nowNanos) {
        return session == null ? null : SessionExplanation.exchange(session, nowNanos);
    }

    private static @Nullable Advice unused(final SessionTable table, final EventRecord event) {
        final SessionRecord session = table.behind(event);
        final StreamRecord stream = session == null ? null : session.stream(event.destinationPort());
        return session == null || stream == null ? null : SessionExplanation.stream(session, stream, event.nanos());
    }

    private static @Nullable Advice closed(final SessionTable table, final EventRecord event) {
        final SessionRecord session = table.behind(event);
        final StreamRecord stream = session == null ? null : session.opened(event);
        return session == null || stream == null ? null : SessionExplanation.stream(session, stream, event.nanos());
    }

    private static Explanation explanation(final Advice advice) {
        return new Explanation(advice.text(), advice.remedy(), advice.fault());
    }

    private static @Nullable Explanation ifKnown(final @Nullable Advice advice) {
        return advice == null ? null : explanation(advice);
    }

    /** What needs no remedy went well. */
    private static @Nullable Explanation ifWrong(final @Nullable Advice advice) {
        return advice == null || advice.remedy() == null ? null : explanation(advice);
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
