package org.amverdict.history;

import org.amverdict.amanda.StreamName;
import org.amverdict.console.Units;
import org.amverdict.events.Fault;

/** Describes a connection that no REP announced: why it was let in, and how far it got. Pure. */
final class ConnectionExplanation {
    private ConnectionExplanation() {}

    /** What became of it, as {@code why} answers. */
    static Finding finding(final Connections.Connection connection, final long nowNanos) {
        final boolean well =
                connection.state() == Connections.State.ENDED || connection.state() == Connections.State.ANSWERED;
        return Finding.of(
                connection.openedNanos(),
                "Accepted: " + kind(connection.stream()) + " to port "
                        + connection.ends().destinationPort() + ", "
                        + Units.nanos(nowNanos - connection.openedNanos()) + " ago",
                course(connection),
                well ? connection.openedNanos() : null);
    }

    private static String kind(final StreamName stream) {
        return switch (stream) {
            case CONTROL -> "connection of auth bsdtcp";
            case LEGACY -> "connection of legacy recovery";
            case STATIC -> "connection to a static range";
            case ADOPTED -> "connection that was under way at start";
            default -> stream.name() + " stream that was announced before the start";
        };
    }

    /** How far it got. */
    private static Advice course(final Connections.Connection connection) {
        final Connections.Course course = connection.course();
        final String carried = course.bytes() < 0 ? "" : ", " + Units.bytes(course.bytes());
        final String duration = Units.nanos(course.endedNanos() - connection.openedNanos());
        return switch (course.state()) {
            case LET_THROUGH -> Advice.of(", no end of it was seen");
            case UNSEEN -> Advice.of(", no answer of it was queued, so whether it answered is not known");
            case ANSWERED -> Advice.of(", answered, no end of it was seen");
            case UNANSWERED -> Advice.of(", nobody answered", ": ", "look at the host that was connected to");
            case REFUSED ->
                new Advice(
                        ", refused by the host that was connected to (RST)",
                        "look at the host that was connected to",
                        Fault.ELSEWHERE);
            case ENDED -> Advice.of(carried + ", " + course.cause() + " after " + duration);
        };
    }
}
