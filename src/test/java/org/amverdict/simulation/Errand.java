package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.EngineFixture;
import org.jspecify.annotations.Nullable;

/** One honest thing that requester and responder do together, as Amanda does it (common-src/protocol.c). */
final class Errand {
    private static final long SECOND = Simulation.SECOND;
    private static final int REQUEST_TRIES = 3;
    private static final int RESET_TRIES = 2;
    /** No requester starts over later than an hour after the first request. */
    private static final long RESETS_WITHIN = 3600 * SECOND;

    private static final int REPLY_TRIES = 5;
    private static final long ACK_WAIT = 10 * SECOND;
    private static final long ACCEPT_WAIT = 30 * SECOND;

    private enum Phase {
        ASKED,
        ACKNOWLEDGED,
        ANSWERED
    }

    private enum Service {
        NONE,
        RUNNING,
        REPLIED,
        CLOSED
    }

    private final Order order;
    private final Host requester;
    private final Host responder;
    private final List<Talk> talks = new ArrayList<>();
    private int openTalks;
    private boolean done;
    private @Nullable String failure;

    // The requester's side.
    private Phase phase = Phase.ASKED;
    private int resets = RESET_TRIES;
    private int attempt;
    // The responder's side.
    private Service service = Service.NONE;

    Errand(final Order order, final Host requester, final Host responder) {
        this.order = order;
        this.requester = requester;
        this.responder = responder;
    }

    /** Sets it going; it runs by itself then. */
    void start() {
        final Simulation simulation = requester.simulation();
        if (order.isTcp()) {
            responder.listen(order.way().port(), Long.MAX_VALUE);
            final Talk talk = talk(order.label(), order.way(), order.turns(0));
            simulation.at(order.startNanos(), () -> requester.connect(order.way(), talk));
        } else {
            requester.onDatagram(this::heardByRequester);
            responder.onDatagram(this::heardByResponder);
            simulation.at(order.startNanos(), () -> request(REQUEST_TRIES));
        }
    }

    private Talk talk(final String name, final Way way, final List<Talk.Turn> turns) {
        return talk(name, way, turns, () -> {});
    }

    private Talk talk(final String name, final Way way, final List<Talk.Turn> turns, final Runnable onOpen) {
        openTalks++;
        final Talk talk = new Talk(name, turns, onOpen, () -> {
            openTalks--;
            done = openTalks == 0;
        });
        talks.add(talk);
        responder.await(way, talk);
        return talk;
    }

    /** What went wrong, null if nothing did. */
    @Nullable String failure() {
        for (final Talk talk : talks) {
            if (talk.failure() != null) {
                return order.label() + ": " + talk.failure();
            }
        }
        return failure == null && !done ? order.label() + ": it was never finished" : failure;
    }

    /** Whether nobody could have helped that it failed: the program died meanwhile, or an announcement was burnt. */
    boolean isExcused() {
        final Simulation simulation = requester.simulation();
        boolean burnt = false;
        for (int i = 0; i < order.ports().size(); i++) {
            burnt |= simulation.node().isBurnt(order.stream(i));
        }
        return burnt || simulation.killedSince(order.startNanos());
    }

    private void fail(final String why) {
        if (!done && failure == null) {
            failure = order.label() + ": " + why;
        }
    }

    private Packet.Datagram datagram(final Way way, final String type, final String body, final List<Integer> ports) {
        return new Packet.Datagram(way, type, order.handle(), order.sequence(), body, ports);
    }

    private boolean isOurs(final Packet.Datagram datagram) {
        return datagram.handle().equals(order.handle()) && datagram.number().equals(order.sequence());
    }

