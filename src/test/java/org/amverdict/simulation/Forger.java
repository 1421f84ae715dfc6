package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineFixture;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;

/**
 * Sends what anybody may send: in any host's name and by every interface. An attacker that does not see the traffic
 * knows addresses, control ports and the ranges that ports are taken from, but no HANDLE, SEQ or sequence number.
 */
final class Forger {
    private static final int FEW = 4;
    private static final int MANY = 40;
    private static final int FLOOD = 80;
    private static final List<String> STREAMS = List.of("DATA", "MESG", "INDEX");
    private static final String[] SERVICES = {"noop", "sendsize", "selfcheck", "sendbackup"};

    private final Plan plan;
    private final Simulation simulation;
    private final Cut cut;
    private final Hostile hostile;
    private int current;

    Forger(final Plan plan, final Simulation simulation, final Cut cut) {
        this.plan = plan;
        this.simulation = simulation;
        this.cut = cut;
        hostile = new Hostile(plan, simulation);
    }

    void act(final Plan.Happening happening) {
        final SplittableRandom random = new SplittableRandom(happening.seed());
        current = happening.number();
        final int count = random.nextInt(3) == 0 ? MANY : 1 + random.nextInt(FEW);
        final boolean slow = random.nextInt(4) == 0;
        switch (happening.kind()) {
            case REQUESTS -> repeat(random, slow, count, this::request);
            case ANSWERS -> repeat(random, slow, count, this::answer);
            case SYNS -> repeat(random, slow, count, this::syn);
            case FLOOD -> repeat(random, slow, plan.isSmall() ? FLOOD : count, this::flood);
            case SEGMENTS -> repeat(random, slow, count, this::segment);
            case ERRORS -> repeat(random, slow, count, this::error);
            case FRAGMENTS -> repeat(random, slow, 1 + random.nextInt(FEW), this::fragment);
            case CUTS -> repeat(random, slow, count, this::cut);
            case REPLAYS -> repeat(random, slow, 1 + random.nextInt(FEW), this::replay);
            case SECONDS -> repeat(random, slow, 1 + random.nextInt(FEW), this::second);
            case INTERFACES -> simulation.node().replaceInterface(random.nextInt(Network.SIDES));
            case STALLS -> simulation.node().stall(random);
            case KILLS -> simulation.node().kill(random);
            case HOSTILE -> repeat(random, slow, count, hostile::act);
            case RESTARTS -> simulation.node().restart(random);
            case POLICIES -> simulation.node().changePolicy(random);
            case UNSEEN -> simulation.node().look(random);
        }
    }

    private interface Move {
        void make(SplittableRandom random);
    }

    private void repeat(final SplittableRandom random, final boolean slow, final int count, final Move move) {
        long at = simulation.now();
        for (int i = 0; i < count; i++) {
            final SplittableRandom own = random.split();
            if (cut.keeps(Plan.idOf(current, i))) {
                simulation.at(at, () -> move.make(own));
            }
            at += slow ? random.nextLong(40 * Simulation.SECOND) : random.nextLong(Simulation.SECOND / 50);
        }
    }

    private void send(final SplittableRandom random, final Packet packet) {
        // The more often it comes from the right place, the more an interface proves.
        final int in = random.nextInt(3) == 0
                ? simulation.network().of(packet.way().source())
                : simulation.network().index(random.nextInt(Network.SIDES));
        simulation.forge(packet, in);
    }

    private String server(final SplittableRandom random) {
        return random.nextInt(8) != 0
                ? plan.servers.get(random.nextInt(plan.servers.size()))
                : (plan.six ? "2001:db8:1::" : "192.0.2.") + (11 + random.nextInt(4));
    }

    private String client(final SplittableRandom random) {
        return random.nextInt(8) != 0
                ? plan.clients.get(random.nextInt(plan.clients.size()))
                : (plan.six ? "2001:db8:2::" : "198.51.100.") + (21 + random.nextInt(4));
    }

