package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.amverdict.engine.CarriedRefusals;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.engine.Reason;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.packet.TcpView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.HostPrefix;
import org.amverdict.track.Endings;
import org.amverdict.track.SavedRows;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * One machine on the path with the program on it: its queues and workers, its tables, and what the kernel around them
 * does: it carries connections that conntrack knows, lets packets by unseen, and drops what nobody reads. Everything
 * that it judges goes to the {@link Ledger}.
 */
final class Node {
    private static final long SECOND = Simulation.SECOND;
    private static final long STOPPED_ONCE_IN = 120 * SECOND;
    /** Conntrack's events are read this late at most. */
    private static final long REPORTED_WITHIN = SECOND / 2;

    private static final int LARGE = 1000;
    private static final int TRIES = 8;
    private static final int LEGACY_PORT = 10_083;
    /** One connection in this many has its packets in several queues. */
    private static final int SCATTERED_ONE_IN = 4;

    private final Plan plan;
    private final Simulation simulation;
    private final Ledger ledger;
    private final SplittableRandom random;
    private final Conntrack conntrack;
    private final boolean takesTurns;
    private final boolean fails;
    private final Map<Way, Integer> burnt = new HashMap<>();
    private final List<Worker> workers = new ArrayList<>();
    private Tables tables;
    private @Nullable Twin twin;
    private Terms terms;
    private long epoch;
    private boolean down;
    private long mayStopFrom = Long.MIN_VALUE;
    private long unseenUntil = Long.MIN_VALUE;

    Node(final Plan plan, final Simulation simulation, final Cut cut, final SplittableRandom random) {
        this.plan = plan;
        this.simulation = simulation;
        this.random = random;
        ledger = simulation.ledger();
        conntrack = new Conntrack(
                plan.placement, opener -> simulation.after(random.nextLong(REPORTED_WITHIN), () -> reported(opener)));
        takesTurns = plan.has(Plan.Feature.TURNS, cut);
        fails = plan.has(Plan.Feature.FAILING_CODE, cut);
        terms = plan.terms;
        epoch = newEpoch();
        final long seed = random.nextLong();
        tables = newTables(seed);
        start(plan.compared ? newTables(seed) : null);
    }

    /** Conntrack's report that a connection was refused; a program that is down misses it. */
    private void reported(final Way opener) {
        if (down) {
            return;
        }
        simulation.note("conntrack reports that " + opener + " was refused");
        ledger.refusedUnseen(opener);
        final HostPrefix from = HostPrefix.parse(opener.source());
        final HostPrefix to = HostPrefix.parse(opener.target());
        final Tuple tuple =
                new Tuple().set(from.high(), from.low(), opener.sourcePort(), to.high(), to.low(), opener.port());
        new CarriedRefusals(tables, this::engineNow).accept(tuple);
        if (twin != null) {
            new CarriedRefusals(twin.tables(), this::engineNow).accept(tuple);
        }
    }

    private Tables newTables(final long seed) {
        final Tables made = new Tables(plan.limits, seed);
        made.interfaces().publish(simulation.network().indexes());
        return made;
    }

    /** The engine's clock may begin anywhere, and overflow. */
    private long newEpoch() {
        return random.nextInt(3) == 0 ? Long.MAX_VALUE - random.nextLong(7200 * SECOND) : random.nextInt() * SECOND;
    }

    private void start(final @Nullable Tables ofTwin) {
        workers.clear();
        for (int i = 0; i < plan.workers; i++) {
            workers.add(new Worker(this, i, random.split()));
        }
        twin = ofTwin == null ? null : new Twin(ofTwin, settings());
        ledger.inForce(terms.policy());
    }

    EngineSettings settings() {
        return EngineSettings.builder(terms.policy())
                .enforce(terms.enforced())
                .dropRefusedReplies(plan.dropsRefused)
                .matchInterfaces(plan.matchInterfaces)
                .adoptFlows(plan.adopts)
                .conclude();
    }

    Simulation simulation() {
        return simulation;
    }

    Tables tables() {
        return tables;
    }

    boolean takesTurns() {
        return takesTurns;
    }

    /** Whether code fails here now; in monitor mode what it fails on would get by unseen. */
    boolean fails() {
        return fails && terms.enforced();
    }

    long engineNow() {
        return simulation.now() + epoch;
    }

    /** Whether that failure is one that was planned. */
    boolean expects(final RuntimeException failure) {
        return fails && (failure instanceof Seen.ListenerFailed || failure instanceof IndexOutOfBoundsException);
    }

    /** Whether the engine gets the datagram in fragments; elsewhere conntrack puts them together. */
    boolean fragments(final Packet.Datagram datagram) {
        return plan.placement == Plan.Placement.INLINE && datagram.body().length() > LARGE && !plan.six;
    }

    private void note(final Passage passage, final String how) {
        if (simulation.isNoted()) {
            simulation.note((passage.honest() ? "          " : "forged    ") + "in " + passage.in() + "  "
                    + passage.packet() + ": " + how);
        }
    }

