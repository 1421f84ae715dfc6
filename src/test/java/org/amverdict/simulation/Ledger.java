package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.engine.Reason;
import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what was asked, announced and let in, and holds P1 to P6 against it. It knows nothing of how the engine
 * decides: every admitted packet must be justified by earlier admitted packets and the current policy.
 */
final class Ledger {
    private static final long SECOND = Simulation.SECOND;
    /** How long an unanswered SYN may be repeated. */
    private static final long SYN_SENT = 120 * SECOND;

    private static final int UNPRIVILEGED = 1024;
    /** From here on, ports may be those of a requester of old recovery. */
    private static final int UNRESERVED = 512;

    private static final int TAPE_PORT = 10_083;
    private static final long LEGACY_LIFETIME = 30 * SECOND;
    private static final int AHEAD = 1 << 20;
    /** Quotas are counted after each of so many packets. */
    private static final int QUOTA_CHECKS = 16;

    /** One request: its hosts and names. */
    private record Name(Way way, String handle, String number) {}

    private static final class Asked {
        /** Null for an old recovery. */
        final @Nullable Service service;

        final int requesterSide;
        final int responderSide;
        boolean loose;
        boolean replied;
        boolean closed;

        Asked(final @Nullable Service service, final int requesterSide, final int responderSide) {
            this.service = service;
            this.requesterSide = requesterSide;
            this.responderSide = responderSide;
        }
    }

    /** Requester, responder and port. */
    private record Place(String requester, String responder, int port) {}

    /** What one REP granted for one port. */
    private static final class Grant {
        final Name name;
        final Asked asked;
        long until;
        int taken;
        int refusals;

        Grant(final Name name, final Asked asked, final long until) {
            this.name = name;
            this.asked = asked;
            this.until = until;
        }
    }

    /** A connection that was let in. */
    private static final class Let {
        final int sequence;
        final long since;
        final @Nullable Grant grant;
        final int openerSide;
        final int otherSide;
        long last;
        boolean answered;
        /** Of the responder's SYN/ACK. */
        int otherSequence;

        /** All of the handshake was seen. */
        boolean complete;

        boolean ending;
        boolean unsure;

        Let(
                final int sequence,
                final long since,
                final @Nullable Grant grant,
                final int openerSide,
                final int otherSide) {
            this.sequence = sequence;
            this.since = since;
            this.last = since;
            this.grant = grant;
            this.openerSide = openerSide;
            this.otherSide = otherSide;
        }
    }

    private final Plan plan;
    private final Network network;
    private final Map<Name, Asked> asked = new HashMap<>();
    private final Map<Place, List<Grant>> grants = new HashMap<>();
    private final Map<Way, Let> lets = new HashMap<>();
    private final Set<Way> adopted = new HashSet<>();
    private final Map<Reason, Integer> accepted = new EnumMap<>(Reason.class);
    private final Map<Reason, Integer> dropped = new EnumMap<>(Reason.class);
    private final Map<String, HostPrefix> addresses = new HashMap<>();
    private Policy policy = Policy.of(List.of());
    private int sizeChecks;

    Ledger(final Plan plan, final Network network) {
        this.plan = plan;
        this.network = network;
    }

    void inForce(final Policy newPolicy) {
        policy = newPolicy;
    }

    Map<Reason, Integer> accepted() {
        return accepted;
    }

    Map<Reason, Integer> dropped() {
        return dropped;
    }

    /** After a reboot interfaces have other numbers. */
    void forgetInterfaces() {
        asked.values().forEach(one -> one.loose = true);
        grants.values().forEach(all -> all.forEach(grant -> grant.asked.loose = true));
        lets.values().forEach(one -> one.unsure = true);
    }

    /** After the death of a program that saved nothing. */
    void forgetAll() {
        asked.clear();
        grants.clear();
        lets.values().forEach(one -> one.unsure = true);
    }

    void checkSizes(final Tables tables) {
        final boolean within = tables.transactions().size()
                        <= plan.limits.transactions().capacity()
                && tables.expectations().size() <= plan.limits.expectations().capacity()
                && tables.flows().size() <= plan.limits.flows().capacity();
        check(within, "P6: a table is larger than its limit");
        sizeChecks++;
        if (sizeChecks % QUOTA_CHECKS == 0) {
            checkQuotas(tables);
        }
        if (tables.flows().size() == plan.limits.flows().capacity()) {
            // Any of them may be given up for the next one.
            lets.values().forEach(one -> one.unsure = true);
        }
    }

    private void checkQuotas(final Tables tables) {
        final Map<String, Integer> ofRequester = new HashMap<>();
        tables.expectations()
                .forEach(expectation -> ofRequester.merge(
                        expectation.tuple().sourceHigh() + " "
                                + expectation.tuple().sourceLow(),
                        1,
                        Integer::sum));
        check(
                ofRequester.values().stream()
                        .allMatch(count -> count <= plan.limits.expectations().perRequester()),
                "P6: a requester has more expectations than its quota");
    }

