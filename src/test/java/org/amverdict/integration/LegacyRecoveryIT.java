package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.amverdict.amanda.Example;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What old amrecover says and does, with real sockets, through the rule sets that an operator gets. */
@Tag("root")
@Timeout(120)
class LegacyRecoveryIT {
    private static final int INDEX = 10_082;
    private static final int TAPE = 10_083;
    private static final int DATA = 50_093;
    private static final int DATA_BYTES = 1_000_000;
    private static final String CLIENT_TEXT = Example.of("E30").text();
    private static final String FEATURES = Example.of("E31").text().replaceFirst("CONNECT.*\n", "");
    private static final String MARKS = "marks: {data: 0x10, mesg: 0x11, mask: 0xff}";

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static Stream<Arguments> familiesAndPlacements() {
        return Kernel.families().stream()
                .flatMap(family ->
                        Stream.of("gate", "inline", "offload").map(placement -> Arguments.of(family, placement)));
    }

    static Stream<String> placements() {
        return Stream.of("gate", "inline", "offload");
    }

    private static Setup setup(final String placement) {
        return Setup.USUAL.with(MARKS).rules(placement);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("familiesAndPlacements")
    void shouldRecover(final Family family, final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(setup(placement).legacyRecovery())) {
            recover(lab, family);
        }
    }

