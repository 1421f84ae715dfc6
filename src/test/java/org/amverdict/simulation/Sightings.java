package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;

/** Recent packets, connections and requests: what an attacker on the wire knows. */
final class Sightings {
    private static final int REMEMBERED = 32;

    private final List<Packet> packets = new ArrayList<>();
    private final List<Way> ways = new ArrayList<>();
    private final List<Packet.Datagram> requests = new ArrayList<>();

    void add(final Packet packet, final boolean honest) {
        if (packet instanceof Packet.Segment segment && segment.begins() && honest) {
            remember(ways, segment.way());
        } else if (packet instanceof Packet.Datagram datagram && datagram.type().equals("REQ") && honest) {
            remember(requests, datagram);
        }
        remember(packets, packet);
    }

    private static <T> void remember(final List<T> list, final T item) {
        list.add(item);
        if (list.size() > REMEMBERED) {
            list.remove(0);
        }
    }

    List<Packet> packets() {
        return packets;
    }

    /** Of connections that an honest host opened. */
    List<Way> ways() {
        return ways;
    }

    /** Of honest hosts. */
    List<Packet.Datagram> requests() {
        return requests;
    }
}
