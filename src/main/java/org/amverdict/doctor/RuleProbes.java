package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.config.Settings;
import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.OwnQueues;
import org.amverdict.firewall.ProbePacket;
import org.amverdict.firewall.ProbePacket.End;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.firewall.Range;
import org.amverdict.firewall.RuleTrace;
import org.amverdict.host.LocalAddresses;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.StaticRange;

/**
 * What the rules do with the packets of the configured hosts: for each line of the configuration and each family one
 * exchange between two of its hosts, walked through the rules. Immutable.
 */
final class RuleProbes {
    /** More lines than this are not walked. */
    static final int LINES_MAX = 64;

    private static final int REQUESTER_PORT = 850;
    private static final int EPHEMERAL_PORT = 45_000;
    private static final int OTHER_PORT = 20_001;
    private static final int LEGACY_RECOVERY_PORT = AmandaPorts.AMIDXTAPE;

    /** Which packet of the exchange. */
    enum Kind {
        /** REQ, from the requester to the control port. */
        REQUEST,
        /** REP and all other answers, back. */
        REPLY,
        /** First packet of a stream or of a static connection. */
        SYN,
        /** Later packets of a stream, either direction. */
        ESTABLISHED,
        /** Connection of legacy recovery, which is inspected in full. */
        LEGACY_RECOVERY,
        /** UDP that is not Amanda's: queued in placement inline and offload. */
        OTHER_UDP,
        /** The first packet of a stream that the kernel's helper expected. */
        RELATED
    }

    /**
     * One packet and its path.
     *
     * @param kind its role in the exchange
     * @param ipv4 its family
     * @param at where rules for it belong, as in {@code rules --at}
     * @param trace its path
     */
    record Probe(Kind kind, boolean ipv4, String at, RuleTrace trace) {}

    /** Where packets between two hosts pass: their own hooks, or those of a router. */
    private record Place(HostPrefix requester, HostPrefix responder, Path forth, Path back, String at) {}

    private final List<Probe> probes;
    private final boolean complete;

    private RuleProbes(final List<Probe> probes, final boolean complete) {
        this.probes = List.copyOf(probes);
        this.complete = complete;
    }

    static RuleProbes of(final Firewall firewall, final LocalAddresses local, final Settings settings) {
        final List<Probe> probes = new ArrayList<>();
        int lines = 0;
        for (final boolean ipv4 : new boolean[] {true, false}) {
            for (final Allowance line : settings.allow()) {
                if (++lines <= LINES_MAX) {
                    addExchange(firewall, local, settings, line, ipv4, probes);
                }
            }
            for (final StaticRange line : settings.statics()) {
                if (++lines <= LINES_MAX) {
                    addStatic(firewall, local, settings, line, ipv4, probes);
                }
            }
        }
        return new RuleProbes(probes, lines <= LINES_MAX);
    }

    private static void addExchange(
            final Firewall firewall,
            final LocalAddresses local,
            final Settings settings,
            final Allowance line,
            final boolean ipv4,
            final List<Probe> probes) {
        final int control = settings.controlPorts().first(0);
        List<Probe> best = List.of();
        for (final Place place : places(local, line.requesters(), line.responders(), ipv4)) {
            final Walker walker = new Walker(firewall, queues(settings), place, ipv4, new ArrayList<>());
            walker.forth(Kind.REQUEST, "REQ", false, REQUESTER_PORT, control, State.NEW);
            walker.forth(Kind.REQUEST, "ACK", false, REQUESTER_PORT, control, State.ESTABLISHED);
            walker.back(Kind.REPLY, "REP", false, control, REQUESTER_PORT, State.ESTABLISHED);
            walker.back(Kind.REPLY, "late REP", false, control, REQUESTER_PORT, State.NEW);
            final int stream = line.streamPorts().first(0);
            walker.stream(stream);
            walker.forth(Kind.OTHER_UDP, "other UDP", false, OTHER_PORT, OTHER_PORT, State.NEW);
            walker.forth(Kind.RELATED, "SYN of a stream", true, EPHEMERAL_PORT, stream, State.RELATED);
            if (line.legacyRecovery()) {
                walker.forth(
                        Kind.LEGACY_RECOVERY,
                        "legacy recovery",
                        true,
                        EPHEMERAL_PORT,
                        LEGACY_RECOVERY_PORT,
                        State.ESTABLISHED);
                walker.back(
                        Kind.LEGACY_RECOVERY,
                        "legacy recovery",
                        true,
                        LEGACY_RECOVERY_PORT,
                        EPHEMERAL_PORT,
                        State.ESTABLISHED);
            }
            // A host may be in both ranges: the operator means the place where the rules queue.
            if (best.isEmpty() || queues(walker.probes()) > queues(best)) {
                best = walker.probes();
            }
        }
        probes.addAll(best);
    }

