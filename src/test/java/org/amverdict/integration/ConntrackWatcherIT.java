package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.amverdict.conntrack.ConntrackWatcher;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedConnection.Kind;
import org.amverdict.harness.Conntrack;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.Kernel;
import org.amverdict.incidents.Incidents;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.amverdict.nfqueue.ConntrackSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real connections through a router that tracks them, and the watcher's reports about each. */
@Tag("root")
@Timeout(60)
class ConntrackWatcherIT {
    private static final int PORT = 11_001;
    private static final int OTHER_PORT = 11_002;
    private static final int LOW_PORT = 873;
    private static final int BYTES = 100_000;

    private final BlockingQueue<TrackedConnection> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> refused = new LinkedBlockingQueue<>();
    private NetworkLab lab;
    private ConntrackWatcher watcher;
    private volatile boolean wanted = true;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @BeforeEach
    void open() throws IOException {
        lab = NetworkLab.open();
        for (final String tool : List.of("iptables", "ip6tables")) {
            lab.firewall().run(tool, "-A", "FORWARD", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT");
        }
        watcher = new ConntrackWatcher(
                (oh, ol, rh, rl, port) -> wanted,
                told::add,
                tuple -> refused.add(tuple.destinationPort()),
                new Incidents());
        lab.firewall().call(() -> {
            watcher.start();
            return true;
        });
        Awaitility.await().until(watcher::watching);
    }

    @AfterEach
    void close() {
        watcher.close();
        lab.close();
        Awaitility.await().until(() -> !watcher.watching());
        assertEquals(0, watcher.overruns());
    }

    private void counting(final boolean on) throws IOException {
        lab.firewall().run("sh", "-c", "echo " + (on ? 1 : 0) + " > /proc/sys/net/netfilter/nf_conntrack_acct");
    }

    private @Nullable TrackedConnection next(final int millis) {
        try {
            return told.poll(millis, TimeUnit.MILLISECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** The next report is about this connection. */
    private TrackedConnection expect(final Kind kind, final Family family, final int port) {
        final TrackedConnection connection = next(EngineLab.ARRIVE_MS);
        assertNotNull(connection, kind + " " + family);
        assertEquals(kind, connection.kind(), connection.toString());
        assertEquals(port, connection.responderPort());
        final boolean four = family == Family.IPV4;
        assertEquals(four ? 0 : 0x2001_0db8_0001_0000L, connection.originatorHigh(), "the server");
        assertEquals(four ? 0xffff_c000_020aL : 0x10, connection.originatorLow(), "the server");
        assertEquals(four ? 0 : 0x2001_0db8_0002_0000L, connection.responderHigh(), "the client");
        assertEquals(four ? 0xffff_c633_6414L : 0x20, connection.responderLow(), "the client");
        return connection;
    }

    private void carry(final Host called, final Family family, final int port, final boolean reset) throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), family, PORT)) {
            final Socket server = Streams.connect(lab.server(), called, family, port, EngineLab.ARRIVE_MS);
            try (Socket client = listener.accept()) {
                client.getOutputStream().write(new byte[BYTES]);
                assertEquals(BYTES, server.getInputStream().readNBytes(BYTES).length);
                if (!reset) {
                    server.setSoLinger(false, 0);
                    server.shutdownOutput();
                    assertEquals(-1, client.getInputStream().read());
                }
                server.close();
                if (reset) {
                    try {
                        assertEquals(-1, client.getInputStream().read());
                    } catch (final SocketException e) {
                        return; // reset is what was meant
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTellOfAnAnswerAnEndAndTheBytesAtOnce(final boolean counted) throws IOException {
        counting(counted);
        for (final Family family : Kernel.families()) {
            carry(lab.client(), family, PORT, false);

            expect(Kind.ANSWERED, family, PORT);
            final TrackedConnection end = expect(Kind.FINISHED, family, PORT);
            assertEquals(counted, end.replyBytes() > BYTES && end.replyBytes() < 2 * BYTES, end.toString());
            assertEquals(counted, end.originalPackets() >= 4 && end.originalBytes() >= 4 * 40, end.toString());
            assertEquals(counted, end.replyPackets() != TrackedConnection.NOT_MEASURED, end.toString());
        }
        lab.firewall().call(() -> {
            Conntrack.flush();
            return true;
        });
        assertNull(next(EngineLab.SILENCE_MS), "the end is told once");
    }

    /** The router has the address that is called, and hides the caller. */
    @Test
    void shouldTellTheHostsBehindTranslations() throws IOException {
        counting(true);
        final Host published = lab.alias(lab.firewall(), "203.0.113.5", "2001:db8:3::5");
        lab.firewall().run("ip", "addr", "add", "203.0.113.5/32", "dev", "stranger");
        lab.firewall().run("ip", "addr", "add", "2001:db8:3::5/128", "dev", "stranger", "nodad");
        for (final Family family : Kernel.families()) {
            final boolean four = family == Family.IPV4;
            final String tool = four ? "iptables" : "ip6tables";
            final String to = four ? "198.51.100.20:" + PORT : "[2001:db8:2::20]:" + PORT;
            lab.firewall()
                    .run(
                            tool,
                            "-t",
                            "nat",
                            "-A",
                            "PREROUTING",
                            "-p",
                            "tcp",
                            "--dport",
                            "12001",
                            "-j",
                            "DNAT",
                            "--to",
                            to);
            lab.firewall().run(tool, "-t", "nat", "-A", "POSTROUTING", "-o", "client", "-j", "MASQUERADE");

            carry(published, family, 12_001, false);

            expect(Kind.ANSWERED, family, PORT);
            assertTrue(expect(Kind.FINISHED, family, PORT).replyBytes() > BYTES);
        }
    }

    @Test
    void shouldTellWhoRefusesWhoResetsAndWhoIsSilent() throws IOException {
        counting(true);
        for (final Family family : Kernel.families()) {
            assertEquals(
                    Outcome.REFUSED,
                    Streams.attempt(lab.server(), lab.client(), family, OTHER_PORT, EngineLab.ARRIVE_MS));
            final TrackedConnection refused = expect(Kind.RESET, family, OTHER_PORT);
            assertEquals(1, refused.replyPackets(), "the RST");

            carry(lab.client(), family, PORT, true);
            expect(Kind.ANSWERED, family, PORT);
            assertTrue(expect(Kind.RESET, family, PORT).replyBytes() > BYTES);

            final String tool = family == Family.IPV4 ? "iptables" : "ip6tables";
            lab.client().run(tool, "-A", "INPUT", "-p", "tcp", "--dport", "11002", "-j", "DROP");
            assertEquals(
                    Outcome.SILENT,
                    Streams.attempt(lab.server(), lab.client(), family, OTHER_PORT, EngineLab.SILENCE_MS));
            assertNull(next(0), "nothing has happened yet");
            lab.firewall().call(() -> {
                Conntrack.flush(); // as time does
                return true;
            });
            assertEquals(0, expect(Kind.TIMED_OUT, family, OTHER_PORT).replyPackets());
        }
    }

    /** Datagrams, ports that no stream has, and hosts that the policy does not know. */
    @Test
    void shouldNotTellOfWhatIsNotAmandas() throws IOException {
        try (AmandaPeer client = AmandaPeer.responder(lab.client(), Family.IPV4);
                AmandaPeer server = AmandaPeer.requester(lab.server(), lab.client(), Family.IPV4)) {
            for (int i = 0; i < 100; i++) {
                assertTrue(server.reaches(client, new byte[10], EngineLab.ARRIVE_MS));
                assertTrue(client.reaches(server, new byte[10], EngineLab.ARRIVE_MS));
            }
        }
        connectOften(LOW_PORT, 3);
        wanted = false;
        carry(lab.client(), Family.IPV4, PORT, false);
        assertNull(next(EngineLab.SILENCE_MS));
        wanted = true;
        carry(lab.client(), Family.IPV4, PORT, false);
        expect(Kind.ANSWERED, Family.IPV4, PORT);
    }

    private void connectOften(final int port, final int times) throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), Family.IPV4, port)) {
            for (int i = 0; i < times; i++) {
                Streams.connect(lab.server(), lab.client(), Family.IPV4, port, EngineLab.ARRIVE_MS)
                        .close();
                listener.accept().close();
            }
        }
    }

    /** A web server of the host costs the kernel time, but not this process. */
    @Test
    void shouldHaveTheKernelKeepBackWhatNobodyWants() throws IOException {
        final ReceiveBatch batch = new ReceiveBatch(64, 1024);
        try (ConntrackSocket socket = lab.firewall().call(() -> ConntrackSocket.open(1 << 20))) {
            connectOften(LOW_PORT, 100);
            int few = 0;
            for (int got = socket.receive(batch, 100); got > 0; got = socket.receive(batch, 100)) {
                few += got;
            }
            assertTrue(few < 50, few + " of some 300");

            connectOften(PORT, 10);
            int all = 0;
            for (int got = socket.receive(batch, 100); got > 0; got = socket.receive(batch, 100)) {
                all += got;
            }
            assertTrue(all >= 30, all + " of some 30");
            assertEquals(0, socket.overruns());
        }
    }

    @Test
    void shouldCountWhatIsLostAndGoOnAndEndWhenItIsClosed() throws Exception {
        final ReceiveBatch batch = new ReceiveBatch(64, 1024);
        final ConntrackSocket socket = lab.firewall().call(() -> ConntrackSocket.open(4096));
        connectOften(PORT, 50);
        int some = 0;
        for (int got = socket.receive(batch, 100); got > 0; got = socket.receive(batch, 100)) {
            some += got;
        }
        assertTrue(some > 0 && some < 150 && socket.overruns() > 0, some + ", lost " + socket.overruns() + " times");
        connectOften(PORT, 1);
        assertTrue(socket.receive(batch, 100) > 0, "goes on");

        final Thread waiting = new Thread(() -> {
            while (socket.receive(new ReceiveBatch(1, 1024), 200) > 0) {
                // until nothing comes any more
            }
        });
        waiting.start();
        socket.close();
        waiting.join(EngineLab.ARRIVE_MS);
        assertFalse(waiting.isAlive());
        assertEquals(0, socket.receive(batch, 100));
        socket.close();
    }
}
