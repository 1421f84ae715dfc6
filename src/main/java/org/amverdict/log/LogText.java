package org.amverdict.log;

import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventRecord;
import org.amverdict.history.DropExplanation;
import org.amverdict.history.Fact;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** The words of the human log. Pure. */
final class LogText {
    private LogText() {}

    /**
     * The outcome for a packet, and the reason.
     *
     * @param decided the decision
     * @param verdict the verdict that the kernel got
     */
    record What(Verdict decided, Verdict verdict, Reason reason, Refusal refusal) {
        static What of(final EventRecord event) {
            return new What(event.decided(), event.verdict(), event.reason(), event.refusal());
        }
    }

    /** {@code expect sendbackup: 192.0.2.10 > 198.51.100.7: data 11001, mesg 11003}; without a service, the reason. */
    static String opened(final EventRecord entry) {
        final StringBuilder out = new StringBuilder(120).append("expect ");
        final Service service = entry.service();
        out.append(service == null ? entry.reason().label() : service.label());
        // The reply goes from the responder to the requester, its announced streams the other way.
        out.append(": ").append(entry.destination());
        out.append(" > ").append(entry.source());
        for (int i = 0; i < entry.streamCount(); i++) {
            out.append(i == 0 ? ": " : ", ")
                    .append(entry.streamName(i).label())
                    .append(' ')
                    .append(entry.streamPort(i));
        }
        return out.toString();
    }

    /** {@code drop unexpected: tcp 192.0.2.10 port 40000 > 198.51.100.7 port 4000: } and what was wrong with it. */
    static String first(final EventRecord entry, final Fact fact) {
        final StringBuilder out = new StringBuilder(320);
        appendWhat(out, What.of(entry));
        appendProtocol(out.append(": "), entry.protocol());
        appendEnd(out.append(' '), entry.source(), entry.sourcePort());
        appendEnd(out.append(" > "), entry.destination(), entry.destinationPort());
        if (entry.reason() == Reason.REFUSED_REPLY) {
            appendService(out.append(" ("), entry.service());
            out.append(')');
        }
        return out.append(": ").append(DropExplanation.explain(fact)).toString();
    }

    /** {@code drop unexpected: 57 more from 192.0.2.10}. */
    static String folded(final What what, final IpAddress source, final long count) {
        final StringBuilder out = new StringBuilder(100);
        appendWhat(out, what);
        return out.append(": ")
                .append(count)
                .append(" more from ")
                .append(source)
                .toString();
    }

    private static void appendWhat(final StringBuilder out, final What what) {
        if (what.decided() == Verdict.DROP) {
            out.append(what.verdict() == Verdict.DROP ? "drop " : "would drop ");
        } else {
            out.append("pass ");
        }
        out.append(what.reason().label());
        if (what.refusal() != Refusal.NONE) {
            out.append(' ').append(what.refusal().label());
        }
    }

    private static void appendService(final StringBuilder out, final @Nullable Service service) {
        out.append(service == null ? "?" : service.label());
    }

    private static void appendProtocol(final StringBuilder out, final int protocol) {
        switch (protocol) {
            case PacketView.PROTOCOL_TCP -> out.append("tcp");
            case PacketView.PROTOCOL_UDP -> out.append("udp");
            case PacketView.PROTOCOL_ICMP -> out.append("icmp");
            case PacketView.PROTOCOL_ICMPV6 -> out.append("icmpv6");
            default -> out.append("protocol ").append(protocol);
        }
    }

    private static void appendEnd(final StringBuilder out, final IpAddress address, final int port) {
        out.append(address);
        if (port != 0) {
            out.append(" port ").append(port);
        }
    }
}
