package org.amverdict.report;

import org.amverdict.console.Units;

/** Describes exchanges and streams of the event files. What went wrong is in the words of its event. Pure. */
final class PastWords {
    private PastWords() {}

    /** {@code sendbackup /home level 1}. */
    static String what(final PastExchange exchange) {
        return (exchange.service.isEmpty() ? "a request" : exchange.service)
                + (exchange.disks.isEmpty() ? "" : " " + String.join(", ", exchange.disks))
                + (exchange.level.isEmpty() ? "" : " level " + exchange.level);
    }

    /** How far the exchange got. */
    static String exchange(final PastExchange exchange, final long endMillis) {
        if (exchange.wrong.any()) {
            return exchange.wrong.explanation();
        }
        if (exchange.replySeconds >= 0) {
            final Wrong whole = exchange.failure(endMillis);
            return whole.kind() == Kind.NOT_ACKNOWLEDGED
                    ? whole.explanation()
                    : "answered after " + Units.duration(exchange.replySeconds)
                            + (exchange.streams.isEmpty() ? "" : " with " + exchange.streams.size() + " streams");
        }
        final Wrong waiting = exchange.failure(endMillis);
        return waiting.any() ? waiting.explanation() : "no answer was recorded";
    }

    /** How far a stream got. */
    static String stream(final PastStream stream) {
        if (stream.wrong.any()) {
            return stream.wrong.explanation();
        }
        final String begun = "connected"
                + (stream.waitedSeconds < 0 ? "" : " " + Units.duration(stream.waitedSeconds) + " after the REP");
        return switch (stream.state) {
            case PENDING -> "announced; nothing more of it is recorded";
            case NEVER -> "announced; no longer expected (" + stream.cause + ")";
            case LET_THROUGH -> "let through; nothing more of it is recorded";
            case NO_ANSWER -> "let through, and nobody answered";
            case REFUSED -> "the host answered with RST";
            case CONNECTED -> begun + ", still open when the program stopped";
            case CLOSED ->
                begun
                        + (stream.bytes() > 0 ? ", " + Units.bytes(stream.bytes()) : "")
                        + ", " + stream.cause + " after " + Units.duration(Math.max(0, stream.durationSeconds));
        };
    }
}