    private int controlPort(final SplittableRandom random) {
        return plan.firstPort + random.nextInt(plan.ports());
    }

    private static String handle(final SplittableRandom random) {
        return "000-0000000" + random.nextInt(8);
    }

    private static String number(final SplittableRandom random) {
        return Integer.toString(1_795_000_000 + random.nextInt(2_000_000));
    }

    private Way controlWay(final SplittableRandom random) {
        return new Way(server(random), controlPort(random), client(random), EngineFixture.CONTROL);
    }

    private int streamPort(final SplittableRandom random) {
        return plan.terms.narrow() ? 50_000 + random.nextInt(plan.narrowPorts()) : 1024 + random.nextInt(64_500);
    }

    /** Where a TCP connection may be. */
    private Way tcpWay(final SplittableRandom random) {
        final List<Way> ways = simulation.sightings().ways();
        if (plan.knowing && !ways.isEmpty() && random.nextInt(4) != 0) {
            return ways.get(random.nextInt(ways.size()));
        }
        return switch (random.nextInt(4)) {
            case 0, 1 -> controlWay(random);
            case 2 -> new Way(server(random), 11_000 + random.nextInt(20), client(random), 11_000 + random.nextInt(20));
            default -> new Way(server(random), 32_768 + random.nextInt(28_000), client(random), streamPort(random));
        };
    }

    private void request(final SplittableRandom random) {
        final boolean recovery = random.nextInt(8) == 0;
        final String service = recovery ? "amindexd" : SERVICES[random.nextInt(SERVICES.length)];
        final Way way = recovery
                ? new Way(client(random), controlPort(random), server(random), EngineFixture.CONTROL)
                : controlWay(random);
        send(
                random,
                new Packet.Datagram(way, "REQ", handle(random), number(random), EngineFixture.requestBody(service)));
    }

    private void answer(final SplittableRandom random) {
        final String[] types = {"ACK", "PREP", "REP", "NAK", "REQ"};
        final String type = types[random.nextInt(types.length)];
        final int first = streamPort(random);
        final List<Integer> ports = List.of(first, first + 1, first + 2);
        final List<Packet.Datagram> requests = simulation.sightings().requests();
        final boolean right = plan.knowing && !requests.isEmpty() && random.nextBoolean();
        final Packet.Datagram request = right ? requests.get(random.nextInt(requests.size())) : null;
        final Way way = request == null ? controlWay(random) : request.way();
        final boolean announces = type.equals("REP") && random.nextInt(4) != 0;
        send(
                random,
                new Packet.Datagram(
                        random.nextInt(5) == 0 ? way : way.back(),
                        type,
                        request == null ? handle(random) : request.handle(),
                        request == null ? number(random) : request.number(),
                        announces ? Order.connectLine(STREAMS, ports, false) + "\nOPTIONS ;\n" : "OPTIONS ;\n",
                        announces ? ports : List.of()));
    }

    private void syn(final SplittableRandom random) {
        final Way way = tcpWay(random);
        final boolean back = random.nextInt(5) == 0;
        send(random, new Packet.Segment(back ? way.back() : way, TcpView.SYN, random.nextInt(), 0, 0));
    }

    /** A SYN, and perhaps what would follow it if its answer had not been seen. */
    private void flood(final SplittableRandom random) {
        final String source = (plan.six ? "2001:db8:1::" : "192.0.2.") + (20 + random.nextInt(200));
        final String target =
                random.nextBoolean() ? plan.clients.get(0) : (plan.six ? "2001:db8:2::77" : "198.51.100.77");
        final Way way = new Way(source, 512 + random.nextInt(512), target, EngineFixture.CONTROL);
        final int sequence = random.nextInt();
        final int in = simulation.network().index(random.nextInt(Network.SIDES));
        simulation.forge(new Packet.Segment(way, TcpView.SYN, sequence, 0, 0), in);
        if (random.nextBoolean()) {
            simulation.forge(new Packet.Segment(way, TcpView.ACK, sequence + 1, random.nextInt(), 0), in);
        }
    }

