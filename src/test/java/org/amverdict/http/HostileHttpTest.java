package org.amverdict.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.amverdict.harness.HostileClients;
import org.amverdict.harness.Siege;
import org.amverdict.http.HttpLoop.Lane;
import org.amverdict.http.HttpLoop.Reply;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The HTTP side against clients that do what they like, over real sockets. {@code -Dseed=} gives another seed. */
@Timeout(60)
final class HostileHttpTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int ACTS = 30_000;

    private final Incidents incidents = new Incidents();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        never.countDown();
        for (final AutoCloseable each : open) {
            each.close();
        }
    }

    /** A page at once, a large answer that is made, and searches, of which those for "stuck" never end. */
    private Reply route(final HttpRequest request) {
        return switch (request.path()) {
            case "/" -> Reply.at(HttpAnswer.text(200, "page"));
            case "/metrics" ->
                new Reply("metrics", Lane.FIXED, () -> HttpAnswer.of(200, "text/plain", new byte[200_000]));
            case "/search" -> new Reply(String.valueOf(request.parameters()), Lane.MADE_UP, () -> search(request));
            default -> Reply.at(HttpAnswer.text(404, "not found"));
        };
    }

    private HttpAnswer search(final HttpRequest request) {
        try {
            if (request.parameters().containsKey("stuck")) {
                never.await();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return HttpAnswer.text(200, "found");
    }

    private InetSocketAddress serve() throws IOException {
        final Function<HttpRequest, Reply> routes = this::route;
        final HttpLoop loop = HttpLoop.bind(new InetSocketAddress(LOOPBACK, 0), routes, incidents);
        open.add(loop);
        loop.start();
        return loop.address();
    }

    private Socket connect(final InetSocketAddress server, final String from) throws IOException {
        final Socket socket = new Socket();
        open.add(socket);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(server);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void say(final Socket socket, final String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String rest(final Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void ask(final InetSocketAddress server, final String path) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout(10_000);
            say(socket, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
            final String answer = rest(socket);
            assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        }
    }

    @Test
    @Tag("property")
    void shouldServeTheHonestWhateverHundredsOfOthersDo() throws Exception {
        final InetSocketAddress server = serve();
        final long seed = Long.getLong("seed", 20_261_201);
        final List<byte[]> pieces = Stream.of(
                        "GET / HTTP/1.1\r\n\r\n",
                        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                        "GET /search?a=1 HTTP/1.1\r\n\r\n",
                        "HEAD /metrics HTTP/1.0\r\n\r\n",
                        "GET /metrics HTTP/1.1\r\n",
                        "Host: 127.0.0.1\r\n",
                        "\r\n",
                        "a: b\r\n",
                        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                        "POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n",
                        "x".repeat(9000))
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        try (HostileClients hostile =
                new HostileClients(() -> SocketChannel.open(server), pieces, new SplittableRandom(seed), 400)) {
            final Siege siege = Siege.lay("amverdict-http", hostile, () -> ask(server, "/"), ACTS);

            final String seen = "seed " + seed + ": " + siege;
            assertTrue(siege.honestMillis(0.95) < 100 && siege.honestMillis(1) < 2000, seen);
            assertTrue(siege.busyMicros() < 500, seen);
            assertTrue(siege.idlePercent() < 10, seen);
            assertTrue(siege.descriptors() <= HttpLoop.CONNECTIONS_MAX + 16, seen);
            assertTrue(siege.keptBytes() < HttpLoop.OWED_BYTES_MAX + (4 << 20), seen);
        }
        assertTrue(incidents.of(Incident.HTTP_REFUSED) > 0);
        assertTrue(incidents.of(Incident.HTTP_CUT_OFF) > 0);
    }

    /** Each that is refused or cut off is counted, once. */
    @Test
    void shouldCountEveryRefusal() throws Exception {
        final InetSocketAddress server = serve();
        final List<String> refused = List.of(
                "GET / HTTP/1.1\r\nx\r\n\r\n",
                "GET /no HTTP/1.1\r\n\r\n",
                "GET / HTTP/2.0\r\n\r\n",
                "GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(65) + "\r\n",
                "GET / HTTP/1.1\r\na: " + "x".repeat(17_000));
        for (final String request : refused) {
            say(connect(server, "127.0.0.1"), request);
        }
        final List<Socket> half = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            half.add(connect(server, "127.0.0.1"));
            say(half.get(i), "GET / HT");
        }
        ask(server, "/");

        for (final Socket socket : half) {
            assertEquals("", rest(socket));
        }
        assertEquals(refused.size(), incidents.of(Incident.HTTP_REFUSED));
        assertEquals(half.size(), incidents.of(Incident.HTTP_CUT_OFF));
    }

    /** A client that has asked may end its side: it gets every answer. */
    @Test
    void shouldAnswerAClientThatSendsNoMore() throws Exception {
        final Socket socket = connect(serve(), "127.0.0.1");
        final String answers = "HTTP/1.1 200 OK\r\n";
        final String many = "GET / HTTP/1.1\r\n\r\n".repeat(20);
        say(socket, many + "GET /metrics HTTP/1.1\r\n\r\nGET /search HTTP/1.1\r\n\r\n" + many + "GET / HT");
        socket.shutdownOutput();

        assertEquals(42, rest(socket).split(answers, -1).length - 1);
    }

    /** One host cannot have all connections, and does not push out those of others. */
    @Test
    void shouldKeepPlacesForOtherHosts() throws Exception {
        final InetSocketAddress server = serve();
        final List<Socket> few = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            few.add(connect(server, "127.0.0.3"));
            say(few.get(i), "GET / HT");
        }
        for (int i = 0; i < 300; i++) {
            say(connect(server, "127.0.0.2"), "GET / HTTP/1.1\r\nHost: x\r\n");
        }
        Awaitility.await().until(() -> incidents.of(Incident.HTTP_CUT_OFF) == 300 - 96);

        for (final Socket socket : few) {
            say(socket, "TP/1.1\r\nConnection: close\r\n\r\n");
            assertTrue(rest(socket).startsWith("HTTP/1.1 200 OK"));
        }
    }

    /** A full house: the host with the most connections makes room. */
    @Test
    void shouldTakeThePlaceOfTheHostThatHoldsTheMost() throws Exception {
        final InetSocketAddress server = serve();
        final Socket one = connect(server, "127.0.0.3");
        say(one, "GET / HT");
        for (int i = 0; i < 96; i++) {
            say(connect(server, "127.0.0.2"), "G");
        }
        for (int i = 0; i < 60; i++) {
            say(connect(server, "127.0.0." + (10 + i)), "G");
        }
        Awaitility.await().until(() -> incidents.of(Incident.HTTP_CUT_OFF) == 157 - HttpLoop.CONNECTIONS_MAX);

        say(one, "TP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(rest(one).startsWith("HTTP/1.1 200 OK"));
    }

    /** What clients think up does not hold up what monitoring asks for. */
    @Test
    void shouldMakeFixedAnswersWhileSearchesAreStuck() throws Exception {
        final InetSocketAddress server = serve();
        for (int i = 0; i < HttpLoop.KINDS_MAX + 4; i++) {
            say(connect(server, "127.0.0.1"), "GET /search?stuck=" + i + " HTTP/1.1\r\n\r\n");
        }
        Awaitility.await().until(() -> incidents.of(Incident.HTTP_REFUSED) == 4);

        final long start = System.nanoTime();
        ask(server, "/metrics");

        final long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 1000, millis + " ms");
    }

    /** What follows the last answer is read, so that the client gets the answer, but not without end. */
    @Test
    void shouldNotReadABodyWithoutEnd() throws Exception {
        final Socket socket = connect(serve(), "127.0.0.1");
        say(socket, "POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n");
        final byte[] body = new byte[1 << 20];

        assertThrows(IOException.class, () -> {
            for (int i = 0; i < 64; i++) {
                socket.getOutputStream().write(body);
            }
        });
    }

    /** Single bytes cost no more than a heap: this takes hours if each one means to search all. */
    @Test
    void shouldLookAtEachByteOnce() {
        final ByteBuffer in = ByteBuffer.allocate(4 << 20);
        final HeadEnd end = new HeadEnd();
        final long start = System.nanoTime();
        while (in.remaining() > 4) {
            in.put((byte) 'x');
            assertEquals(0, end.find(in));
            assertTrue(System.nanoTime() - start < 10_000_000_000L, "after " + in.position() + " bytes");
        }
        in.put("\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(in.capacity(), end.find(in));
    }

    @Test
    void shouldLeaveAConnectionOpenThatMayAskAgain() throws Exception {
        final Socket socket = connect(serve(), "127.0.0.1");
        say(socket, "GET / HTTP/1.1\r\n\r\n");
        assertEquals('H', socket.getInputStream().read());
        socket.setSoTimeout(500);

        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().readAllBytes());
        assertEquals(0, incidents.of(Incident.HTTP_CUT_OFF));
    }
}
