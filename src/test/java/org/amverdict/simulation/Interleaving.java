package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One seed played: the same seed, the same kinds and the same omissions give the same packets. */
final class Interleaving {
    private static final int LINES_MAX = 120;
    private static final int REPLY_TRIES = 5;
    private static final long REPLY_PAUSE = 10 * Simulation.SECOND;

    private final Plan plan;
    private final Simulation simulation;
    private final List<Errand> errands = new ArrayList<>();

    /** @param omitted the {@link Plan#idOf ids} of what does not happen */
    Interleaving(final Plan plan, final Set<Integer> omitted, final @Nullable List<String> journal) {
        this.plan = plan;
        simulation = new Simulation(plan, journal);
        final SplittableRandom random = new SplittableRandom(plan.seed ^ 0x5eed);
        final Host server = new Host(plan.server, simulation, random.split());
        final Host client = new Host(plan.client, simulation, random.split());
        for (final Plan.Order order : plan.orders) {
            if (!omitted.contains(Plan.idOf(order))) {
                errands.add(new Errand(order, server, client));
            }
        }
        errands.forEach(Errand::start);
        client.onDatagram(datagram -> meets(datagram, client, random));
        final Forger forger = new Forger(plan, simulation, omitted);
        for (final Plan.Happening happening : plan.happenings) {
            if (!omitted.contains(Plan.idOf(happening.number(), -1))) {
                simulation.at(happening.atNanos(), () -> forger.act(happening));
            }
        }
    }

    /** A forged request: amandad refuses it, has a short answer to it that is not awaited, or is too busy. */
    private boolean meets(final Packet.Datagram datagram, final Host client, final SplittableRandom random) {
        if (datagram.type().equals("REQ")) {
            switch (random.nextInt(4)) {
                case 0, 1 -> answer(datagram, client, "NAK", "ERROR x\n", 0);
                case 2 -> {
                    answer(datagram, client, "ACK", "", 0);
                    for (int i = 0; i < REPLY_TRIES; i++) {
                        answer(datagram, client, "REP", "OPTIONS ;\n", i * REPLY_PAUSE + Simulation.SECOND / 20);
                    }
                }
                default -> {}
            }
        }
        return true;
    }

    private static void answer(
            final Packet.Datagram datagram,
            final Host client,
            final String type,
            final String body,
            final long delayNanos) {
        final Packet.Datagram answer =
                new Packet.Datagram(datagram.way().back(), type, datagram.handle(), datagram.number(), body);
        client.simulation().after(delayNanos, () -> client.simulation().send(answer, false));
    }

    /** Plays it; throws what does not hold. */
    Interleaving play() {
        simulation.run();
        if (!plan.knowing && !simulation.firewall().isBurnt()) {
            for (final Errand errand : errands) {
                final String failure = errand.failure();
                if (failure != null) {
                    throw new AssertionError("P9: " + failure);
                }
            }
        }
        simulation.firewall().checkForgotten(simulation.now());
        return this;
    }

    int packets() {
        return simulation.packets();
    }

    Ledger ledger() {
        return simulation.firewall().ledger();
    }

    /** Plays the plan; reports a violation with the fewest events and all packets that it takes. */
    static Interleaving check(final Plan plan) {
        final AssertionError first;
        try {
            return new Interleaving(plan, Set.of(), null).play();
        } catch (final AssertionError e) {
            first = e;
        }
        final Set<Integer> omitted = new HashSet<>();
        for (final int id : plan.ids()) {
            omitted.add(id);
            if (!fails(plan, omitted, first)) {
                omitted.remove(id);
            }
        }
        final List<String> journal = new ArrayList<>();
        final AssertionError last = failure(plan, omitted, journal);
        throw new AssertionError(
                (last == null ? first : last).getMessage() + "\n" + plan + "\n" + String.join("\n", shortened(journal)),
                first);
    }

    private static List<String> shortened(final List<String> journal) {
        if (journal.size() <= LINES_MAX) {
            return journal;
        }
        final List<String> shortened = new ArrayList<>(journal.subList(0, LINES_MAX / 2));
        shortened.add("  ... " + (journal.size() - LINES_MAX) + " packets ...");
        shortened.addAll(journal.subList(journal.size() - LINES_MAX / 2, journal.size()));
        return shortened;
    }

    /** Whether it still fails, and of the same property. */
    private static boolean fails(final Plan plan, final Set<Integer> omitted, final AssertionError first) {
        final AssertionError other = failure(plan, omitted, null);
        return other != null && property(other).equals(property(first));
    }

    private static String property(final AssertionError error) {
        final String message = String.valueOf(error.getMessage());
        return message.substring(0, Math.min(2, message.length()));
    }

    private static @Nullable AssertionError failure(
            final Plan plan, final Set<Integer> omitted, final @Nullable List<String> journal) {
        try {
            new Interleaving(plan, omitted, journal).play();
            return null;
        } catch (final AssertionError e) {
            return e;
        }
    }
}