    private void segment(final SplittableRandom random) {
        final int[] flags = {
            TcpView.SYN | TcpView.ACK,
            TcpView.ACK,
            TcpView.ACK,
            TcpView.FIN | TcpView.ACK,
            TcpView.RST,
            TcpView.RST | TcpView.ACK
        };
        final Way way = tcpWay(random);
        final int chosen = flags[random.nextInt(flags.length)];
        send(
                random,
                new Packet.Segment(
                        random.nextBoolean() ? way : way.back(),
                        chosen,
                        random.nextInt(8) == 0 ? 0 : random.nextInt(),
                        (chosen & TcpView.ACK) == 0 ? 0 : random.nextInt(),
                        chosen == TcpView.ACK && random.nextBoolean() ? 100 : 0));
    }

    private void error(final SplittableRandom random) {
        final Way way = random.nextBoolean() ? tcpWay(random) : tcpWay(random).back();
        final Packet quoted = random.nextInt(3) == 0
                ? new Packet.Datagram(controlWay(random), "REQ", handle(random), number(random), "")
                : new Packet.Segment(way, TcpView.SYN, random.nextInt(), 0, 0);
        final String router = random.nextBoolean()
                ? quoted.way().target()
                : plan.six ? EngineFixture.STRANGER6 : EngineFixture.STRANGER;
        final byte[] bytes = PacketBuilder.icmpError(
                router, quoted.way().source(), plan.six ? 1 : 3, random.nextInt(5), quoted.bytes());
        send(
                random,
                new Packet.Raw(
                        new Way(router, 0, quoted.way().source(), 0), bytes, "ICMP of " + router + " about " + quoted));
    }

    /** Less than the headers of a packet. */
    private void cut(final SplittableRandom random) {
        final Packet whole = random.nextInt(3) == 0
                ? new Packet.Datagram(controlWay(random), "REQ", handle(random), number(random), "")
                : new Packet.Segment(tcpWay(random), TcpView.SYN, random.nextInt(), 0, 0);
        final int headers = (plan.six ? 40 : 20) + (whole instanceof Packet.Segment ? 20 : 8);
        send(random, Packet.Raw.cut(whole, 1 + random.nextInt(headers - 1)));
    }

    private void fragment(final SplittableRandom random) {
        final Packet.Datagram datagram = new Packet.Datagram(
                controlWay(random),
                "REQ",
                handle(random),
                number(random),
                EngineFixture.requestBody("selfcheck") + "x".repeat(1200));
        final int mtu = 200 + 8 * random.nextInt(50);
        final List<Packet> parts = fragments(datagram, mtu, random.nextInt(4));
        for (int i = parts.size(); i > 0; i--) {
            send(random, parts.get(random.nextInt(parts.size())));
        }
    }

    static List<Packet> fragments(final Packet.Datagram datagram, final int mtu, final long identification) {
        final byte[] whole = datagram.bytes();
        final List<Packet> parts = new ArrayList<>();
        for (final byte[] part : PacketBuilder.fragments(whole, mtu)) {
            if (part[0] >>> 4 == 4) {
                PacketBuilder.putShort(part, 4, (int) identification);
            } else {
                PacketBuilder.putInt(part, 44, (int) identification);
            }
            parts.add(new Packet.Raw(datagram.way(), part, "fragment " + parts.size() + " of " + datagram));
        }
        return parts;
    }

    private void replay(final SplittableRandom random) {
        final List<Packet> history = simulation.sightings().packets();
        if (!history.isEmpty()) {
            send(random, history.get(random.nextInt(history.size())));
        }
    }

    private void second(final SplittableRandom random) {
        final List<Way> ways = simulation.sightings().ways();
        if (!ways.isEmpty()) {
            final Way way = ways.get(random.nextInt(ways.size()));
            send(random, new Packet.Segment(way, TcpView.SYN, random.nextInt(), 0, 0));
        }
    }
}
