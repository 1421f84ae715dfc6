package org.amverdict.firewall;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.firewall.Rule.Match;
import org.amverdict.policy.HostPrefix;

/** Conditions of rules that can be evaluated for a hypothetical packet. Stateless. */
final class Matches {
    /** Not known: depends on an interface, a mark, a set, a rate and so on. */
    static final Match UNKNOWN = packet -> MatchResult.MAYBE;

    static final Match NEVER = packet -> MatchResult.NO;

    private Matches() {}

    static Match source(final Collection<HostPrefix> hosts) {
        return packet -> MatchResult.of(
                hosts.stream().anyMatch(host -> host.contains(packet.source().host())));
    }

    static Match destination(final Collection<HostPrefix> hosts) {
        return packet -> MatchResult.of(hosts.stream()
                .anyMatch(host -> host.contains(packet.destination().host())));
    }

    static Match protocol(final Collection<String> names) {
        return packet -> MatchResult.of(names.contains(packet.protocol())
                || names.contains(packet.tcp() ? "6" : "17")
                || names.contains("all"));
    }

    static Match sourcePort(final List<Range> ports) {
        return packet -> MatchResult.of(
                ports.stream().anyMatch(range -> range.has(packet.source().port())));
    }

    static Match destinationPort(final List<Range> ports) {
        return packet -> MatchResult.of(
                ports.stream().anyMatch(range -> range.has(packet.destination().port())));
    }

    static Match eitherPort(final List<Range> ports) {
        return packet -> MatchResult.of(ports.stream()
                .anyMatch(range -> range.has(packet.source().port())
                        || range.has(packet.destination().port())));
    }

    /** The packets are between other hosts or have left the loopback. */
    static Match networkInterface(final String name) {
        return packet -> name.equals("lo") ? MatchResult.NO : name.equals("+") ? MatchResult.YES : MatchResult.MAYBE;
    }

    /** The state of conntrack; DNAT and SNAT, which are states too, are not known. */
    static Match state(final Collection<String> states) {
        final List<String> upper =
                states.stream().map(state -> state.toUpperCase(Locale.ROOT)).toList();
        return packet -> upper.contains(packet.state().name())
                ? MatchResult.YES
                : upper.contains("DNAT") || upper.contains("SNAT") ? MatchResult.MAYBE : MatchResult.NO;
    }

    /** Some of these flags, among those that are looked at. The first packet is a SYN, the later ones are ACKs. */
    static Match tcpFlags(final Collection<String> lookedAt, final Collection<String> wanted) {
        return packet -> {
            if (!packet.tcp()) {
                return MatchResult.NO;
            }
            final String own = packet.state() == State.ESTABLISHED ? "ACK" : "SYN";
            boolean same = true;
            for (final String flag : List.of("FIN", "SYN", "RST", "PSH", "ACK", "URG")) {
                if (lookedAt.contains(flag) || lookedAt.contains("ALL")) {
                    // PSH varies in established connections.
                    if (flag.equals("PSH") && packet.state() == State.ESTABLISHED) {
                        return MatchResult.MAYBE;
                    }
                    same &= wanted.contains(flag) == flag.equals(own);
                }
            }
            return MatchResult.of(same);
        };
    }

    /** The mark of the connection: none yet while it is new. */
    static Match connectionMark(final long value, final long mask) {
        return packet -> packet.state() == State.NEW ? MatchResult.of((value & mask) == 0) : MatchResult.MAYBE;
    }

    /** Where part of the condition is not understood: then a no is not certain. */
    static Match orUnknown(final Match match, final boolean incomplete) {
        return incomplete ? packet -> match.of(packet) == MatchResult.YES ? MatchResult.YES : MatchResult.MAYBE : match;
    }

    static Match not(final Match match) {
        return packet -> match.of(packet).negatedIf(true);
    }
}
