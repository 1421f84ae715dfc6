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
    static LogEntry opened(final EventRecord entry) {
        final StringBuilder out = new StringBuilder(120).append("expect ");
        final Service service = entry.service();
        out.append(service == null ? entry.reason().label() : service.label());
        // The reply goes from the responder to the requester, its announced streams the other way.
        out.append(": ").append(entry.destination());
        out.append(" > ").append(entry.source());
        final int streamsAt = out.length() + 2;
        for (int i = 0; i < entry.streamCount(); i++) {
            out.append(i == 0 ? ": " : ", ")
                    .append(entry.streamName(i).label())
                    .append(' ')
                    .append(entry.streamPort(i));
        }
        final LogFields fields = new LogFields()
                .with("event_type", "expect")
                .with("reason", entry.reason().label())
                .with("service", service == null ? null : service.label())
                .with("src_ip", entry.destination().toString())
                .with("dest_ip", entry.source().toString())
                .with("opens", out.substring(streamsAt));
        return new LogEntry(out.toString(), fields);
    }

    /** {@code drop unexpected: tcp 192.0.2.10 port 40000 > 198.51.100.7 port 4000: } and what was wrong with it. */
    static LogEntry first(final EventRecord entry, final Fact fact) {
        final StringBuilder out = new StringBuilder(320);
        appendWhat(out, What.of(entry));
        appendProtocol(out.append(": "), entry.protocol());
        appendEnd(out.append(' '), entry.source(), entry.sourcePort());
        appendEnd(out.append(" > "), entry.destination(), entry.destinationPort());
        if (entry.reason() == Reason.REFUSED_REPLY) {
            appendService(out.append(" ("), entry.service());
            out.append(')');
        }
        final String explanation = DropExplanation.explain(fact);
        final LogFields fields = whatFields(What.of(entry))
                .with("src_ip", entry.source().toString())
                .with("dest_ip", entry.destination().toString());
        if (entry.sourcePort() != 0 || entry.destinationPort() != 0) {
            fields.with("src_port", entry.sourcePort()).with("dest_port", entry.destinationPort());
        }
        final StringBuilder protocol = new StringBuilder();
        appendProtocol(protocol, entry.protocol());
        fields.with("proto", protocol.toString())
                .with(
                        "service",
                        entry.service() == null ? null : entry.service().label())
                .with("explanation", explanation);
        return new LogEntry(out.append(": ").append(explanation).toString(), fields);
    }

    /** {@code drop unexpected: 57 more from 192.0.2.10}. */
    static LogEntry folded(final What what, final IpAddress source, final long count) {
        final StringBuilder out = new StringBuilder(100);
        appendWhat(out, what);
        out.append(": ").append(count).append(" more from ").append(source);
        return new LogEntry(
                out.toString(),
                whatFields(what).with("src_ip", source.toString()).with("count", count));
    }

    private static LogFields whatFields(final What what) {
        return new LogFields()
                .with("event_type", what.decided() == Verdict.DROP ? "drop" : "reply")
                .with("decision", what.decided().label())
                .with("verdict", what.verdict().label())
                .with("reason", what.reason().label())
                .with(
                        "refusal",
                        what.refusal() == Refusal.NONE ? null : what.refusal().label());
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
