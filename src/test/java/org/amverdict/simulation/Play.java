package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One plan played: the same plan with the same cut gives the same packets and the same verdicts. */
final class Play {
    private static final int REPLY_TRIES = 5;
    private static final long REPLY_PAUSE = 10 * Simulation.SECOND;

    private final Plan plan;
    private final Cut cut;
    private final Simulation simulation;
    private final List<Errand> errands = new ArrayList<>();

    /** @param journal gets a line for each packet; null for none */
    Play(final Plan plan, final Cut cut, final @Nullable List<String> journal) {
        this.plan = plan;
        this.cut = cut;
        simulation = new Simulation(plan, cut, journal);
        final SplittableRandom random = new SplittableRandom(plan.seed ^ 0x5eed);
        final Map<String, Host> hosts = new LinkedHashMap<>();
        for (final List<String> some : List.of(plan.servers, plan.clients)) {
            for (final String address : some) {
                hosts.put(address, new Host(address, simulation, random.split()));
            }
        }
        for (final Order order : plan.orders) {
            if (cut.keeps(Plan.idOf(order))) {
                final Way way = order.way();
                errands.add(new Errand(order, found(hosts, way.source()), found(hosts, way.target())));
            }
        }
        errands.forEach(Errand::start);
        hosts.values().forEach(host -> host.onDatagram(datagram -> meets(datagram, host, random)));
        final Forger forger = new Forger(plan, simulation, cut);
        for (final Plan.Happening happening : plan.happenings) {
            if (cut.keeps(Plan.idOf(happening.number(), -1))) {
                simulation.at(happening.atNanos(), () -> forger.act(happening));
            }
        }
    }

    private static Host found(final Map<String, Host> hosts, final String address) {
        final Host host = hosts.get(address);
        if (host == null) {
            throw new IllegalStateException("no host " + address);
        }
        return host;
    }

    /** A forged request: amandad refuses it, has a short answer to it that is not awaited, or is too busy. */
    private boolean meets(final Packet.Datagram datagram, final Host host, final SplittableRandom random) {
        if (datagram.type().equals("REQ")) {
            switch (random.nextInt(4)) {
                case 0, 1 -> answer(datagram, host, "NAK", "ERROR x\n", 0);
                case 2 -> {
                    answer(datagram, host, "ACK", "", 0);
                    for (int i = 0; i < REPLY_TRIES; i++) {
                        answer(datagram, host, "REP", "OPTIONS ;\n", i * REPLY_PAUSE + Simulation.SECOND / 20);
                    }
                }
                default -> {}
            }
        }
        return true;
    }

    private static void answer(
            final Packet.Datagram datagram,
            final Host host,
            final String type,
            final String body,
            final long delayNanos) {
        final Packet.Datagram answer =
                new Packet.Datagram(datagram.way().back(), type, datagram.handle(), datagram.number(), body);
        host.simulation().after(delayNanos, () -> host.simulation().send(answer, false));
    }

    /** Plays it; throws what does not hold, an AssertionError that begins with the name of the property. */
    Play play() {
        simulation.run();
        if (!plan.knowing) {
            for (final Errand errand : errands) {
                final String failure = errand.failure();
                if (failure != null && !errand.isExcused()) {
                    throw new AssertionError("P9: " + failure);
                }
            }
        }
        simulation.node().checkForgotten();
        return this;
    }

    int packets() {
        return simulation.packets();
    }

    /** Honest dumps that were played to their end. */
    int dumps() {
        return plan.dumps(cut);
    }

    Ledger ledger() {
        return simulation.ledger();
    }
}