    private static void addStatic(
            final Firewall firewall,
            final LocalAddresses local,
            final Settings settings,
            final StaticRange line,
            final boolean ipv4,
            final List<Probe> probes) {
        List<Probe> best = List.of();
        for (final Place place : places(local, line.from(), line.to(), ipv4)) {
            final Walker walker = new Walker(firewall, queues(settings), place, ipv4, new ArrayList<>());
            walker.stream(line.tcp().first(0));
            if (best.isEmpty() || queues(walker.probes()) > queues(best)) {
                best = walker.probes();
            }
        }
        probes.addAll(best);
    }

    private static OwnQueues queues(final Settings settings) {
        return new OwnQueues(
                settings.queues().stream()
                        .map(range -> new Range(range.first(), range.last()))
                        .toList(),
                settings.marks().mask());
    }

    private static long queues(final List<Probe> probes) {
        return probes.stream()
                .filter(probe -> !probe.trace().queues().isEmpty())
                .count();
    }

    private static List<Place> places(
            final LocalAddresses local, final HostSet requesters, final HostSet responders, final boolean ipv4) {
        final List<Place> places = new ArrayList<>();
        final Optional<HostPrefix> asker = local.outside(requesters, ipv4);
        final Optional<HostPrefix> answerer = local.outside(responders, ipv4);
        final Optional<HostPrefix> ownAsker = local.in(requesters, ipv4);
        final Optional<HostPrefix> ownAnswerer = local.in(responders, ipv4);
        if (asker.isPresent() && answerer.isPresent()) {
            places.add(new Place(asker.get(), answerer.get(), Path.ACROSS, Path.ACROSS, "forward"));
        }
        if (asker.isPresent() && ownAnswerer.isPresent()) {
            places.add(new Place(asker.get(), ownAnswerer.get(), Path.IN, Path.OUT, "client"));
        }
        if (ownAsker.isPresent() && answerer.isPresent()) {
            places.add(new Place(ownAsker.get(), answerer.get(), Path.OUT, Path.IN, "server"));
        }
        return places;
    }

    private record Walker(Firewall firewall, OwnQueues queues, Place place, boolean ipv4, List<Probe> probes) {
        void stream(final int port) {
            forth(Kind.SYN, "SYN", true, EPHEMERAL_PORT, port, State.NEW);
            forth(Kind.ESTABLISHED, "data", true, EPHEMERAL_PORT, port, State.ESTABLISHED);
            back(Kind.ESTABLISHED, "data", true, port, EPHEMERAL_PORT, State.ESTABLISHED);
        }

        /** A packet to the responder, between these ports. */
        void forth(
                final Kind kind,
                final String what,
                final boolean tcp,
                final int from,
                final int to,
                final State state) {
            walk(
                    kind,
                    new ProbePacket(what, new End(place.requester, from), new End(place.responder, to), tcp, state),
                    place.forth);
        }

        /** A packet to the requester, between these ports. */
        void back(
                final Kind kind,
                final String what,
                final boolean tcp,
                final int from,
                final int to,
                final State state) {
            walk(
                    kind,
                    new ProbePacket(what, new End(place.responder, from), new End(place.requester, to), tcp, state),
                    place.back);
        }

        private void walk(final Kind kind, final ProbePacket packet, final Path path) {
            probes.add(new Probe(kind, ipv4, place.at, firewall.trace(packet, path, queues)));
        }
    }

    /** All packets. */
    List<Probe> all() {
        return probes;
    }

    /** Those of one kind. */
    List<Probe> ofKind(final Kind kind) {
        return probes.stream().filter(probe -> probe.kind() == kind).toList();
    }

    /** Packets that must be judged by the program. */
    List<Probe> judged() {
        return probes.stream()
                .filter(probe -> switch (probe.kind()) {
                    case REQUEST, REPLY, SYN, LEGACY_RECOVERY -> true;
                    default -> false;
                })
                .toList();
    }

    /** Whether any packet of that family would meet a queue, even if something stops it before. */
    boolean meetsQueue(final boolean ipv4) {
        return judged().stream()
                .anyMatch(
                        probe -> probe.ipv4() == ipv4 && !probe.trace().queues().isEmpty());
    }

    /** Whether the configuration has a line for that family. */
    boolean has(final boolean ipv4) {
        return probes.stream().anyMatch(probe -> probe.ipv4() == ipv4);
    }

    /** Where the rules are, or belong: the place that most lines of the configuration need, with forward first. */
    String at() {
        final List<String> places = probes.stream().map(Probe::at).toList();
        return places.isEmpty() || places.contains("forward") ? "forward" : places.get(0);
    }

    /** Which tool's rules queue the packets, iptables if none does. */
    String format() {
        return judged().stream()
                        .flatMap(probe -> probe.trace().queues().stream())
                        .anyMatch(step -> step.chain().place().tool().equals("nft"))
                ? "nft"
                : "iptables";
    }

    /** Whether all lines of the configuration were examined. */
    boolean complete() {
        return complete;
    }

    static String family(final boolean ipv4) {
        return ipv4 ? "IPv4" : "IPv6";
    }
}
