package org.amverdict.simulation;

import java.util.List;
import org.amverdict.packet.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * One end of a TCP connection, as far as it matters here: handshake, one segment at a time, retransmission, and what
 * RFC 5961 makes of segments that anybody may have forged.
 */
final class Peer {
    private static final long SECOND = Simulation.SECOND;
    /** SYNs go at 0, 1, 3, 7, 15 and 31 s, and the connection is given up at 63 s. */
    private static final int SYN_TRIES = 6;

    /** Two minutes of trying. */
    private static final int DATA_TRIES = 8;

    private static final int ANSWER_TRIES = 5;
    /** For an unwanted connection: it costs only time. */
    private static final int FORGED_ANSWER_TRIES = 2;

    private static final long PAUSE_MAX = 60 * SECOND;
    /** How long Linux remembers a connection that this end closed first. */
    private static final long TIME_WAIT = 60 * SECOND;

    private static final int WINDOW = 65_535;

    private enum State {
        SYN_SENT,
        SYN_RECEIVED,
        ESTABLISHED,
        OVER
    }

    private final Host host;
    private final Way way;
    private final int start;
    private State state = State.SYN_SENT;
    private boolean opener;
    private @Nullable Talk talk;
    private int acknowledged;
    private int sent;
    private int expected;
    private int turn;

    /** @param way from this end to the other */
    Peer(final Host host, final Way way, final int start) {
        this.host = host;
        this.way = way;
        this.start = start;
        acknowledged = start;
        sent = start + 1;
    }

    void connect(final Talk newTalk) {
        opener = true;
        talk = newTalk;
        repeat(segment(TcpView.SYN, start, 0), State.SYN_SENT, SYN_TRIES, "no answer to the SYN");
    }

    /** Answers a SYN to a port that listens. */
    void answer(final Packet.Segment syn) {
        state = State.SYN_RECEIVED;
        expected = syn.sequence() + 1;
        final int tries = host.awaits(way.back()) ? ANSWER_TRIES : FORGED_ANSWER_TRIES;
        repeat(segment(TcpView.SYN | TcpView.ACK, start, 0), State.SYN_RECEIVED, tries, "");
    }

    private Packet.Segment segment(final int flags, final int sequence, final int payload) {
        return new Packet.Segment(way, flags, sequence, (flags & TcpView.ACK) != 0 ? expected : 0, payload);
    }

    /** Sends it until the state is another. */
    private void repeat(final Packet.Segment segment, final State while_, final int tries, final String failure) {
        repeat(segment, while_, tries, 0, SECOND, failure);
    }

    private void repeat(
            final Packet.Segment segment,
            final State during,
            final int tries,
            final int number,
            final long pause,
            final String failure) {
        if (state != during) {
            return;
        }
        if (number == tries) {
            giveUp(failure);
            return;
        }
        final boolean seen = number > 0
                || (segment.has(TcpView.ACK) && host.awaited(way.back()).beginsSilently());
        host.simulation().send(segment, seen);
        host.simulation().after(pause, () -> repeat(segment, during, tries, number + 1, 2 * pause, failure));
    }

    private void giveUp(final String why) {
        state = State.OVER;
        host.forget(way, this);
        if (talk != null) {
            talk.fail(why);
        }
    }

    private void acknowledge() {
        host.simulation().send(segment(TcpView.ACK, sent, 0), true);
    }

    void receive(final Packet.Segment segment) {
        if (segment.has(TcpView.RST)) {
            reset(segment);
            return;
        }
        switch (state) {
            case SYN_SENT -> receiveAnswer(segment);
            case SYN_RECEIVED -> receiveCompletion(segment);
            case ESTABLISHED -> receiveData(segment);
            default -> {}
        }
    }

    private void reset(final Packet.Segment segment) {
        final int distance = segment.sequence() - expected;
        if (state == State.SYN_SENT) {
            if (segment.has(TcpView.ACK) && segment.acknowledgement() == start + 1) {
                giveUp("refused");
            }
        } else if (distance == 0) {
            giveUp("reset");
        } else if (distance > 0 && distance < WINDOW && state == State.ESTABLISHED) {
            acknowledge();
        }
    }

    private void receiveAnswer(final Packet.Segment segment) {
        if (!segment.has(TcpView.ACK)) {
            return;
        }
        if (segment.acknowledgement() != start + 1) {
            host.refuse(segment);
        } else if (segment.has(TcpView.SYN)) {
            state = State.ESTABLISHED;
            expected = segment.sequence() + 1;
            acknowledged = sent;
            host.simulation().send(segment(TcpView.ACK, sent, 0), talk != null && talk.beginsSilently());
            if (talk != null) {
                talk.opened();
                begin(talk);
            }
        }
    }

    private void receiveCompletion(final Packet.Segment segment) {
        if (segment.begins()) {
            if (segment.sequence() + 1 == expected) {
                host.simulation().send(segment(TcpView.SYN | TcpView.ACK, start, 0), true);
            } else {
                acknowledge();
            }
        } else if (segment.has(TcpView.ACK)
                && segment.acknowledgement() == sent
                && segment.sequence() - expected >= 0
                && segment.sequence() - expected < WINDOW) {
            state = State.ESTABLISHED;
            acknowledged = sent;
            talk = host.awaited(way.back());
            begin(talk);
            receiveData(segment);
        } else if (segment.has(TcpView.ACK) && segment.acknowledgement() != sent) {
            host.refuse(segment);
        }
    }

    private void receiveData(final Packet.Segment segment) {
        if (segment.has(TcpView.SYN)) {
            acknowledge();
            return;
        }
        final Talk current = talk;
        final int news = segment.acknowledgement() - acknowledged;
        if (!segment.has(TcpView.ACK) || current == null || news > sent - acknowledged || news < -WINDOW) {
            return;
        }
        if (news > 0) {
            acknowledged = segment.acknowledgement();
            if (acknowledged == sent) {
                proceed(current);
            }
        }
        final int length = segment.length();
        if (length == 0) {
            return;
        }
        if (segment.sequence() == expected) {
            expected += length;
            acknowledge();
            proceed(current);
        } else {
            acknowledge();
        }
    }

    private void proceed(final Talk current) {
        turn++;
        begin(current);
    }

    private void begin(final Talk current) {
        final List<Talk.Turn> turns = current.turns();
        if (turn == turns.size()) {
            current.finishedByOne();
            final boolean closedLast = turns.isEmpty() || turns.get(turn - 1).byOpener() == opener;
            host.simulation().after(closedLast ? 0 : TIME_WAIT, () -> host.forget(way, this));
        } else if (turn < turns.size() && turns.get(turn).byOpener() == opener) {
            final Talk.Turn own = turns.get(turn);
            host.simulation().after(own.delayNanos(), () -> say(own, current));
        }
    }

    private void say(final Talk.Turn own, final Talk current) {
        if (state != State.ESTABLISHED) {
            return;
        }
        final int from = sent;
        sent += own.bytes() + (own.fin() ? 1 : 0);
        repeatTurn(own, from, current, 0, SECOND);
    }

    private void repeatTurn(
            final Talk.Turn own, final int from, final Talk current, final int number, final long pause) {
        if (state != State.ESTABLISHED || acknowledged - from > 0) {
            return;
        }
        if (number == DATA_TRIES) {
            giveUp("data was never acknowledged");
            return;
        }
        host.simulation().send(segment(TcpView.ACK | (own.fin() ? TcpView.FIN : 0), from, own.bytes()), number > 0);
        host.simulation()
                .after(pause, () -> repeatTurn(own, from, current, number + 1, Math.min(2 * pause, PAUSE_MAX)));
    }
}
