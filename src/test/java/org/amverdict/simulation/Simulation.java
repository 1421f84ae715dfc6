package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Time and wires: what happens when, and which packet gets where by way of the firewall. */
final class Simulation {
    static final long SECOND = 1_000_000_000L;
    static final long MICRO = 1_000;
    private static final long TO_FIREWALL = 100 * MICRO;
    private static final long FROM_FIREWALL = 200 * MICRO;
    /** This many packets are a storm, no longer an interleaving. */
    private static final int PACKETS_MAX = 20_000;

    private static final int FRAGMENT_BYTES = 600;

    private record Timer(long atNanos, long order, Runnable action) implements Comparable<Timer> {
        @Override
        public int compareTo(final Timer other) {
            final int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final List<Host> hosts = new ArrayList<>();
    private final Network network = new Network();
    private final Firewall firewall;
    private long now;
    private long order;
    private int packets;

    Simulation(final Plan plan, final @Nullable List<String> journal) {
        firewall = new Firewall(plan, network, journal);
    }

    void add(final Host host) {
        hosts.add(host);
    }

    Network network() {
        return network;
    }

    Firewall firewall() {
        return firewall;
    }

    long now() {
        return now;
    }

    int packets() {
        return packets;
    }

    void at(final long atNanos, final Runnable action) {
        timers.add(new Timer(atNanos, order++, action));
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
     * @param sure it never passes unseen: it was sent before, or too much hangs on it
     */
    void send(final Packet packet, final boolean sure) {
        after(TO_FIREWALL, () -> {
            final int in = network.of(packet.way().source());
            if (packet instanceof Packet.Datagram datagram && firewall.fragments(datagram)) {
                for (final Packet part : Forger.fragments(datagram, FRAGMENT_BYTES, order)) {
                    if (!pass(part, in, true, sure)) {
                        return;
                    }
                }
                deliver(packet);
            } else if (pass(packet, in, true, sure)) {
                deliver(packet);
            }
        });
    }

    /** An attacker sends it now by that interface. */
    void forge(final Packet packet, final int in) {
        if (pass(packet, in, false, false)) {
            deliver(packet);
        }
    }

    private boolean pass(final Packet packet, final int in, final boolean honest, final boolean sure) {
        packets++;
        if (packets > PACKETS_MAX) {
            throw new AssertionError("a storm of packets, the last one: " + packet);
        }
        return firewall.passes(packet, in, honest, sure, now);
    }

    private void deliver(final Packet packet) {
        for (final Host host : hosts) {
            if (host.address().equals(packet.way().target())) {
                after(FROM_FIREWALL, () -> host.receive(packet));
            }
        }
    }
}
