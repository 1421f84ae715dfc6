package org.amverdict.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.amanda.Service;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;

/** Makes packets of dumps and recoveries between many hosts, and of everybody who would like to be one of them. */
final class RandomTraffic {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long LIFETIME = TableLimits.DEFAULTS.expectations().lifetimeNanos();
    static final int FIRST_PORT = 20_000;
    private static final int PORTS = 24;
    private static final int HOSTS = 4;
    private static final int SEQUENCE = 1000;
    private static final int RESPONDERS_SEQUENCE = 5000;
    private static final int LATELY_MAX = 8;
    private static final String[] SERVERS = {"192.0.2.", "2001:db8:1::"};
    private static final String[] CLIENTS = {"198.51.100.", "2001:db8:2::"};
    private static final int FIRST_HOST = 10;

    /** What the ledger must know of a packet. */
    record Sent(String source, int sourcePort, String target, int port, int flags, int sequence, int acknowledged) {
        static final Sent DATAGRAM = new Sent("", 0, "", 0, 0, 0, 0);

        byte[] packet() {
            return PacketBuilder.ip(source, target)
                    .tcp(sourcePort, port, flags, sequence, acknowledged, new byte[0], new byte[0]);
        }

        boolean isTcp() {
            return port != 0;
        }

        String pair() {
            return source + ">" + target + ":" + port;
        }

        String tuple() {
            return source + ":" + sourcePort + ">" + target + ":" + port;
        }

        String reverse() {
            return target + ":" + port + ">" + source + ":" + sourcePort;
        }
    }

    final SplittableRandom random;
    List<Integer> lastPorts = List.of(FIRST_PORT);
    private Exchange lastExchange = Exchange.of("sendbackup");
    private final List<Sent> lately = new ArrayList<>();

    RandomTraffic(final long seed) {
        random = new SplittableRandom(seed);
    }

    Exchange exchange() {
        final int i = random.nextInt(HOSTS);
        final boolean six = random.nextBoolean();
        final String server = SERVERS[six ? 1 : 0] + (FIRST_HOST + i);
        final String client = CLIENTS[six ? 1 : 0] + (FIRST_HOST + (random.nextInt(6) < 5 ? i : 0));
        final boolean recovery = random.nextInt(4) == 0;
        final String service = recovery ? "amindexd" : random.nextInt(8) == 0 ? "selfcheck" : "sendbackup";
        return Exchange.of(service)
                .withHosts(recovery ? client : server, recovery ? server : client)
                .withPorts(844 + random.nextInt(2), EngineFixture.CONTROL)
                .withNames("000-0000000" + random.nextInt(3), "" + random.nextInt(2));
    }

    /** Ports that the next REP of this exchange announces. */
    String line(final Exchange exchange) {
        lastExchange = exchange;
        final int first = FIRST_PORT + random.nextInt(PORTS / 4) * 4;
        if (exchange.service().equals("amindexd")) {
            lastPorts = List.of(first);
            return "CONNECT MESG " + first;
        }
        lastPorts = random.nextBoolean() ? List.of(first, first + 1, first + 2) : List.of(first, first + 1);
        return "CONNECT DATA " + first + " MESG " + (first + 1) + " INDEX " + (lastPorts.size() == 3 ? first + 2 : -1);
    }

    /** A TCP packet: often of a stream that was announced, or of a connection that was tried, lately. */
    Sent connection(final Exchange exchange) {
        final int kind = random.nextInt(8);
        if (kind < 3 && lately.size() > 0) {
            final Sent before = lately.get(random.nextInt(lately.size()));
            final boolean back = random.nextBoolean();
            return back
                    ? new Sent(
                            before.target(),
                            before.port(),
                            before.source(),
                            before.sourcePort(),
                            flags(),
                            RESPONDERS_SEQUENCE,
                            SEQUENCE + 1)
                    : new Sent(
                            before.source(),
                            before.sourcePort(),
                            before.target(),
                            before.port(),
                            flags(),
                            SEQUENCE + random.nextInt(2),
                            RESPONDERS_SEQUENCE + 1);
        }
        final boolean announced = kind < 6;
        final int port =
                announced ? lastPorts.get(random.nextInt(lastPorts.size())) : FIRST_PORT + random.nextInt(PORTS);
        final Exchange of = announced ? lastExchange : exchange;
        final boolean stranger = random.nextInt(10) == 0;
        final String requester = stranger
                ? of.requester().indexOf(':') < 0 ? EngineFixture.STRANGER : EngineFixture.STRANGER6
                : of.requester();
        final int sourcePort = Exchange.CONNECTOR + random.nextInt(2);
        final boolean swapped = random.nextInt(10) == 0;
        final Sent syn = swapped
                ? new Sent(of.responder(), sourcePort, requester, port, TcpView.SYN, SEQUENCE, 0)
                : new Sent(requester, sourcePort, of.responder(), port, TcpView.SYN, SEQUENCE, 0);
        lately.add(syn);
        if (lately.size() > LATELY_MAX) {
            lately.remove(0);
        }
        return syn;
    }

    private int flags() {
        return switch (random.nextInt(10)) {
            case 0 -> TcpView.RST | TcpView.ACK;
            case 1, 2 -> TcpView.SYN | TcpView.ACK;
            case 3, 4 -> TcpView.ACK;
            case 5 -> TcpView.FIN | TcpView.ACK;
            case 6 -> TcpView.SYN | TcpView.FIN;
            default -> TcpView.SYN;
        };
    }

    byte[] rubbish(final byte[] packet) {
        final byte[] changed =
                random.nextBoolean() ? packet.clone() : Arrays.copyOf(packet, random.nextInt(packet.length + 1));
        for (int i = random.nextInt(3); i >= 0 && changed.length > 0; i--) {
            changed[random.nextInt(Math.min(changed.length, 60))] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    long pause() {
        return switch (random.nextInt(80)) {
            case 0 -> random.nextLong(200) * SECOND;
            case 1 -> LIFETIME;
            default -> random.nextLong(SECOND / 4);
        };
    }

    /** Dumps and recoveries are allowed between all servers and clients. */
    static EngineSettings settings() {
        final int dumps = Service.SENDBACKUP.bit() | Service.NOOP.bit() | Service.SELFCHECK.bit();
        final int recovery = Service.AMINDEXD.bit() | Service.AMIDXTAPED.bit();
        final HostSet servers = HostSet.of("192.0.2.0/24", "2001:db8:1::/64");
        final HostSet clients = HostSet.of("198.51.100.0/24", "2001:db8:2::/64");
        return EngineFixture.settings(Policy.of(List.of(
                new Allowance("dumps", servers, clients, dumps, Policy.DEFAULT_STREAM_PORTS, false),
                new Allowance("recovery", clients, servers, recovery, Policy.DEFAULT_STREAM_PORTS, false))));
    }

    /** What can be changed at random without becoming a REP that somebody would have to know of. */
    byte[] noReply(final Exchange exchange) {
        return random.nextBoolean()
                ? exchange.fromResponder("NAK", "ERROR CONNECT DATA 22\n")
                : exchange.unreachableForRequester(exchange.syn(lastPorts.get(0)));
    }
}
