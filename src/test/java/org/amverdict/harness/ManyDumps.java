package org.amverdict.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;

/**
 * Dumps between the lab's server and client by the ten thousand, each a new one, packet by packet as the two hosts would
 * send them, mixed with packets that must be dropped. Never more packets are under way than the queue holds. One
 * thread.
 */
public final class ManyDumps {
    /** Dumps at a time: each has sent its request before the first one's reply leaves, and so on. */
    private static final int AT_A_TIME = 32;

    private static final int QUEUED_MAX = 1_000;
    private static final long DRAIN_SECONDS_MAX = 10;

    private static final int REQUESTER = 600;
    private static final int REQUESTERS = 400;
    private static final int CONNECTOR = 20_000;
    private static final int CONNECTORS = 40_000;
    private static final int STREAM = 11_000;
    private static final int STREAM_TRIPLES = 10_000;
    /** No port above it is announced. */
    private static final int NEVER_ANNOUNCED = 50_000;
    /** Four of them forth, and four back. */
    private static final int SEGMENTS = 8;

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DATA = new byte[64];
    private static final byte[] NOTHING = {};

    private final NetworkLab lab;
    private final List<Family> families;
    private final Carried carried;
    private final PacketInjector server;
    private final PacketInjector client;
    private int made;

    /** The stream of each dump that is more than a SYN: a handshake, segments both ways, and the end. */
    public enum Carried {
        NONE,
        DATA,
        MESG
    }

    /** One dump: its transaction, the addresses, and the ports of requester, connecting server and DATA. */
    private record Dump(Transaction of, String server, String client, int requester, int connector, int data) {}

    /** @param families of the dumps, in turn */
    public ManyDumps(final NetworkLab lab, final List<Family> families, final Carried carried) throws IOException {
        this.lab = lab;
        this.families = families;
        this.carried = carried;
        for (final Host host : List.of(lab.server(), lab.client())) {
            // The hosts' own kernels do not know these dumps and must not answer.
            for (final String tool : List.of("iptables", "ip6tables")) {
                host.run(tool, "-A", "INPUT", "-p", "tcp", "-j", "DROP");
                host.run(tool, "-A", "INPUT", "-p", "udp", "-j", "DROP");
            }
        }
        server = injector(lab.server(), "server");
        client = injector(lab.client(), "client");
    }

    private PacketInjector injector(final Host host, final String firewallDevice) throws IOException {
        final String address = lab.firewall().run("cat", "/sys/class/net/" + firewallDevice + "/address");
        return lab.own(new PacketInjector(host, address));
    }

    /** Dumps played so far. */
    public int made() {
        return made;
    }

    /** Packets of one dump. */
    public int packetsEach() {
        return carried == Carried.NONE ? 10 : 10 + 2 + SEGMENTS + 4;
    }

    /**
     * Plays at least that many dumps and waits until all their packets are judged.
     *
     * @return dumps played
     */
    public int play(final int least) throws IOException {
        final int first = made;
        while (made - first < least) {
            final Dump[] dumps = new Dump[AT_A_TIME];
            for (int i = 0; i < AT_A_TIME; i++) {
                dumps[i] = dump(made++);
            }
            exchange(dumps);
            connect(dumps);
            if (carried != Carried.NONE) {
                carry(dumps);
            }
            awaitQueued(QUEUED_MAX);
        }
        awaitQueued(0);
        return made - first;
    }

    private Dump dump(final int number) {
        final Family family = families.get(number % families.size());
        return new Dump(
                Transaction.number(number),
                lab.server().address(family).getHostAddress(),
                lab.client().address(family).getHostAddress(),
                REQUESTER + number % REQUESTERS,
                CONNECTOR + number % CONNECTORS,
                // Another triple when the connector's port comes again.
                STREAM + 3 * ((number + number / CONNECTORS) % STREAM_TRIPLES));
    }

    private void exchange(final Dump[] dumps) {
        for (final Dump dump : dumps) {
            ask(dump, AmandaMessages.sendbackup(dump.of(), true));
            ask(dump, HELLO);
        }
        for (final Dump dump : dumps) {
            final int data = dump.data();
            answer(dump, AmandaMessages.ack(dump.of()));
            answer(
                    dump,
                    AmandaMessages.connectReply(
                            dump.of(), "DATA " + data + " MESG " + (data + 1) + " INDEX " + (data + 2)));
        }
    }

