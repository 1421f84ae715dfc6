package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.amverdict.packet.TcpView;

/** An honest host: its connections, the ports it listens on, and the receivers of its control datagrams. */
final class Host {
    private final String address;
    private final Simulation simulation;
    private final SplittableRandom random;
    private final Map<Way, Peer> peers = new HashMap<>();
    private final Map<Way, Talk> awaited = new HashMap<>();
    private final Map<Integer, Long> listening = new HashMap<>();
    private final List<Predicate<Packet.Datagram>> listeners = new ArrayList<>();

    Host(final String address, final Simulation simulation, final SplittableRandom random) {
        this.address = address;
        this.simulation = simulation;
        this.random = random;
        simulation.add(this);
    }

    String address() {
        return address;
    }

    Simulation simulation() {
        return simulation;
    }

    /** The receiver of a datagram reports it. */
    void onDatagram(final Predicate<Packet.Datagram> listener) {
        listeners.add(listener);
    }

    void listen(final int port, final long untilNanos) {
        listening.put(port, untilNanos);
    }

    /** A connection that this host will accept, by the way of its opener. */
    void await(final Way opener, final Talk talk) {
        awaited.put(opener, talk);
    }

    boolean awaits(final Way opener) {
        return awaited.containsKey(opener);
    }

    Talk awaited(final Way opener) {
        return awaited.getOrDefault(opener, new Talk("nobody's", List.of(), () -> {}, () -> {}));
    }

    /** Connects and talks. */
    void connect(final Way way, final Talk talk) {
        final Peer peer = new Peer(this, way, random.nextInt());
        peers.put(way, peer);
        peer.connect(talk);
    }

    void forget(final Way way, final Peer peer) {
        peers.remove(way, peer);
    }

    void receive(final Packet packet) {
        if (packet instanceof Packet.Datagram datagram) {
            for (final Predicate<Packet.Datagram> listener : listeners) {
                if (listener.test(datagram)) {
                    return;
                }
            }
        } else if (packet instanceof Packet.Segment segment) {
            receive(segment);
        }
    }

    private void receive(final Packet.Segment segment) {
        final Way way = segment.way().back();
        final Peer peer = peers.get(way);
        if (peer != null) {
            peer.receive(segment);
        } else if (segment.begins()
                && listening.getOrDefault(segment.way().port(), Long.MIN_VALUE) > simulation.now()) {
            final Peer opened = new Peer(this, way, random.nextInt());
            peers.put(way, opened);
            opened.answer(segment);
        } else if (!segment.has(TcpView.RST)) {
            refuse(segment);
        }
    }

    /** Answers what belongs to no connection (RFC 9293, 3.10.7.1). */
    void refuse(final Packet.Segment segment) {
        final Packet.Segment reset = segment.has(TcpView.ACK)
                ? new Packet.Segment(segment.way().back(), TcpView.RST, segment.acknowledgement(), 0, 0)
                : new Packet.Segment(
                        segment.way().back(), TcpView.RST | TcpView.ACK, 0, segment.sequence() + segment.length(), 0);
        simulation.send(reset, false);
    }
}