    /** A packet arrives. */
    void submit(final Passage passage) {
        final Packet packet = passage.packet();
        if (packet instanceof Packet.Segment segment
                && conntrack.carries(segment, passage.honest(), simulation.now())) {
            note(passage, "carried by the kernel");
            passed(passage);
        } else if (down) {
            note(passage, "dropped, the program is down");
        } else if (isUnseen(passage)) {
            note(passage, "passes unseen");
            passed(passage);
        } else {
            workers.get(workerFor(packet)).offer(passage);
        }
    }

    /** Any, if each packet is answered as it comes; else those of one connection are in one queue, or most of them. */
    private int workerFor(final Packet packet) {
        final Way way = packet.way();
        final int hash = way.source().hashCode() ^ way.target().hashCode() ^ way.sourcePort() ^ way.port();
        final boolean scattered =
                !takesTurns || (packet instanceof Packet.Segment && Math.floorMod(hash >> 4, SCATTERED_ONE_IN) == 0);
        return scattered ? random.nextInt(workers.size()) : Math.floorMod(hash, workers.size());
    }

    private boolean isUnseen(final Passage passage) {
        if (simulation.now() >= unseenUntil) {
            return false;
        }
        return (plan.knowing || !passage.honest() || (!passage.sure() && canGoUnseen(passage.packet())))
                && random.nextInt(2) == 0;
    }

    /**
     * Whether the engine can do without it. Where it does not see a REP it expects nothing, a connection of which it does
     * not see the SYN never was, one of which it does not see the FIN never ends, and a requester of an estimate waits
     * for hours before asking again, while only its ACK distinguishes it from a forged one. Text with a gap is not read.
     */
    private static boolean canGoUnseen(final Packet packet) {
        if (packet instanceof Packet.Segment segment) {
            return !segment.begins()
                    && !segment.has(TcpView.FIN)
                    && !segment.has(TcpView.RST)
                    && !segment.way().has(LEGACY_PORT);
        }
        return !(packet instanceof Packet.Datagram datagram)
                || (datagram.ports().isEmpty()
                        && !datagram.type().equals("ACK")
                        && !datagram.service().equals("sendsize"));
    }

    /** A packet gets through. */
    void passed(final Passage passage) {
        if (passage.packet() instanceof Packet.Segment segment) {
            conntrack.passed(segment, passage.honest(), simulation.now());
        }
        passage.onPass().run();
    }

    /**
     * A worker has judged a batch.
     *
     * @param failing index of the packet that code failed on, or -1
     */
    void judged(
            final List<KernelQueue.Held> read,
            final Seen seen,
            final PacketBatch packets,
            final VerdictBatch verdicts,
            final long engineNow,
            final int failing) {
        for (int i = 0; i < read.size(); i++) {
            final Passage passage = read.get(i).passage;
            final Seen.Said said = seen.get(i);
            if (simulation.isNoted()) {
                note(passage, said.text());
            }
            if (i == failing) {
                continue;
            }
            ledger.judged(passage, said, simulation.now());
            if (!passage.honest() && said.reason() == Reason.EXPECTED) {
                burnt.merge(target(passage.packet().way()), 1, Integer::sum);
            }
        }
        final Twin other = twin;
        if (other != null) {
            other.judge(packets, verdicts, seen, read, engineNow);
        }
        ledger.checkSizes(tables);
    }

    void twinKeepsHouse(final long engineNow, final int steps) {
        if (twin != null) {
            twin.housekeep(engineNow, steps);
        }
    }

    /** A connection without its source port. */
    private static Way target(final Way way) {
        return new Way(/* source= */ way.source(), 0, /* target= */ way.target(), way.port());
    }

    /**
     * Whether forged SYNs from the server's own network hit an announced port twice before the server's did. The RST of
     * the first arms the expectation once more: threats.md, A12.
     */
    boolean isBurnt(final Way stream) {
        return burnt.getOrDefault(target(stream), 0) > 1;
    }

    /** A network is set up again. */
    void replaceInterface(final int side) {
        final Network network = simulation.network();
        final int before = network.index(side);
        network.replace(side);
        tables.interfaces().publish(network.indexes());
        if (twin != null) {
            twin.tables().interfaces().publish(network.indexes());
        }
        // As nfqnl_dev_drop does.
        workers.forEach(worker -> worker.flush(passage -> passage.in() == before || passage.out() == before));
        simulation.note("interface " + before + " is gone, its network is behind " + network.index(side));
    }

    /** Packets pass unseen for a while. */
    void look(final SplittableRandom chance) {
        final long span = chance.nextInt(3) == 0 ? 30 * SECOND : SECOND / 100;
        unseenUntil = simulation.now() + span;
        simulation.note("packets pass unseen for " + span / 1_000_000 + " ms");
    }

    /** A worker gets no processor for a while. */
    void stall(final SplittableRandom chance) {
        final long span = chance.nextLong(3 * SECOND);
        final int which = chance.nextInt(workers.size());
        workers.get(which).stall(simulation.now() + span);
        simulation.note("worker " + which + " stalls for " + span / 1_000_000 + " ms");
    }

