package org.amverdict.history;

import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Reason;
import org.amverdict.events.EventRecord;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * Why a packet was wrong, at the time it was judged: made once by {@link Facts}, put into words by
 * {@link DropExplanation}, and never changed by later events.
 */
public final class Fact {
    private static final int[] NO_PORTS = {};

    final Reason reason;
    final Cause cause;
    final Refusal refusal;
    final @Nullable Service service;
    final int decodeStatus;
    /** Whether it was parsed as an Amanda datagram. */
    final boolean read;

    final IpAddress source;
    final int sourcePort;
    final IpAddress destination;
    final int destinationPort;
    /** The address that was asked, or is expected; see {@link org.amverdict.engine.Decision#otherHigh}. */
    final IpAddress other;
    /** {@link org.amverdict.engine.Decision#causeNumber}. */
    final long number;
    /** Nearest port that the engine expected, 0 if none. */
    final int nearestPort;
    /** Ports that a refused REP announced. */
    final int[] announced;

    final Details details;

    /** Names of the interface by which a packet should have arrived, and of the one by which it did. */
    record Interfaces(String expected, String actual) {}

    /**
     * The results of the look-ups when the record was read.
     *
     * @param line name of the line of {@code allow} in force, null if none had these hosts
     * @param ports the stream ports or the requester ports of that line, depending on the cause
     * @param past the state of the announced port
     * @param exchange the state of the exchange
     * @param interfaces by which the packet should have arrived, and did
     * @param limit the limit that was reached
     */
    record Details(
            @Nullable String line,
            @Nullable PortSet ports,
            @Nullable Past past,
            PastExchanges.@Nullable PastExchange exchange,
            @Nullable Interfaces interfaces,
            int limit) {
        static final Details NONE = new Details(null, null, null, null, null, 0);

        static Details of(final @Nullable String line, final @Nullable PortSet ports) {
            return new Details(line, ports, null, null, null, 0);
        }

        static Details of(final @Nullable Past past) {
            return new Details(null, null, past, null, null, 0);
        }

        static Details of(final PastExchanges.@Nullable PastExchange exchange, final int limit) {
            return new Details(null, null, null, exchange, null, limit);
        }
    }

    /** @param cause the cause as known by now, which may be more than the engine knew */
    Fact(final EventRecord event, final Cause cause, final Details details) {
        this.cause = cause;
        this.details = details;
        reason = event.reason();
        refusal = event.refusal();
        service = event.service();
        decodeStatus = event.decodeStatus();
        read = event.type() != null;
        source = event.source();
        sourcePort = event.sourcePort();
        destination = event.destination();
        destinationPort = event.destinationPort();
        other = event.other();
        number = event.causeNumber();
        nearestPort = event.nearestPort();
        announced = event.refusedCount() == 0 ? NO_PORTS : new int[event.refusedCount()];
        for (int i = 0; i < announced.length; i++) {
            announced[i] = event.streamPort(i);
        }
    }

    /** Whether {@link #other} is an address. */
    boolean hasOther() {
        return cause == Cause.OTHER_ADDRESS || cause == Cause.OTHER_REQUESTER;
    }

    /** Whether it concerns a REP that announced this port and opened nothing. */
    boolean announces(final int port) {
        for (final int each : announced) {
            if (each == port) {
                return true;
            }
        }
        return false;
    }
}
