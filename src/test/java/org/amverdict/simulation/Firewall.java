package org.amverdict.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.engine.Reason;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.packet.TcpView;
import org.amverdict.track.Endings;
import org.amverdict.track.SavedRows;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * The engine with its workers, and what the kernel around it does: it carries connections that conntrack knows, lets
 * packets by unseen, and drops what is not read. Every verdict goes to the {@link Ledger}.
 */
final class Firewall {
    private static final long SECOND = Simulation.SECOND;
    private static final int REMEMBERED = 32;
    /** The third packet, in offload: SYN, SYN/ACK, ACK. */
    private static final int BEGINNING = 3;

    private static final long UNANSWERED = 120 * SECOND;
    private static final long STOPPED_ONCE_IN = 120 * SECOND;
    private static final int LARGE = 1000;
    private static final int HOUSEKEEPING = 8;
    private static final int TRIES = 8;

    /** A connection that conntrack knows, by the way of its opener. */
    private static final class Tracked {
        boolean replied;
        int packets;
        long lastNanos;
    }

    private final Plan plan;
    private final Network network;
    private final @Nullable List<String> journal;
    private final Ledger ledger;
    private final SplittableRandom random;
    private final Map<Way, Tracked> tracked = new HashMap<>();
    private final List<Packet> history = new ArrayList<>();
    private final List<Way> ways = new ArrayList<>();
    private final List<Packet.Datagram> requests = new ArrayList<>();
    private final PacketBatch packets = new PacketBatch(1, Unpooled.EMPTY_BUFFER);
    private final VerdictBatch verdicts = new VerdictBatch(1);
    private final Seen seen = new Seen();
    private final Map<Integer, Integer> burnt = new HashMap<>();
    private final List<VerdictEngine> engines = new ArrayList<>();
    private Tables tables;
    private Terms terms;
    private long epoch;
    private boolean down;
    private long mayStopFrom = Long.MIN_VALUE;
    private long unseenUntil = Long.MIN_VALUE;
    private int nextId;

    Firewall(final Plan plan, final Network network, final @Nullable List<String> journal) {
        this.plan = plan;
        this.network = network;
        this.journal = journal;
        random = new SplittableRandom(~plan.seed);
        ledger = new Ledger(plan, network);
        terms = plan.terms;
        epoch = newEpoch();
        tables = new Tables(plan.limits, random.nextLong());
        tables.interfaces().publish(network.indexes());
        start();
    }

    /** The engine's clock may begin anywhere, and overflow. */
    private long newEpoch() {
        return random.nextInt(3) == 0 ? Long.MAX_VALUE - random.nextLong(7200 * SECOND) : random.nextInt() * SECOND;
    }

    private void start() {
        engines.clear();
        for (int i = 0; i < plan.workers; i++) {
            engines.add(new VerdictEngine(settings(), tables, new EngineCounters(), seen));
        }
        ledger.inForce(terms.policy());
    }

    private EngineSettings settings() {
        return EngineSettings.builder(terms.policy())
                .enforce(terms.enforced())
                .dropRefusedReplies(plan.dropsRefused)
                .matchInterfaces(plan.matchInterfaces)
                .adoptFlows(plan.adopts)
                .conclude();
    }

    /** Recent packets, recent connections, recent requests: what an attacker on the wire knows. */
    List<Packet> history() {
        return history;
    }

    List<Way> ways() {
        return ways;
    }

    List<Packet.Datagram> requests() {
        return requests;
    }

    Ledger ledger() {
        return ledger;
    }

    private static <T> void remember(final List<T> list, final T item) {
        list.add(item);
        if (list.size() > REMEMBERED) {
            list.remove(0);
        }
    }

    /** Whether the engine gets the datagram in fragments; elsewhere conntrack puts them together. */
    boolean fragments(final Packet.Datagram datagram) {
        return plan.placement == Plan.Placement.INLINE && datagram.body().length() > LARGE && !plan.six;
    }

    private void note(final long now, final String text) {
        if (journal != null) {
            journal.add(String.format("%14.6f s  %s", now / (double) SECOND, text));
        }
    }