    private static void check(final boolean holds, final String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** A worker has judged this packet, after all those before. */
    void judged(final Passage passage, final Seen.Said seen, final long now) {
        final Packet packet = passage.packet();
        final int in = passage.in();
        (seen.accepted() ? accepted : dropped).merge(seen.reason(), 1, Integer::sum);
        if (plan.isCalm() && passage.honest() && !seen.accepted()) {
            refused(packet, seen, now);
        }
        if (packet instanceof Packet.Datagram datagram) {
            datagram(datagram, in, seen, now);
        } else if (!seen.ports().isEmpty()) {
            check(packet instanceof Packet.Segment, "P1: opened by what is no REP");
        }
        if (packet instanceof Packet.Segment segment && seen.accepted()) {
            segment(segment, in, seen, now);
        }
    }

    /** Nothing but honest exchanges happens, so nothing of them may be refused. */
    private void refused(final Packet packet, final Seen.Said seen, final long now) {
        final Way way = packet.way();
        final boolean announced = packet instanceof Packet.Segment segment
                && segment.begins()
                && grants.getOrDefault(new Place(way.source(), way.target(), way.port()), List.of()).stream()
                        .anyMatch(grant -> grant.taken == 0 && now < grant.until);
        final String what = announced
                ? "O1: the REP was released before its announcement could be taken, "
                : "P9: no attack, and yet an honest packet was refused, ";
        throw new AssertionError(what + seen.text() + ": " + packet);
    }

    private HostPrefix address(final String text) {
        return addresses.computeIfAbsent(text, HostPrefix::parse);
    }

    private @Nullable Allowance allowance(final Way way, final @Nullable Service service) {
        if (service == null) {
            return legacyAllowance(way);
        }
        final HostPrefix from = address(way.source());
        final HostPrefix to = address(way.target());
        return policy.find(new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), 0), service);
    }

    private boolean permits(final Way way) {
        final HostPrefix from = address(way.source());
        final HostPrefix to = address(way.target());
        return policy.permits(new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), 0));
    }

    private boolean isStatic(final Way way) {
        final HostPrefix from = address(way.source());
        final HostPrefix to = address(way.target());
        return policy.staticPort(new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), way.port()));
    }

    /** Whether a packet of that host may come in there: where the host is, where it was seen first, or that is gone. */
    private boolean fits(final int in, final String address, final int first, final boolean loose) {
        return !plan.matchInterfaces || loose || in == first || in == network.of(address) || !network.exists(first);
    }

    // ------------------------------------------------------------------------------------- control datagrams

    private void datagram(final Packet.Datagram datagram, final int in, final Seen.Said seen, final long now) {
        if (!seen.ports().isEmpty()) {
            check(
                    seen.accepted()
                            && datagram.type().equals("REP")
                            && datagram.ports().containsAll(seen.ports()),
                    "P1: opened what no REP announced");
        }
        if (!seen.accepted()) {
            return;
        }
        final boolean answer = policy.isControlPort(datagram.way().sourcePort());
        final Way way = answer ? datagram.way().back() : datagram.way();
        final Name name = new Name(way, datagram.handle(), datagram.number());
        final Asked found = asked.get(name);
        if (answer) {
            check(found != null, "P1: an answer to what was never asked");
            if (found != null) {
                check(
                        policy.isRequesterPort(way.sourcePort()) && allowance(way, found.service) != null,
                        "P1: an exchange goes on that the policy of now forbids");
                check(
                        fits(in, way.target(), found.responderSide, found.loose),
                        "P2: an answer by an interface that the responder is not behind");
                answered(datagram, name, found, seen, now);
            }
        } else if (datagram.type().equals("REQ")) {
            final Service service = Service.ofLabel(datagram.service());
            check(service != null && allowance(way, service) != null, "P1: a request that the policy forbids");
            if (service != null && (found == null || found.closed)) {
                asked.put(name, new Asked(service, in, network.of(way.target())));
            }
        } else {
            check(datagram.type().equals("ACK") && permits(way), "P1: a datagram that the policy forbids");
            if (found != null && found.replied && in == found.requesterSide) {
                found.closed = true;
            }
        }
    }

    private void answered(
            final Packet.Datagram datagram, final Name name, final Asked found, final Seen.Said seen, final long now) {
        if (datagram.type().equals("NAK")) {
            found.closed = true;
            grants.values()
                    .forEach(all -> all.forEach(grant -> {
                        if (grant.name.equals(name)) {
                            grant.until = Math.min(grant.until, now);
                        }
                    }));
        }
        if (!datagram.type().equals("REP") || seen.reason() != Reason.REPLY) {
            return;
        }
        for (final int port : seen.ports()) {
            check(!found.closed, "P3: a REP opens again what is closed");
            final Grant grant =
                    new Grant(name, found, now + plan.limits.expectations().lifetimeNanos());
            grants.computeIfAbsent(
                            new Place(name.way().source(), name.way().target(), port), place -> new ArrayList<>())
                    .add(grant);
        }
        if (seen.ports().isEmpty() && !found.closed) {
            // A repetition gives what is left of the last one more time.
            for (final int port : datagram.ports()) {
                final List<Grant> all = grants.getOrDefault(
                        new Place(name.way().source(), name.way().target(), port), List.of());
                all.stream()
                        .filter(grant -> grant.name.equals(name) && grant.until > now)
                        .forEach(grant ->
                                grant.until = now + plan.limits.expectations().lifetimeNanos());
            }
        }
        found.replied = true;
    }

    // ------------------------------------------------------------------------------------------- connections

    private void segment(final Packet.Segment segment, final int in, final Seen.Said seen, final long now) {
        final Way way = segment.way();
        switch (seen.reason()) {
            case EXPECTED -> take(segment, in, now);
            case CONTROL_TCP -> {
                check(segment.begins() && permits(way) && policy.isControlPort(way.port()), "P1: no control port");
                open(segment, in, null, now);
            }
            case STATIC -> {
                check(segment.begins() && isStatic(way), "P1: no static range of now");
                open(segment, in, null, now);
            }
            case LEGACY_RECOVERY -> {
                if (segment.begins()) {
                    check(isLegacy(way), "P1: no old recovery of now");
                    open(segment, in, null, now);
                } else {
                    followed(segment, in, now);
                    announced(segment, seen, now);
                }
            }
            case REFUSED_REPLY -> {
                check(way.sourcePort() == TAPE_PORT && seen.ports().isEmpty(), "P1: opened what was refused");
                followed(segment, in, now);
            }
            case ESTABLISHED -> {
                check(seen.ports().isEmpty(), "P1: opened by what is no REP");
                if (segment.begins()) {
                    repeated(segment, in, now);
                } else {
                    followed(segment, in, now);
                }
            }
            default -> throw new AssertionError("P1: let in as " + seen.reason().label());
        }
    }

    private boolean isLegacy(final Way way) {
        return way.sourcePort() >= UNRESERVED
                && way.sourcePort() < UNPRIVILEGED
                && (way.port() == TAPE_PORT || way.port() == TAPE_PORT - 1)
                && legacyAllowance(way) != null;
    }

    private @Nullable Allowance legacyAllowance(final Way way) {
        final HostPrefix from = address(way.source());
        final HostPrefix to = address(way.target());
        return policy.findLegacyRecovery(new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), 0));
    }

    /** The text of an old recovery announced a port. */
    private void announced(final Packet.Segment segment, final Seen.Said seen, final long now) {
        final Way way = segment.way().back();
        final Let let = lets.get(way);
        for (final int port : seen.ports()) {
            check(
                    let != null && way.port() == TAPE_PORT && segment.text().endsWith("CONNECT " + port + "\n"),
                    "P1: opened what no text announced");
            if (let != null) {
                final Asked asking = new Asked(null, let.openerSide, let.otherSide);
                final Grant grant = new Grant(new Name(way, "", ""), asking, now + LEGACY_LIFETIME);
                grants.computeIfAbsent(new Place(way.source(), way.target(), port), place -> new ArrayList<>())
                        .add(grant);
            }
        }
    }

    private void open(final Packet.Segment syn, final int in, final @Nullable Grant grant, final long now) {
        final Let earlier = lets.get(syn.way());
        // A SYN to a control port or a static range may be a challenge only, which changes nothing.
        if (grant != null || earlier == null || !isSurelyThere(earlier, now)) {
            final Let let =
                    new Let(syn.sequence(), now, grant, in, network.of(syn.way().target()));
            // Or it is one all the same: only the engine knows whether it has forgotten the earlier one, of either
            // direction.
            final boolean before = earlier != null || lets.containsKey(syn.way().back());
            let.unsure = grant == null && (before || isAdopted(syn.way()));
            lets.put(syn.way(), let);
        }
    }

    private void take(final Packet.Segment syn, final int in, final long now) {
        final Way way = syn.way();
        check(syn.begins(), "P1: only a plain SYN takes an expectation");
        final List<Grant> all = grants.getOrDefault(new Place(way.source(), way.target(), way.port()), List.of());
        check(!all.isEmpty(), "P1, P2: nobody announced that to this host");
        String why = "P4: announced, but not for so long";
        for (final Grant grant : all) {
            final boolean free = grant.taken == 0 || (grant.taken == 1 && grant.refusals > 0);
            final boolean legacy = grant.asked.service == null;
            if (legacy
                    ? way.sourcePort() < UNRESERVED || way.sourcePort() >= UNPRIVILEGED
                    : way.sourcePort() < UNPRIVILEGED) {
                why = "P1: a stream from a port of the wrong kind";
                continue;
            }
            if (now >= grant.until) {
                continue;
            }
            if (!free) {
                why = "P3: announced, and taken already";
                continue;
            }
            final Allowance allowance = allowance(way, grant.asked.service);
            if (allowance == null || !allowance.streamPorts().contains(way.port())) {
                why = "P1: announced, but the policy of now forbids it";
            } else if (!fits(in, way.source(), grant.asked.requesterSide, grant.asked.loose)) {
                why = "P2: announced, but not to the one behind that interface";
            } else {
                grant.taken++;
                open(syn, in, grant, now);
                return;
            }
        }
        throw new AssertionError(why);
    }

    /** A SYN that was let in as one of a connection that is there. */
    private void repeated(final Packet.Segment syn, final int in, final long now) {
        final Way way = syn.way();
        final Let let = lets.get(way);
        check(let != null, "P1: a SYN of a connection that was never let in");
        if (let == null || isStatic(way) || (permits(way) && policy.isControlPort(way.port()))) {
            return;
        }
        // Which SYN it began with is known only to the engine, where a forged one was let in by the policy as well.
        check(
                syn.sequence() == let.sequence || (let.grant == null && let.unsure),
                "P3: another connection of the same addresses and ports");
        check(let.answered || now - let.since < SYN_SENT, "P4: repeating a SYN makes it last longer");
        check(fits(in, way.source(), let.openerSide, let.unsure), "P2: a SYN by an interface its sender is not behind");
    }

    private void followed(final Packet.Segment segment, final int in, final long now) {
        final Way way = segment.way();
        final boolean reply = lets.containsKey(way.back()) && !lets.containsKey(way);
        final Let let = lets.get(reply ? way.back() : way);
        if (let == null) {
            if (!isAdopted(way)) {
                check(plan.adopts && adoptable(way), "P1: of no connection that was let in");
                adopted.add(way);
            }
            return;
        }
        check(
                !isSurelyThere(let, now) || fits(in, way.source(), reply ? let.otherSide : let.openerSide, let.unsure),
                "P2: a packet of a connection by an interface its sender is not behind");
        // It may have been forgotten, and adopted again as one that began unseen.
        let.unsure |= plan.adopts && !isSurelyThere(let, now);
        // A forged segment far from the sequence numbers of its sender keeps no connection.
        final int ahead = segment.sequence() - (reply ? let.otherSequence : let.sequence);
        if (ahead >= 0 && ahead < AHEAD) {
            let.last = now;
        }
        final int answers = segment.acknowledgement() - let.sequence - 1;
        if (reply && segment.has(TcpView.ACK) && answers >= 0 && answers < AHEAD) {
            let.answered |= !segment.has(TcpView.RST);
            let.otherSequence = segment.has(TcpView.SYN) ? segment.sequence() : let.otherSequence;
        }
        if (!reply && let.answered && segment.has(TcpView.ACK)) {
            final int acknowledged = segment.acknowledgement() - let.otherSequence - 1;
            let.complete |= acknowledged >= 0 && acknowledged < AHEAD;
        }
        if (segment.has(TcpView.RST) || segment.has(TcpView.FIN)) {
            let.ending = true;
        }
        if (segment.has(TcpView.RST) && let.grant != null) {
            final boolean refused =
                    reply ? answers == 0 && segment.sequence() == 0 : segment.sequence() == let.sequence + 1;
            let.grant.refusals += refused ? 1 : 0;
        }
    }

    /** The kernel carried the RST that refused this connection, and reports it. */
    void refusedUnseen(final Way opener) {
        final Let let = lets.get(opener);
        if (let != null && let.grant != null) {
            let.grant.refusals++;
            let.ending = true;
        }
    }

    private boolean isAdopted(final Way way) {
        return adopted.contains(way) || adopted.contains(way.back());
    }

    private boolean adoptable(final Way way) {
        final HostPrefix from = address(way.source());
        final HostPrefix to = address(way.target());
        return policy.streamPort(new Tuple().set(from.high(), from.low(), 0, to.high(), to.low(), way.port()))
                || policy.streamPort(
                        new Tuple().set(to.high(), to.low(), 0, from.high(), from.low(), way.sourcePort()));
    }

    /** Whether the engine must still know it. */
    private boolean isSurelyThere(final Let let, final long now) {
        return !let.unsure
                && !let.ending
                && now - let.last < (let.complete ? plan.limits.flows().idleNanos() : SYN_SENT)
                && (let.answered || now - let.since < SYN_SENT);
    }
}
