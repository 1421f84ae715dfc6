package org.amverdict.simulation;

import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineFixture;
import org.amverdict.packet.TcpView;

/**
 * Two hosts that the policy allows and that conspire: they do in their own names, each by its own interface, whatever may
 * fill tables or use up what others need.
 */
final class Hostile {
    private static final List<String> STREAMS = List.of("DATA", "MESG", "INDEX");

    /** Around the end of an announcement's time. */
    private static final long LATE = 170 * Simulation.SECOND;

    private static final long LATE_SPREAD = 20 * Simulation.SECOND;

    private final Simulation simulation;
    private final Plan plan;
    private final String server;
    private final String client;

    Hostile(final Plan plan, final Simulation simulation) {
        this.plan = plan;
        this.simulation = simulation;
        server = plan.six ? "2001:db8:1::66" : "192.0.2.66";
        client = plan.six ? "2001:db8:2::66" : "198.51.100.66";
    }

    void act(final SplittableRandom random) {
        switch (random.nextInt(4)) {
            case 0 -> bother(random);
            case 1 -> announceToOthers(random);
            default -> exchange(random);
        }
    }

    private void send(final Packet packet) {
        simulation.forge(packet, simulation.network().of(packet.way().source()));
    }

    private void send(
            final Way way, final String type, final String[] names, final String body, final List<Integer> ports) {
        send(new Packet.Datagram(way, type, names[0], names[1], body, ports));
    }

    private static String[] names(final SplittableRandom random) {
        return new String[] {
            "000-0000000" + random.nextInt(8), Integer.toString(1_795_000_000 + random.nextInt(2_000_000))
        };
    }

    private int port(final SplittableRandom random) {
        return plan.terms.narrow() ? 50_000 + random.nextInt(plan.narrowPorts()) : 1024 + random.nextInt(64_500);
    }

    private List<Integer> ports(final SplittableRandom random) {
        final int first = port(random);
        return List.of(first, first + 1, first + 2);
    }

    /** One exchange between the two, as far as they like, and its connections. */
    private void exchange(final SplittableRandom random) {
        final Way way = new Way(server, 512 + random.nextInt(512), client, EngineFixture.CONTROL);
        final String[] names = names(random);
        send(way, "REQ", names, EngineFixture.requestBody("sendbackup"), List.of());
        if (random.nextBoolean()) {
            send(way.back(), "ACK", names, "", List.of());
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            final List<Integer> ports = ports(random);
            send(
                    way.back(),
                    "REP",
                    names,
                    Order.connectLine(STREAMS, ports, false) + "\nOPTIONS features=" + EngineFixture.FEATURES + ";\n",
                    ports);
            for (final int port : ports) {
                final Way stream = new Way(server, 1024 + random.nextInt(64_000), client, port);
                switch (random.nextInt(4)) {
                    case 0 -> connect(random, stream);
                    case 1 -> {
                        final SplittableRandom later = random.split();
                        simulation.after(LATE + random.nextLong(LATE_SPREAD), () -> connect(later, stream));
                    }
                    default -> {}
                }
            }
        }
        if (random.nextBoolean()) {
            send(way, "ACK", names, "", List.of());
        }
    }

    private void connect(final SplittableRandom random, final Way way) {
        final int mine = random.nextInt();
        final int other = random.nextInt();
        send(new Packet.Segment(way, TcpView.SYN, mine, 0, 0));
        if (random.nextBoolean()) {
            send(new Packet.Segment(way.back(), TcpView.SYN | TcpView.ACK, other, mine + 1, 0));
            send(new Packet.Segment(way, TcpView.ACK, mine + 1, other + 1, 0));
        } else if (random.nextBoolean()) {
            send(new Packet.Segment(way.back(), TcpView.RST | TcpView.ACK, 0, mine + 1, 0));
        }
    }

    /** Asks honest hosts, and connects to them. */
    private void bother(final SplittableRandom random) {
        final String honest = random.nextBoolean()
                ? plan.clients.get(random.nextInt(plan.clients.size()))
                : plan.servers.get(random.nextInt(plan.servers.size()));
        final boolean toServer = plan.servers.contains(honest);
        final String self = toServer ? client : server;
        final Way way = new Way(self, 512 + random.nextInt(512), honest, EngineFixture.CONTROL);
        final String service = toServer ? "amindexd" : random.nextBoolean() ? "sendbackup" : "sendsize";
        send(way, "REQ", names(random), EngineFixture.requestBody(service), List.of());
        connect(random, random.nextBoolean() ? way : new Way(self, 40_000, honest, port(random)));
    }

    /** Answers what an honest server may have asked others. */
    private void announceToOthers(final SplittableRandom random) {
        final String honest = plan.servers.get(random.nextInt(plan.servers.size()));
        final Way way = new Way(honest, plan.firstPort + random.nextInt(plan.ports()), client, EngineFixture.CONTROL);
        final List<Integer> ports = ports(random);
        final String type = List.of("ACK", "NAK", "REP").get(random.nextInt(3));
        final boolean announces = type.equals("REP");
        send(
                way.back(),
                type,
                names(random),
                announces ? Order.connectLine(STREAMS, ports, false) + "\n" : "",
                announces ? ports : List.of());
    }
}