    /**
     * Whether the packet gets through.
     *
     * @param honest an honest host sent it
     * @param sure it never passes unseen
     */
    boolean passes(final Packet packet, final int in, final boolean honest, final boolean sure, final long now) {
        if (packet instanceof Packet.Segment segment && segment.begins() && honest) {
            remember(ways, segment.way());
        } else if (packet instanceof Packet.Datagram datagram && datagram.type().equals("REQ") && honest) {
            remember(requests, datagram);
        }
        remember(history, packet);
        final boolean passes;
        final String how;
        if (packet instanceof Packet.Segment segment && isCarried(segment, honest, now)) {
            passes = true;
            how = "carried by the kernel";
        } else if (down) {
            passes = false;
            how = "dropped, the program is down";
        } else if (isUnseen(packet, honest, sure, now)) {
            passes = true;
            how = "passes unseen";
        } else {
            passes = judge(packet, in, now);
            how = seen.verdict().label() + " " + seen.reason().label();
        }
        note(now, (honest ? "          " : "forged    ") + "in " + in + "  " + packet + ": " + how);
        if (passes && packet instanceof Packet.Segment segment) {
            track(segment, honest, now);
        }
        if (!down && how.startsWith(seen.verdict().label() + " ")) {
            ledger.judged(packet, in, seen, now);
            if (!honest && seen.reason() == Reason.EXPECTED) {
                burnt.merge(packet.way().port(), 1, Integer::sum);
            }
            ledger.checkSizes(tables);
        }
        return passes;
    }

    private boolean isUnseen(final Packet packet, final boolean honest, final boolean sure, final long now) {
        if (now >= unseenUntil) {
            return false;
        }
        return (plan.knowing || !honest || (!sure && canGoUnseen(packet))) && random.nextInt(2) == 0;
    }

    /**
     * Whether the engine can do without it. Where it does not see a REP it expects nothing, a connection of which it does
     * not see the SYN never was, one of which it does not see the FIN never ends, and a requester of an estimate waits
     * for hours before asking again, while only its ACK distinguishes it from a forged one.
     */
    private static boolean canGoUnseen(final Packet packet) {
        if (packet instanceof Packet.Segment segment) {
            return !segment.begins() && !segment.has(TcpView.FIN) && !segment.has(TcpView.RST);
        }
        return !(packet instanceof Packet.Datagram datagram)
                || (datagram.ports().isEmpty()
                        && !datagram.type().equals("ACK")
                        && !datagram.service().equals("sendsize"));
    }

    private boolean judge(final Packet packet, final int in, final long now) {
        final byte[] bytes = packet.bytes();
        final VerdictEngine engine = engines.get(random.nextInt(engines.size()));
        engine.housekeep(now + epoch, HOUSEKEEPING);
        // It ends where the packet ends: a read behind it throws (P7).
        final ByteBuf slab = Unpooled.wrappedBuffer(bytes);
        packets.reset(slab);
        final int id = nextId++;
        packets.add(id)
                .setBytes(0, bytes.length)
                .setHook(1)
                .setInInterface(in)
                .setOutInterface(network.of(packet.way().target()));
        seen.clear();
        engine.onBatch(packets, verdicts, now + epoch);
        final RuntimeException failure = engine.lastFailure();
        if (failure != null) {
            throw new AssertionError("P7: the engine failed: " + failure, failure);
        }
        if (verdicts.count() != 1 || verdicts.id(0) != id || seen.reports() != 1) {
            throw new AssertionError("P5: " + verdicts.count() + " verdicts, " + seen.reports() + " reports");
        }
        return seen.accepted() || !terms.enforced();
    }

    private boolean isCarried(final Packet.Segment segment, final boolean honest, final long now) {
        if (plan.placement == Plan.Placement.INLINE) {
            return false;
        }
        final Tracked forth = live(segment.way(), now);
        if (!honest && !segment.begins()) {
            // Its sequence numbers fit nothing, so conntrack calls it invalid.
            return false;
        }
        final Tracked back = forth == null ? live(segment.way().back(), now) : null;
        if (plan.placement == Plan.Placement.GATE) {
            return back != null || (forth != null && forth.replied);
        }
        final Tracked any = forth == null ? back : forth;
        return any != null && any.replied && any.packets >= BEGINNING;
    }

    private @Nullable Tracked live(final Way opener, final long now) {
        final Tracked found = tracked.get(opener);
        if (found != null && !found.replied && now - found.lastNanos > UNANSWERED) {
            tracked.remove(opener);
            return null;
        }
        return found;
    }

    private void track(final Packet.Segment segment, final boolean honest, final long now) {
        if (plan.placement == Plan.Placement.INLINE) {
            return;
        }
        final Tracked back = live(segment.way().back(), now);
        if (!honest && !segment.begins()) {
            return;
        }
        if (segment.has(TcpView.RST)) {
            tracked.remove(segment.way());
            tracked.remove(segment.way().back());
            return;
        }
        final Tracked entry = back == null ? tracked.computeIfAbsent(segment.way(), way -> new Tracked()) : back;
        entry.replied |= back != null;
        entry.packets++;
        entry.lastNanos = now;
    }

    /**
     * Whether a forged SYN from the server's own network hit an announced port before the server's did. Its RST arms the
     * expectation once more, where it is seen: threats.md, A12.
     */
    boolean isBurnt() {
        final int enough = plan.placement == Plan.Placement.GATE ? 1 : 2;
        return burnt.values().stream().anyMatch(count -> count >= enough);
    }

