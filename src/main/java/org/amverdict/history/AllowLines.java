package org.amverdict.history;

import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineSettings;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedEnd;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.jspecify.annotations.Nullable;

/**
 * The line of {@code allow} behind each record, by its name in the configuration that judged the packet: for a stream,
 * and for the end of an exchange, the line that let the exchange in. Names are unique and at most 64 characters long, and
 * there are at most {@link Policy#LINES_MAX}. For the reader's thread, after the sessions have seen the record.
 */
public final class AllowLines {
    private final SessionLog sessions;

    public AllowLines(final SessionLog sessions) {
        this.sessions = sessions;
    }

    /** The name of the line behind the record; null if there is none. */
    public @Nullable String of(final EventRecord event) {
        if (event.transaction() > 0) {
            final String known = sessions.read(table -> line(table.behind(event)));
            if (known != null) {
                return known;
            }
        }
        return event.kind() == EventRecord.DECISION ? judgedBy(event) : null;
    }

    /** The name of the line behind a stream whose end connection tracking reports; null if there is none. */
    @Nullable String of(final TrackedEnd end) {
        return sessions.read(table -> {
            final SessionTable.Connected found = table.find(end.ends());
            return found == null ? null : line(found.session());
        });
    }

    private static @Nullable String line(final @Nullable SessionRecord session) {
        return session == null ? null : session.line;
    }

    /** The line of the settings that judged the packet, null if it is not allowed by any. */
    static @Nullable String judgedBy(final EventRecord event) {
        final EngineSettings settings = event.settings();
        final Allowance line = settings == null ? null : find(settings.policy(), event);
        return line == null ? null : line.name();
    }

    private static @Nullable Allowance find(final Policy policy, final EventRecord event) {
        return switch (event.reason()) {
            case REQUEST, ACK -> asked(policy, event.ends().tuple(), event.service());
            case REPLY, REFUSED_REPLY ->
                event.service() == null
                        ? policy.findLegacyRecovery(event.ends().reversed().tuple())
                        : asked(policy, event.ends().reversed().tuple(), event.service());
            case UNSOLICITED -> policy.find(event.ends().reversed().tuple());
            case CONTROL_TCP, SERVICE_NOT_ALLOWED, BAD_REQUEST, BAD_CONTROL, WRONG_DIRECTION, UNEXPECTED ->
                policy.find(event.ends().tuple());
            case EXPECTED -> expected(policy, event);
            case LEGACY_RECOVERY -> policy.findLegacyRecovery(event.ends().tuple());
            case MALFORMED, FRAGMENT, MERGED, NOT_ALLOWED, ESTABLISHED, STATIC, NO_FLOW, RELATED, NOT_AMANDA, ERROR ->
                null;
        };
    }

    private static @Nullable Allowance asked(final Policy policy, final Tuple tuple, final @Nullable Service service) {
        return service == null ? policy.find(tuple) : policy.find(tuple, service);
    }

    /** A stream that was announced before the start, or of legacy recovery. */
    private static @Nullable Allowance expected(final Policy policy, final EventRecord event) {
        final Tuple tuple = event.ends().tuple();
        final Allowance legacy = event.transaction() < 0 ? policy.findLegacyRecovery(tuple) : null;
        return legacy == null ? policy.find(tuple) : legacy;
    }
}
