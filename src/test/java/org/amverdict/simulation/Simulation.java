package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Time and wires: what happens when, and which packet gets where by way of the nodes. */
final class Simulation {
    static final long SECOND = 1_000_000_000L;
    static final long MICRO = 1_000;
    private static final long TO_FIREWALL = 100 * MICRO;
    private static final long FROM_FIREWALL = 200 * MICRO;
    /** So many packets for each exchange are a storm. */
    private static final int PACKETS_MAX = 10_000;

    private static final int FRAGMENT_BYTES = 600;

    private record Timer(long atNanos, long order, Runnable action) implements Comparable<Timer> {
        @Override
        public int compareTo(final Timer other) {
            final int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Map<String, Host> hosts = new HashMap<>();
    private final Network network = new Network();
    private final Sightings sightings = new Sightings();
    private final List<Long> kills = new ArrayList<>();
    private final @Nullable List<String> journal;
    private final Ledger ledger;
    private final Links links;
    private final Node node;
    private final int packetsMax;
    private long now;
    private long order;
    private int packets;

    Simulation(final Plan plan, final Cut cut, final @Nullable List<String> journal) {
        this.journal = journal;
        packetsMax = PACKETS_MAX * (1 + plan.orders.size());
        final SplittableRandom random = new SplittableRandom(~plan.seed);
        ledger = new Ledger(plan, network);
        links = new Links(plan.has(Plan.Feature.LINKS, cut) ? random.split() : null);
        node = new Node(plan, this, cut, random.split());
    }

    void add(final Host host) {
        hosts.put(host.address(), host);
    }

    Network network() {
        return network;
    }

    /** The node on the path of all packets. */
    Node node() {
        return node;
    }

    Ledger ledger() {
        return ledger;
    }

    Sightings sightings() {
        return sightings;
    }

    long now() {
        return now;
    }

    int packets() {
        return packets;
    }

    boolean isNoted() {
        return journal != null;
    }

    /** Adds a line to the story. */
    void note(final String text) {
        if (journal != null) {
            journal.add(String.format("%14.6f s  %s", now / (double) SECOND, text));
        }
    }

    /** A program died now, and with it what it knew. */
    void killed() {
        kills.add(now);
    }

    /** Whether a program has died since. */
    boolean killedSince(final long nanos) {
        return kills.stream().anyMatch(at -> at >= nanos);
    }

    void at(final long atNanos, final Runnable action) {
        timers.add(new Timer(Math.max(atNanos, now), order++, action));
    }

    void after(final long delayNanos, final Runnable action) {
        at(now + delayNanos, action);
    }

    /** Runs until nothing more happens. */
    void run() {
        for (Timer next = timers.poll(); next != null; next = timers.poll()) {
            now = next.atNanos;
            next.action.run();
        }
    }

    /**
     * An honest host sends it.
     *
     * @param sure it never passes unseen and is never lost: it was sent before, or too much hangs on it
     */
    void send(final Packet packet, final boolean sure) {
        sendOnce(packet, sure);
        if (links.doubles(packet)) {
            sendOnce(packet, sure);
        }
    }

    private void sendOnce(final Packet packet, final boolean sure) {
        if (links.loses(packet, sure)) {
            note("          lost before the firewall: " + packet);
            return;
        }
        after(TO_FIREWALL + links.delay(), () -> {
            if (packet instanceof Packet.Datagram datagram && node.fragments(datagram)) {
                final List<Packet> parts = Forger.fragments(datagram, FRAGMENT_BYTES, order);
                final int[] missing = {parts.size()};
                for (final Packet part : parts) {
                    submit(part, network.of(packet.way().source()), true, sure, () -> {
                        missing[0]--;
                        if (missing[0] == 0) {
                            deliver(packet, sure);
                        }
                    });
                }
            } else {
                submit(packet, network.of(packet.way().source()), true, sure, () -> deliver(packet, sure));
            }
        });
    }

    /** An attacker sends it now by that interface. */
    void forge(final Packet packet, final int in) {
        submit(packet, in, false, true, () -> deliver(packet, true));
    }

    /** Whether the packet may fail to arrive: attackers expect nothing, and an honest host sends it again. */
    boolean mayLose(final Passage passage) {
        return !passage.honest() || (!passage.sure() && links.mayLose(passage.packet()));
    }

    private void submit(
            final Packet packet, final int in, final boolean honest, final boolean sure, final Runnable onPass) {
        packets++;
        if (packets > packetsMax) {
            throw new AssertionError("a storm of packets, the last one: " + packet);
        }
        sightings.add(packet, honest);
        node.submit(new Passage(packet, in, network.of(packet.way().target()), honest, sure, onPass));
    }

    private void deliver(final Packet packet, final boolean sure) {
        final Host host = hosts.get(packet.way().target());
        if (host == null) {
            return;
        }
        if (links.loses(packet, sure)) {
            note("          lost behind the firewall: " + packet);
            return;
        }
        after(FROM_FIREWALL + links.delay(), () -> host.receive(packet));
    }
}