    /** A reload or a restart with another policy; one under which the honest may go on, unless others see the traffic. */
    void changePolicy(final SplittableRandom chance) {
        for (int i = 0; i < TRIES; i++) {
            final Terms changed = terms.changed(chance);
            if (plan.knowing || plan.isServedBy(changed)) {
                if (chance.nextBoolean()) {
                    reload(changed);
                } else {
                    restart(changed, chance);
                }
                return;
            }
        }
    }

    private void reload(final Terms changed) {
        if (down) {
            return;
        }
        simulation.note("reload: " + changed);
        terms = changed;
        workers.forEach(worker -> worker.settings(settings()));
        withdraw(tables);
        if (twin != null) {
            twin.settings(settings());
            withdraw(twin.tables());
        }
        ledger.inForce(terms.policy());
    }

    /**
     * What is over must be forgotten: after its time nothing is left but what the engine cannot know of, a connection
     * that the kernel carries or that was under way before.
     */
    void checkForgotten() {
        final boolean followsAll = plan.placement == Plan.Placement.INLINE && !plan.adopts && !plan.knowing;
        if (!followsAll || down || plan.has(Kind.HOSTILE)) {
            return;
        }
        final long later = engineNow() + plan.limits.expectations().lifetimeNanos() + SECOND;
        final int steps =
                plan.limits.flows().capacity() + plan.limits.expectations().capacity();
        workers.get(0).housekeep(later, steps);
        if (tables.flows().size() + tables.expectations().size() > 0) {
            final List<String> left = new ArrayList<>();
            tables.flows()
                    .forEach(
                            new Scratch(Endings.NONE),
                            flow -> left.add(
                                    flow.stream() + " from port " + flow.tuple().sourcePort() + ", silent for "
                                            + (later - flow.lastNanos()) / SECOND + " s"));
            throw new AssertionError("P6: " + tables.expectations().size()
                    + " expectations are left that have ended, and flows: " + left);
        }
    }

    /** As the reloader does it. */
    private void withdraw(final Tables from) {
        final PolicyRevocation revocation = new PolicyRevocation(from, terms.policy());
        revocation.exchanges();
        revocation.expectations();
        revocation.flows();
        revocation.expectations();
    }

    void restart(final SplittableRandom chance) {
        restart(terms, chance);
    }

    private void restart(final Terms changed, final SplittableRandom chance) {
        // An attacker that stops it repeatedly can break anything.
        if (down || simulation.now() < mayStopFrom) {
            return;
        }
        workers.forEach(Worker::stop);
        final List<List<long[]>> rows = saved(tables);
        final List<List<long[]>> ofTwin = twin == null ? null : saved(twin.tables());
        final boolean reboot = plan.placement == Plan.Placement.INLINE && chance.nextInt(4) == 0;
        stop((reboot ? "reboot: " : "restart: ") + changed);
        simulation.restarted();
        final long elapsed = SECOND / 20 + chance.nextLong(4 * SECOND);
        simulation.after(elapsed, () -> {
            if (reboot) {
                epoch = newEpoch();
                for (int side = 0; side < Network.SIDES; side++) {
                    simulation.network().replace(side);
                }
                ledger.forgetInterfaces();
            }
            terms = changed;
            final long seed = random.nextLong();
            tables = load(seed, rows, elapsed, !reboot);
            back(ofTwin == null ? null : load(seed, ofTwin, elapsed, !reboot));
        });
    }

    /** The program dies, and nothing of what it knew is left. */
    void kill(final SplittableRandom chance) {
        if (down || simulation.now() < mayStopFrom) {
            return;
        }
        stop("killed");
        ledger.forgetAll();
        simulation.killed();
        simulation.after(SECOND / 20 + chance.nextLong(4 * SECOND), () -> {
            final long seed = random.nextLong();
            tables = newTables(seed);
            back(plan.compared ? newTables(seed) : null);
        });
    }

    private void stop(final String why) {
        down = true;
        mayStopFrom = simulation.now() + STOPPED_ONCE_IN;
        workers.forEach(Worker::close);
        simulation.note(why);
    }

    private void back(final @Nullable Tables ofTwin) {
        start(ofTwin);
        down = false;
        simulation.note("the program is back");
    }

    private static List<SavedRows> kept(final Tables tables) {
        return List.of(tables.transactions(), tables.expectations(), tables.flows());
    }

    private List<List<long[]>> saved(final Tables from) {
        final List<List<long[]>> rows = new ArrayList<>();
        for (final SavedRows table : kept(from)) {
            final List<long[]> saved = new ArrayList<>();
            table.save(engineNow(), row -> saved.add(row.clone()));
            rows.add(saved);
        }
        return rows;
    }

    /** As the daemon does it: restores everything, then revokes what the current policy forbids. */
    private Tables load(final long seed, final List<List<long[]>> rows, final long elapsed, final boolean keepSides) {
        final Tables loaded = newTables(seed);
        final Scratch scratch = new Scratch(Endings.NONE);
        final List<SavedRows> into = kept(loaded);
        for (int i = 0; i < rows.size(); i++) {
            for (final long[] row : rows.get(i)) {
                into.get(i).restore(scratch, row, elapsed, keepSides, engineNow());
            }
        }
        withdraw(loaded);
        return loaded;
    }
}