    /** A network is set up again. */
    void replaceInterface(final int side, final long now) {
        final int before = network.index(side);
        network.replace(side);
        tables.interfaces().publish(network.indexes());
        note(now, "interface " + before + " is gone, its network is behind " + network.index(side));
    }

    /** Packets pass unseen for a while. */
    void look(final SplittableRandom chance, final Simulation simulation) {
        final long span = chance.nextInt(3) == 0 ? 30 * SECOND : SECOND / 100;
        unseenUntil = simulation.now() + span;
        note(simulation.now(), "packets pass unseen for " + span / 1_000_000 + " ms");
    }

    /** A reload or a restart with another policy; one under which the honest may go on, unless others see the traffic. */
    void changePolicy(final SplittableRandom chance, final Simulation simulation) {
        for (int i = 0; i < TRIES; i++) {
            final Terms changed = terms.changed(chance);
            if (plan.knowing || plan.isServedBy(changed)) {
                if (chance.nextBoolean()) {
                    reload(changed, simulation.now());
                } else {
                    restart(changed, chance, simulation);
                }
                return;
            }
        }
    }

    private void reload(final Terms changed, final long now) {
        if (down) {
            return;
        }
        note(now, "reload: " + changed);
        terms = changed;
        engines.forEach(engine -> engine.settings(settings()));
        withdraw();
        ledger.inForce(terms.policy());
    }

    /**
     * What is over must be forgotten: after its time nothing is left but what the engine cannot know of, a connection
     * that the kernel carries or that was under way before.
     */
    void checkForgotten(final long now) {
        final boolean followsAll = plan.placement == Plan.Placement.INLINE && !plan.adopts && !plan.knowing;
        if (!followsAll || down) {
            return;
        }
        final long later = now + plan.limits.expectations().lifetimeNanos() + SECOND;
        engines.get(0)
                .housekeep(
                        later + epoch,
                        plan.limits.flows().capacity()
                                + plan.limits.expectations().capacity());
        if (tables.flows().size() + tables.expectations().size() > 0) {
            final List<String> left = new ArrayList<>();
            tables.flows()
                    .forEach(
                            new Scratch(Endings.NONE),
                            flow -> left.add(
                                    flow.stream() + " from port " + flow.tuple().sourcePort() + ", silent for "
                                            + (later + epoch - flow.lastNanos()) / SECOND + " s"));
            throw new AssertionError("P6: " + tables.expectations().size()
                    + " expectations are left that have ended, and flows: " + left);
        }
    }

    /** As the reloader does it. */
    private void withdraw() {
        final PolicyRevocation revocation = new PolicyRevocation(tables, terms.policy());
        revocation.exchanges();
        revocation.expectations();
        revocation.flows();
        revocation.expectations();
    }

    void restart(final SplittableRandom chance, final Simulation simulation) {
        restart(terms, chance, simulation);
    }

    private void restart(final Terms changed, final SplittableRandom chance, final Simulation simulation) {
        // An attacker that stops it repeatedly can break anything.
        if (down || simulation.now() < mayStopFrom) {
            return;
        }
        down = true;
        mayStopFrom = simulation.now() + STOPPED_ONCE_IN;
        final boolean reboot = plan.placement == Plan.Placement.INLINE && chance.nextInt(4) == 0;
        final long elapsed = SECOND / 20 + chance.nextLong(4 * SECOND);
        final List<List<long[]>> rows = new ArrayList<>();
        for (final SavedRows table : saved(tables)) {
            final List<long[]> saved = new ArrayList<>();
            table.save(simulation.now() + epoch, row -> saved.add(row.clone()));
            rows.add(saved);
        }
        note(simulation.now(), (reboot ? "reboot: " : "restart: ") + changed);
        simulation.after(elapsed, () -> {
            if (reboot) {
                epoch = newEpoch();
                for (int side = 0; side < Network.SIDES; side++) {
                    network.replace(side);
                }
                ledger.forgetInterfaces();
            }
            terms = changed;
            load(rows, elapsed, !reboot, simulation.now() + epoch);
            start();
            down = false;
            note(simulation.now(), "the program is back");
        });
    }

    private static List<SavedRows> saved(final Tables tables) {
        return List.of(tables.transactions(), tables.expectations(), tables.flows());
    }

    /** As the daemon does it: restores everything, then revokes what the current policy forbids. */
    private void load(
            final List<List<long[]>> rows, final long elapsed, final boolean keepSides, final long engineNow) {
        tables = new Tables(plan.limits, random.nextLong());
        tables.interfaces().publish(network.indexes());
        final Scratch scratch = new Scratch(Endings.NONE);
        final List<SavedRows> into = saved(tables);
        for (int i = 0; i < rows.size(); i++) {
            for (final long[] row : rows.get(i)) {
                into.get(i).restore(scratch, row, elapsed, keepSides, engineNow);
            }
        }
        withdraw();
    }
}