    private void connect(final Dump[] dumps) {
        for (final Dump dump : dumps) {
            ask(dump, AmandaMessages.ack(dump.of()));
            forth(dump, dump.data() + NEVER_ANNOUNCED - STREAM, TcpView.SYN, 0, NOTHING);
            for (int i = 0; i < 3; i++) {
                forth(dump, dump.data() + i, TcpView.SYN, 0, NOTHING);
            }
            // Taken already, by another port.
            server.send(PacketBuilder.ip(dump.server(), dump.client())
                    .tcp(dump.connector() - 1, dump.data(), TcpView.SYN, NOTHING));
        }
    }

    private void carry(final Dump[] dumps) {
        for (final Dump dump : dumps) {
            back(dump, port(dump), TcpView.SYN | TcpView.ACK, 0, NOTHING);
        }
        for (final Dump dump : dumps) {
            forth(dump, port(dump), TcpView.ACK, 1, NOTHING);
        }
        for (int i = 0; i < SEGMENTS / 2; i++) {
            final int sequence = 1 + i * DATA.length;
            for (final Dump dump : dumps) {
                forth(dump, port(dump), TcpView.ACK, sequence, DATA);
            }
            for (final Dump dump : dumps) {
                back(dump, port(dump), TcpView.ACK, sequence, DATA);
            }
        }
        final int end = 1 + SEGMENTS / 2 * DATA.length;
        for (final Dump dump : dumps) {
            forth(dump, port(dump), TcpView.ACK | TcpView.FIN, end, NOTHING);
            forth(dump, NEVER_ANNOUNCED, TcpView.ACK, end, DATA);
        }
        for (final Dump dump : dumps) {
            // Acknowledges the other's FIN, which has a number of its own.
            client.send(PacketBuilder.ip(dump.client(), dump.server())
                    .tcp(port(dump), dump.connector(), TcpView.ACK | TcpView.FIN, end, end + 1, NOTHING, NOTHING));
        }
        for (final Dump dump : dumps) {
            server.send(PacketBuilder.ip(dump.server(), dump.client())
                    .tcp(dump.connector(), port(dump), TcpView.ACK, end + 1, end + 1, NOTHING, NOTHING));
        }
    }

    private int port(final Dump dump) {
        return carried == Carried.DATA ? dump.data() : dump.data() + 1;
    }

    private void ask(final Dump dump, final byte[] datagram) {
        server.send(PacketBuilder.ip(dump.server(), dump.client())
                .udp(dump.requester(), AmandaPeer.CONTROL_PORT, datagram));
    }

    private void answer(final Dump dump, final byte[] datagram) {
        client.send(PacketBuilder.ip(dump.client(), dump.server())
                .udp(AmandaPeer.CONTROL_PORT, dump.requester(), datagram));
    }

    private void forth(final Dump dump, final int port, final int flags, final int sequence, final byte[] payload) {
        server.send(PacketBuilder.ip(dump.server(), dump.client())
                .tcp(dump.connector(), port, flags, sequence, acknowledgement(flags, sequence), NOTHING, payload));
    }

    private void back(final Dump dump, final int port, final int flags, final int sequence, final byte[] payload) {
        client.send(PacketBuilder.ip(dump.client(), dump.server())
                .tcp(port, dump.connector(), flags, sequence, acknowledgement(flags, sequence), NOTHING, payload));
    }

    /** Both ends send the same amount. */
    private static int acknowledgement(final int flags, final int sequence) {
        return (flags & TcpView.ACK) == 0 ? 0 : Math.max(1, sequence);
    }

    private void awaitQueued(final int most) throws IOException {
        final long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS_MAX);
        while (queueColumn(2) > most) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new IOException("the queue is not emptied: " + queueColumn(2) + " packets");
            }
            LockSupport.parkNanos(100_000);
        }
    }

    /** Packets that the kernel did not hand over: the queue or its socket was full. */
    public long lost() throws IOException {
        return queueColumn(5) + queueColumn(6);
    }

    // queue, port id, length, copy mode, copy range, dropped, user dropped, id of the last packet, 1
    private long queueColumn(final int column) throws IOException {
        // Of the thread: /proc/net is that of the process's first thread.
        final String line =
                lab.firewall().call(() -> Files.readString(Path.of("/proc/thread-self/net/netfilter/nfnetlink_queue")));
        return Long.parseLong(line.strip().split(" +", -1)[column]);
    }
}
