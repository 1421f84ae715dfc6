package org.amverdict.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.amverdict.history.Session;
import org.amverdict.history.SessionJson;

/** The exchanges of the event files in the form in which the daemon tells its sessions. Stateless. */
public final class PastSessions {
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final double NANOS_PER_SECOND = 1e9;

    private PastSessions() {}

    /**
     * Lines of JSON as session.schema.json says, newest first; {@code id} is the number of the transaction.
     *
     * @param hosts addresses as text: only what one of these has part in; empty for all
     * @param max most to return
     */
    public static List<String> of(final Reports.Source source, final Span span, final Set<String> hosts, final int max)
            throws IOException {
        final EventHistory history = Reports.history(source, span, hosts);
        final long endMillis = history.endMillis();
        final List<PastExchange> newest = new ArrayList<>(history.exchanges());
        Collections.reverse(newest);
        return newest.stream()
                .filter(exchange ->
                        hosts.isEmpty() || hosts.contains(exchange.requester) || hosts.contains(exchange.responder))
                .limit(max)
                .map(exchange -> SessionJson.write(session(exchange, endMillis)))
                .toList();
    }

    private static Session session(final PastExchange exchange, final long endMillis) {
        return new Session(
                exchange.transaction,
                exchange.requester,
                exchange.requesterPort,
                exchange.responder,
                exchange.controlPort,
                exchange.service.isEmpty() ? "other" : exchange.service,
                exchange.handle,
                exchange.disks,
                exchange.level.isEmpty() ? null : exchange.level,
                exchange.askedMillis * NANOS_PER_MILLI,
                nanos(exchange.ackSeconds),
                nanos(exchange.replySeconds),
                exchange.outcome,
                exchange.refusal.isEmpty() ? null : exchange.refusal,
                exchange.requests,
                exchange.replies,
                exchange.acknowledged,
                exchange.text.isEmpty() ? null : exchange.text,
                PastWords.exchange(exchange, endMillis),
                false,
                failed(exchange, endMillis),
                exchange.streams.stream().map(PastSessions::stream).toList());
    }

    private static boolean failed(final PastExchange exchange, final long endMillis) {
        return switch (exchange.outcome) {
            case REFUSED, NAK, EXPIRED -> true;
            case OPEN, REPLIED -> exchange.failure(endMillis).any();
        };
    }

    private static Session.Stream stream(final PastStream stream) {
        return new Session.Stream(
                stream.name.toUpperCase(Locale.ROOT),
                stream.port,
                stream.state,
                nanos(stream.waitedSeconds),
                stream.connectorPort,
                0,
                stream.connected() ? stream.originalBytes : -1,
                stream.connected() ? stream.replyBytes : -1,
                nanos(stream.durationSeconds),
                nanos(stream.longestGapSeconds),
                stream.cause,
                PastWords.stream(stream));
    }

    private static long nanos(final double seconds) {
        return seconds < 0 ? -1 : (long) (seconds * NANOS_PER_SECOND);
    }
}
