package org.amverdict.firewall;

import java.util.List;
import java.util.SortedSet;
import org.amverdict.firewall.BaseChain.Hook;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.Rule.Match;

/** Conditions of rules that can be evaluated for a hypothetical packet. Stateless. */
final class Matches {
    /** Not known: depends on a set, a rate, the hour and so on, or could not be read. */
    static final Match UNKNOWN = sight -> Certainty.PERHAPS;

    static final Match NEVER = sight -> Certainty.NO;

    static final Match ALWAYS = sight -> Certainty.YES;

    private Matches() {}

    /** One of these. */
    static Match any(final List<Match> matches) {
        return sight -> {
            Certainty any = Certainty.NO;
            for (final Match match : matches) {
                any = any.or(match.of(sight));
                if (any == Certainty.YES) {
                    break;
                }
            }
            return any;
        };
    }

    static Match all(final List<Match> matches) {
        return sight -> {
            Certainty all = Certainty.YES;
            for (final Match match : matches) {
                all = all.and(match.of(sight));
            }
            return all;
        };
    }

    static Match not(final Match match) {
        return sight -> match.of(sight).not();
    }

    static Match source(final AddressPattern pattern) {
        return sight -> pattern.has(sight.packet.source().host());
    }

    static Match destination(final AddressPattern pattern) {
        return sight -> sight.translated() == Certainty.NO || sight.packet.state() == ProbePacket.State.ESTABLISHED
                ? pattern.has(sight.packet.destination().host())
                : Certainty.PERHAPS;
    }

    /** A rule has perhaps given the packet another destination, which is not followed. */
    static boolean isElsewhere(final Sight sight) {
        return sight.packet.state() != ProbePacket.State.ESTABLISHED && sight.translated() != Certainty.NO;
    }

    static Match sourcePort(final Range ports) {
        return sight -> ports.has(sight.packet.source().ports());
    }

    static Match destinationPort(final Range ports) {
        return sight -> sight.translated() == Certainty.NO || sight.packet.state() == ProbePacket.State.ESTABLISHED
                ? ports.has(sight.packet.destination().ports())
                : Certainty.PERHAPS;
    }

    static Match ipv4(final boolean wanted) {
        return sight -> Certainty.of(sight.packet.ipv4() == wanted);
    }

    static Match tcp(final boolean wanted) {
        return sight -> Certainty.of(sight.packet.tcp() == wanted);
    }

    /**
     * The interface that the packet came by or leaves by. It is never lo: the packet is between different hosts.
     *
     * @param in otherwise out
     * @param pattern a name, or the beginning of one and the wildcard
     * @param wildcard "+" for iptables, "*" for nft
     */
    static Match networkInterface(final boolean in, final String pattern, final String wildcard) {
        final boolean prefix = pattern.endsWith(wildcard);
        final String name = prefix ? pattern.substring(0, pattern.length() - wildcard.length()) : pattern;
        return sight -> {
            if (prefix && name.isEmpty()) {
                return Certainty.YES;
            }
            if (isAbsent(in, sight)) {
                return Certainty.NO;
            }
            final SortedSet<String> links =
                    in ? sight.packet.links().in() : sight.packet.links().out();
            if (!prefix && name.equals("lo")) {
                return Certainty.NO;
            }
            final long fitting = links.stream()
                    .filter(link -> prefix ? link.startsWith(name) : link.equals(name))
                    .count();
            if (links.isEmpty() || (!in && isElsewhere(sight))) {
                return Certainty.PERHAPS;
            }
            return Certainty.of(fitting > 0).butPerhapsNot(fitting < links.size());
        };
    }

    /** At the hook the packet has no such interface, or it is not known to rules yet. */
    static boolean isAbsent(final boolean in, final Sight sight) {
        return switch (sight.hook()) {
            case INGRESS, PREROUTING, INPUT -> !in;
            case OUTPUT -> in;
            case POSTROUTING, EGRESS -> in && sight.path == Path.OUT;
            case FORWARD -> false;
        };
    }

    /** Whether the packet comes by the interface that the route back leads to, as with fib and rpfilter. */
    static Match routeBack() {
        return sight ->
                sight.hook() == Hook.OUTPUT || sight.packet.links().in().isEmpty() ? Certainty.PERHAPS : Certainty.YES;
    }

    /** The type of an address, as the kernel's routes say: local, unicast, or another one. */
    static Match addressType(final boolean source, final String type) {
        return sight -> {
            final boolean local = sight.path == (source ? Path.OUT : Path.IN);
            return switch (type) {
                case "local" -> local ? Certainty.YES : Certainty.NO;
                case "unicast" -> local ? Certainty.NO : Certainty.YES;
                // One host is none of these; whether a route refuses it is not looked up.
                case "broadcast", "anycast", "multicast" -> Certainty.NO;
                default -> local ? Certainty.NO : Certainty.PERHAPS;
            };
        };
    }

    static Match mark(final Bits value, final long mask) {
        return sight -> sight.mark().and(Bits.of(mask)).equal(value);
    }

    /** Most conditions about a connection do not match without one, not even their negation. */
    static final Match CONNECTION = Sight::hasConnection;

    static Match connectionMark(final Bits value, final long mask) {
        return sight -> sight.connectionMark().and(Bits.of(mask)).equal(value);
    }

    /** A word of bits of the packet, compared as a whole. */
    static Match equal(final Word left, final Word right) {
        return sight -> left.of(sight).equal(right.of(sight));
    }

    /** One of the bits is set. */
    static Match anyBit(final Word left, final Word right) {
        return sight -> left.of(sight).and(right.of(sight)).equal(Bits.of(0)).not();
    }

    /** A word of bits that rules compare. */
    @FunctionalInterface
    interface Word {
        Bits of(Sight sight);
    }
}