    private void request(final int tries) {
        attempt++;
        final int current = attempt;
        phase = Phase.ASKED;
        final boolean again = tries < REQUEST_TRIES || resets < RESET_TRIES;
        requester
                .simulation()
                .send(datagram(order.way(), "REQ", EngineFixture.requestBody(order.service()), List.of()), again);
        requester.simulation().after(ACK_WAIT, () -> {
            if (phase == Phase.ASKED && attempt == current) {
                if (tries > 1) {
                    request(tries - 1);
                } else {
                    fail("the request was never acknowledged");
                }
            }
        });
        requester.simulation().after(order.replyTimeoutNanos(), () -> {
            if (phase == Phase.ACKNOWLEDGED && attempt == current) {
                if (resets > 0 && requester.simulation().now() - order.startNanos() < RESETS_WITHIN) {
                    resets--;
                    request(REQUEST_TRIES);
                } else {
                    fail("no reply in time");
                }
            }
        });
    }

    private boolean heardByRequester(final Packet.Datagram datagram) {
        if (!isOurs(datagram) || !datagram.way().equals(order.way().back())) {
            return false;
        }
        switch (datagram.type()) {
            case "ACK", "PREP" -> phase = phase == Phase.ASKED ? Phase.ACKNOWLEDGED : phase;
            case "REP" -> {
                final boolean first = phase != Phase.ANSWERED;
                phase = Phase.ANSWERED;
                requester.simulation().send(datagram(order.way(), "ACK", "", List.of()), !first);
                if (first) {
                    answered();
                }
            }
            case "NAK" -> fail("refused");
            default -> {}
        }
        return true;
    }

    private void answered() {
        if (order.ports().isEmpty()) {
            done = true;
        } else {
            final List<Talk> streams = new ArrayList<>();
            for (int i = order.ports().size() - 1; i >= 0; i--) {
                // Each is connected when the one before it is there.
                final Way way = order.stream(i);
                final Talk next = streams.isEmpty() ? null : streams.get(0);
                final Way nextWay = order.stream(Math.min(i + 1, order.ports().size() - 1));
                streams.add(0, talk(order.streams().get(i), way, order.turns(i), () -> {
                    if (next != null) {
                        requester.simulation().after(order.pauseNanos(), () -> requester.connect(nextWay, next));
                    }
                }));
            }
            requester.simulation().after(order.pauseNanos(), () -> requester.connect(order.stream(0), streams.get(0)));
        }
    }

    private boolean heardByResponder(final Packet.Datagram datagram) {
        if (!isOurs(datagram) || !datagram.way().equals(order.way())) {
            return false;
        }
        if (datagram.type().equals("REQ")) {
            switch (service) {
                case NONE -> {
                    service = Service.RUNNING;
                    answer("ACK", "", false);
                    responder.simulation().after(order.workNanos(), () -> {
                        for (final int port : order.ports()) {
                            responder.listen(port, Long.MAX_VALUE);
                        }
                        service = Service.REPLIED;
                        reply(REPLY_TRIES);
                    });
                    if (order.workNanos() > SECOND && order.ports().isEmpty()) {
                        responder
                                .simulation()
                                .after(order.workNanos() / 2, () -> answer("PREP", "/home 0 SIZE 1\n", false));
                    }
                }
                case RUNNING -> answer("ACK", "", true);
                case REPLIED -> answer("REP", order.replyBody(), true);
                default -> {}
            }
        } else if (datagram.type().equals("ACK") && service == Service.REPLIED) {
            service = Service.CLOSED;
            final long now = responder.simulation().now();
            for (int i = 0; i < order.ports().size(); i++) {
                responder.listen(order.ports().get(i), now + (i + 1) * ACCEPT_WAIT);
            }
        }
        return true;
    }

    private void answer(final String type, final String body, final boolean again) {
        final List<Integer> ports = type.equals("REP") ? order.ports() : List.of();
        responder.simulation().send(datagram(order.way().back(), type, body, ports), again);
    }

    private void reply(final int tries) {
        if (service != Service.REPLIED) {
            return;
        }
        if (tries == 0) {
            // amandad ends, and the next request finds a new one.
            service = Service.NONE;
            return;
        }
        answer("REP", order.replyBody(), tries < REPLY_TRIES);
        responder.simulation().after(ACK_WAIT, () -> reply(tries - 1));
    }
}