    /** Both directions of a connection, and its data, may come to different threads. */
    @ParameterizedTest
    @MethodSource("placements")
    void shouldRecoverThroughSeveralQueues(final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(setup(placement).legacyRecovery().queues(3))) {
            recover(lab, Family.IPV4);
        }
    }

    private static void recover(final EngineLab lab, final Family family) throws IOException {
        try (ServerSocket listener = Streams.listen(lab.server(), family, INDEX);
                Socket client = connect(lab, 700, family, INDEX);
                Socket server = accept(listener)) {
            say(server, "220 server AMANDA index server (2.5.0) ready.\r\n");
            assertEquals("220 server AMANDA index server (2.5.0) ready.\r\n", hear(client, 47));
        }
        assertEquals(Outcome.SILENT, lab.connect(lab.client(), lab.server(), family, TAPE), "an unprivileged port");
        assertEquals(Outcome.SILENT, attempt(lab, 701, family, DATA), "before anybody said anything");
        try (ServerSocket listener = Streams.listen(lab.server(), family, TAPE);
                Socket client = connect(lab, 701, family, TAPE);
                Socket server = accept(listener)) {
            client.setTcpNoDelay(true);
            for (final String line : CLIENT_TEXT.split("(?<=\n)", -1)) {
                say(client, line);
            }
            assertEquals(CLIENT_TEXT, hear(server, CLIENT_TEXT.length()));
            server.setTcpNoDelay(true);
            say(server, FEATURES);
            assertEquals(FEATURES, hear(client, FEATURES.length()));
            assertEquals(Outcome.SILENT, attempt(lab, 702, family, DATA), "before the line");
            final String line = "CONNECT " + DATA + "\n";
            say(server, line.substring(0, 11));
            say(server, line.substring(11));
            assertEquals(line, hear(client, line.length()));

            assertEquals(1, lab.metrics().sum("amverdict_expectations"), "expectations");
            assertEquals(Outcome.SILENT, lab.connect(lab.client(), lab.server(), family, DATA), "unprivileged");
            assertEquals(Outcome.SILENT, attempt(lab, 703, family, DATA + 1));
            assertEquals(DATA_BYTES, fetch(lab, family), "bytes of data");
            assertEquals(Outcome.SILENT, attempt(lab, 705, family, DATA), "once");

            say(server, "FEEDME DAILY-002\r\n");
            assertEquals("FEEDME DAILY-002\r\n", hear(client, 18));
            say(client, "OK\r\n");
            assertEquals("OK\r\n", hear(server, 4));
        }
        assertEquals(1, lab.metrics().sum("amverdict_packets_total", "verdict=\"accept\"", "reason=\"expected\""));
        assertEquals(1, lab.metrics().sum("amverdict_expectations_created_total", "stream=\"legacy\""));
        assertEquals(0, lab.metrics().sum("amverdict_replies_refused_total"), "refused");
    }

    /** The client identifies itself, the server sends the data: once, from a privileged port. */
    private static int fetch(final EngineLab lab, final Family family) throws IOException {
        try (ServerSocket listener = Streams.listen(lab.server(), family, DATA);
                Socket client = connect(lab, 704, family, DATA)) {
            final Thread sender = new Thread(() -> send(listener), "data-sender");
            sender.setDaemon(true);
            sender.start();
            say(client, "SECURITY USER root\r\n");
            client.setSoTimeout(20_000);
            return client.getInputStream().readAllBytes().length;
        }
    }

    private static void send(final ServerSocket listener) {
        try (Socket accepted = accept(listener)) {
            assertEquals("SECURITY USER root\r\n", hear(accepted, 20));
            accepted.getOutputStream().write(new byte[DATA_BYTES]);
        } catch (final IOException e) {
            System.err.println("sender: " + e);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("familiesAndPlacements")
    void shouldFailWithoutTheKey(final Family family, final String placement) throws IOException {
        try (EngineLab lab = EngineLab.start(setup(placement))) {
            assertEquals(Outcome.SILENT, attempt(lab, 700, family, INDEX));
            assertEquals(Outcome.SILENT, attempt(lab, 701, family, TAPE));
            assertTrue(lab.left("unexpected") >= 2);
        }
    }

    @Test
    void shouldOpenNothingForALineThatIsWrong() throws IOException {
        try (EngineLab lab = EngineLab.start(setup("gate").legacyRecovery());
                ServerSocket listener = Streams.listen(lab.server(), Family.IPV4, TAPE)) {
            final List<String> lines =
                    List.of("CONNECT 22\n", "CONNECT 65558\n", "CONNECT 10083\n", "CONNECT 2000\r\n");
            for (int i = 0; i < lines.size(); i++) {
                try (Socket client = connect(lab, 800 + i, Family.IPV4, TAPE);
                        Socket server = accept(listener)) {
                    say(client, "END\r\n");
                    assertEquals("END\r\n", hear(server, 5));
                    say(server, lines.get(i));
                    assertEquals(lines.get(i), hear(client, lines.get(i).length()), "it goes on");
                    say(server, "CONNECT 50093\n");
                    assertEquals("CONNECT 50093\n", hear(client, 14));
                }
            }
            try (Socket client = connect(lab, 810, Family.IPV4, TAPE);
                    Socket server = accept(listener)) {
                say(server, "CONNECT 50093\n");
                assertEquals("CONNECT 50093\n", hear(client, 14), "before the client's END");
            }
            assertEquals(0, lab.metrics().sum("amverdict_expectations"));
            assertEquals(3, lab.metrics().sum("amverdict_replies_refused_total", "why=\"port\""), "port");
            assertEquals(1, lab.metrics().sum("amverdict_replies_refused_total", "why=\"syntax\""), "syntax");
            assertEquals(1, lab.metrics().sum("amverdict_replies_refused_total", "why=\"misplaced\""), "misplaced");
            for (final int port : new int[] {22, 2000, DATA, 10_083 - 1}) {
                assertEquals(
                        port == INDEX ? Outcome.REFUSED : Outcome.SILENT,
                        attempt(lab, 820, Family.IPV4, port),
                        "" + port);
            }
        }
    }

    @Test
    void shouldHoldAWrongLineBackWhereRefusedRepliesAreDropped() throws IOException {
        final Setup strict = setup("inline").legacyRecovery().with("refused-reply: drop");
        try (EngineLab lab = EngineLab.start(strict);
                ServerSocket listener = Streams.listen(lab.server(), Family.IPV4, TAPE);
                Socket client = connect(lab, 701, Family.IPV4, TAPE);
                Socket server = accept(listener)) {
            say(client, "END\r\n");
            assertEquals("END\r\n", hear(server, 5));
            say(server, "CONNECT 22\n");

            client.setSoTimeout(1_000);
            assertThrows(SocketTimeoutException.class, () -> hear(client, 1));
            assertTrue(lab.drops("refused-reply") >= 2, "TCP repeats it");
        }
    }

    private static Outcome attempt(final EngineLab lab, final int sourcePort, final Family family, final int port)
            throws IOException {
        return Streams.attempt(lab.client(), sourcePort, lab.server(), family, port, EngineLab.SILENCE_MS);
    }

    private static Socket connect(final EngineLab lab, final int sourcePort, final Family family, final int port)
            throws IOException {
        return Streams.connect(lab.client(), sourcePort, lab.server(), family, port, EngineLab.ARRIVE_MS);
    }

    private static Socket accept(final ServerSocket listener) throws IOException {
        listener.setSoTimeout(EngineLab.ARRIVE_MS);
        final Socket accepted = listener.accept();
        accepted.setSoTimeout(EngineLab.ARRIVE_MS);
        return accepted;
    }

    private static void say(final Socket socket, final String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String hear(final Socket socket, final int bytes) throws IOException {
        final InputStream in = socket.getInputStream();
        return new String(in.readNBytes(bytes), StandardCharsets.US_ASCII);
    }
}
