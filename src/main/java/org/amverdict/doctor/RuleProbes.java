package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.doctor.Passages.Passage;
import org.amverdict.doctor.Passages.Way;
import org.amverdict.firewall.Certainty;
import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.ProbePacket;
import org.amverdict.firewall.ProbePacket.End;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.firewall.RuleTrace;
import org.amverdict.firewall.RuleTrace.Step;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.StaticRange;

/**
 * What the rules do with the packets of the configured hosts: for each line of the configuration and each family, one
 * exchange for each pair of hosts that rules, routes and addresses tell apart, walked through the rules. Immutable.
 */
final class RuleProbes {
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
        RELATED;

        private boolean tcp() {
            return switch (this) {
                case REQUEST, REPLY, OTHER_UDP -> false;
                default -> true;
            };
        }
    }

    /**
     * One packet and its path.
     *
     * @param kind its role in the exchange
     * @param passage between which hosts
     * @param trace its path
     */
    record Probe(Kind kind, Passage passage, RuleTrace trace) {
        boolean ipv4() {
            return passage.requester().isIpv4();
        }

        /** Where rules for it belong, as in {@code rules --at}. */
        String at() {
            return passage.way().at();
        }

        /** The rules that hand it to the program, reached or not. */
        List<Step> queues() {
            return trace.queues();
        }

        /** Whether a rule would hand it to the program, even if something stops it before. */
        boolean meetsQueue() {
            return !queues().isEmpty();
        }

        /** Whether the program surely gets it. */
        boolean isQueued() {
            return trace.reachesQueue() == Certainty.YES;
        }

        /** What surely drops it. */
        Optional<Step> dropped() {
            return trace.isDropped() == Certainty.YES
                    ? trace.droppers().stream().findFirst()
                    : Optional.empty();
        }

        /** Queues of another program that it meets in a chain before the program's own, or instead of any. */
        List<Step> strangers() {
            return trace.foreignQueues().stream()
                    .filter(step -> queues().isEmpty()
                            || queues().stream()
                                    .anyMatch(own -> own.chain()
                                            .place()
                                            .equals(step.chain().place())))
                    .toList();
        }

        @Override
        public String toString() {
            return trace.packet().toString();
        }

        /** Whether the program must judge it. */
        boolean judged() {
            return switch (kind) {
                case REQUEST, REPLY, SYN, LEGACY_RECOVERY -> true;
                default -> false;
            };
        }
    }

    private final List<Probe> probes;
    private final List<Probe> incidental;
    private final boolean complete;
    private final Firewall firewall;
    private final Lines lines;

    private RuleProbes(
            final Firewall firewall,
            final Lines lines,
            final List<Probe> probes,
            final List<Probe> incidental,
            final boolean complete) {
        this.firewall = firewall;
        this.lines = lines;
        this.probes = List.copyOf(probes);
        this.incidental = List.copyOf(incidental);
        this.complete = complete;
    }

    static RuleProbes of(final Firewall firewall, final Passages passages, final Lines lines) {
        final Walk walk = new Walk(firewall, passages, lines);
        for (final boolean ipv4 : new boolean[] {true, false}) {
            for (final Allowance line : lines.allow()) {
                walk.allowance(line, ipv4);
            }
            for (final StaticRange line : lines.statics()) {
                walk.range(line, ipv4);
            }
        }
        return new RuleProbes(firewall, lines, walk.probes, walk.incidental, walk.complete);
    }

    /** Fills the lists, line by line. */
    private static final class Walk {
        private final List<Probe> probes = new ArrayList<>();
        private final List<Probe> incidental = new ArrayList<>();
        private final Firewall firewall;
        private final Passages passages;
        private final Lines lines;
        private boolean complete = true;
        private int pairs;

        Walk(final Firewall firewall, final Passages passages, final Lines lines) {
            this.firewall = firewall;
            this.passages = passages;
            this.lines = lines;
        }

        void allowance(final Allowance line, final boolean ipv4) {
            final List<Integer> ports = passages.cells().of(line.streamPorts());
            final Map<Way, List<Probe>> optional = new EnumMap<>(Way.class);
            for (final Passage passage : pairs(line.requesters(), line.responders(), ipv4)) {
                final List<Probe> walked = new ArrayList<>();
                exchange(new Exchange(firewall, passages, lines, passage, walked), line, ports);
                keep(passage, walked, optional);
            }
            settle(optional);
        }

        void range(final StaticRange line, final boolean ipv4) {
            final List<Integer> ports = passages.cells().of(line.tcp());
            final Map<Way, List<Probe>> optional = new EnumMap<>(Way.class);
            for (final Passage passage : pairs(line.from(), line.to(), ipv4)) {
                final List<Probe> walked = new ArrayList<>();
                new Exchange(firewall, passages, lines, passage, walked).streams(ports);
                keep(passage, walked, optional);
            }
            settle(optional);
        }

        private List<Passage> pairs(final HostSet from, final HostSet to, final boolean ipv4) {
            final List<Passage> all = passages.of(from, to, ipv4);
            final int left = Math.max(0, Passages.PAIRS_MAX - pairs);
            complete &= all.size() < Passages.PAIRS_MAX && all.size() <= left;
            pairs += all.size();
            return all.subList(0, Math.min(all.size(), left));
        }

        private void exchange(final Exchange exchange, final Allowance line, final List<Integer> ports) {
            for (final int control : lines.controlPorts()) {
                exchange.forth(Kind.REQUEST, "REQ", REQUESTER_PORT, control, State.NEW);
                exchange.forth(Kind.REQUEST, "ACK", REQUESTER_PORT, control, State.ESTABLISHED);
                exchange.back(Kind.REPLY, "REP", control, REQUESTER_PORT, State.ESTABLISHED);
                exchange.back(Kind.REPLY, "late REP", control, REQUESTER_PORT, State.NEW);
            }
            exchange.streams(ports);
            exchange.forth(Kind.OTHER_UDP, "other UDP", OTHER_PORT, OTHER_PORT, State.NEW);
            exchange.forth(Kind.RELATED, "SYN of a stream", EPHEMERAL_PORT, ports.get(0), State.RELATED);
            if (line.legacyRecovery()) {
                final String what = "legacy recovery";
                exchange.forth(Kind.LEGACY_RECOVERY, what, EPHEMERAL_PORT, LEGACY_RECOVERY_PORT, State.ESTABLISHED);
                exchange.back(Kind.LEGACY_RECOVERY, what, LEGACY_RECOVERY_PORT, EPHEMERAL_PORT, State.ESTABLISHED);
            }
        }

        private void keep(final Passage passage, final List<Probe> walked, final Map<Way, List<Probe>> optional) {
            if (passage.required()) {
                probes.addAll(walked);
            } else {
                optional.computeIfAbsent(passage.way(), way -> new ArrayList<>())
                        .addAll(walked);
            }
        }

        /** Where some of them meet a queue, the operator means all of them. */
        private void settle(final Map<Way, List<Probe>> optional) {
            optional.values().forEach(walked -> {
                final boolean meant = walked.stream().anyMatch(Probe::meetsQueue);
                (meant ? probes : incidental).addAll(walked);
            });
        }
    }

    /** Walks the packets of one exchange. */
    private record Exchange(Firewall firewall, Passages passages, Lines lines, Passage passage, List<Probe> walked) {
        /** First packets to each port, later ones of one stream. */
        void streams(final List<Integer> ports) {
            for (final int port : ports) {
                forth(Kind.SYN, "SYN", EPHEMERAL_PORT, port, State.NEW);
            }
            forth(Kind.ESTABLISHED, "data", EPHEMERAL_PORT, ports.get(0), State.ESTABLISHED);
            back(Kind.ESTABLISHED, "data", ports.get(0), EPHEMERAL_PORT, State.ESTABLISHED);
        }

        /** A packet to the responder, between these ports. */
        void forth(final Kind kind, final String what, final int from, final int to, final State state) {
            final End requester = new End(passage.requester(), from);
            walk(
                    kind,
                    what,
                    requester,
                    new End(passage.responder(), to),
                    state,
                    passage.way().forth());
        }

        /** A packet to the requester, between these ports. */
        void back(final Kind kind, final String what, final int from, final int to, final State state) {
            final End responder = new End(passage.responder(), from);
            walk(
                    kind,
                    what,
                    responder,
                    new End(passage.requester(), to),
                    state,
                    passage.way().back());
        }

        private void walk(
                final Kind kind,
                final String what,
                final End source,
                final End destination,
                final State state,
                final Path path) {
            final Links links = passages.links(source.host(), destination.host(), path);
            final ProbePacket packet = new ProbePacket(what, source, destination, kind.tcp(), state, links);
            walked.add(new Probe(kind, passage, firewall.trace(packet, path, lines.queues())));
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
        return probes.stream().filter(Probe::judged).toList();
    }

    /** Packets of this host's own address that is in a range by chance, as it seems: no rule queues any. */
    List<Probe> incidental() {
        return incidental;
    }

    /** Whether any packet of that family would meet a queue, even if something stops it before. */
    boolean meetsQueue(final boolean ipv4) {
        return judged().stream().anyMatch(probe -> probe.ipv4() == ipv4 && probe.meetsQueue());
    }

    /** The same, of packets that pass this way. */
    boolean meetsQueue(final boolean ipv4, final Way way) {
        return judged().stream()
                .anyMatch(probe -> probe.ipv4() == ipv4 && probe.passage().way() == way && probe.meetsQueue());
    }

    /** Whether the configuration has a line for that family. */
    boolean has(final boolean ipv4) {
        return probes.stream().anyMatch(probe -> probe.ipv4() == ipv4);
    }

    /** Where the rules are, or belong: the places that the configuration needs. */
    Set<Way> ways() {
        final Set<Way> ways = EnumSet.noneOf(Way.class);
        probes.forEach(probe -> ways.add(probe.passage().way()));
        return ways;
    }

    /** Which tool's rules queue the packets, empty if none does. */
    Optional<String> tool() {
        final Set<String> tools = new TreeSet<>();
        judged().forEach(probe -> probe.queues()
                .forEach(step -> tools.add(step.chain().place().tool().equals("nft") ? "nft" : "iptables")));
        return tools.stream().findFirst();
    }

    /** The first packets of streams, by their pairs of hosts, as they go on if the program leaves them to the other rules. */
    Map<Passage, List<Probe>> left() {
        final Map<Passage, List<Probe>> all = new LinkedHashMap<>();
        for (final Probe probe : ofKind(Kind.SYN)) {
            if (probe.meetsQueue()) {
                final Path path = probe.passage().way().forth();
                final RuleTrace trace = firewall.traceLeft(probe.trace().packet(), path, lines.queues());
                all.computeIfAbsent(probe.passage(), passage -> new ArrayList<>())
                        .add(new Probe(probe.kind(), probe.passage(), trace));
            }
        }
        return all;
    }

    /** Whether all pairs of hosts were followed. */
    boolean complete() {
        return complete;
    }

    static String family(final boolean ipv4) {
        return ipv4 ? "IPv4" : "IPv6";
    }
}
