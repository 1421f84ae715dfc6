package org.amverdict.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amverdict.harness.HostileClients;
import org.amverdict.harness.Siege;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The control socket against clients that do what they like. {@code -Dseed=} gives another seed. */
@Timeout(60)
final class HostileControlTest {
    private static final int ACTS = 30_000;
    private static final int SESSIONS = 2000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    private Path directory;

    private final SampleDaemon daemon = new SampleDaemon();
    private final Incidents incidents = new Incidents();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private UnixDomainSocketAddress serve(final ControlServer.Limits limits) throws Exception {
        final Path path = directory.resolve("control.sock");
        for (int i = 0; i < SESSIONS; i++) {
            daemon.sessions.add(SampleDaemon.session(i, "192.0.2.10", "198.51.100.20", false));
        }
        final ControlServer server =
                ControlServer.bind(SocketFile.bind(path, null), daemon.sources(), limits, incidents);
        open.add(server);
        server.start();
        return UnixDomainSocketAddress.of(path);
    }

    private static void send(final SocketChannel channel, final String text) throws IOException {
        final ByteBuffer buffer = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static BufferedReader reader(final SocketChannel channel) {
        return new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    private SocketChannel connect(final UnixDomainSocketAddress server) throws IOException {
        final SocketChannel channel = SocketChannel.open(server);
        open.add(channel);
        return channel;
    }

    private static void ask(final UnixDomainSocketAddress server) throws IOException {
        try (SocketChannel channel = SocketChannel.open(server)) {
            send(channel, "{\"command\":\"flush\"}\n");
            assertEquals("{\"flushed\":0}", reader(channel).readLine());
        }
    }

    @Test
    @Tag("property")
    void shouldServeTheHonestWhateverHundredsOfOthersDo() throws Exception {
        final UnixDomainSocketAddress server = serve(ControlServer.Limits.USUAL);
        daemon.reloadMillis = 5;
        final long seed = Long.getLong("seed", 20_261_201);
        final List<byte[]> pieces = Stream.of(
                        "{\"command\":\"status\"}\n",
                        "{\"command\":\"sessions\"}\n",
                        "{\"command\":\"sessions\",\"max\":5,\"open\":true,\"host\":\"192.0.2.10\"}\n",
                        "{\"command\":\"watch\"}\n",
                        "{\"command\":\"reload\"}\n",
                        "{\"command\":\"why\",\"source\":\"192.0.2.1\",\"destination\":\"::1\",\"port\":22}\n",
                        "{\"command\":\"status\",\"unknown\":1}\n",
                        "{\"command\":\"\u00ff\u00fe\"}\n",
                        "[".repeat(4000) + "\n",
                        "{\"a\":".repeat(600) + "\n",
                        "{\"comm",
                        "\n",
                        "x".repeat(5000))
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
        // Connecting waits while the backlog is full, so more of them would be the same.
        try (HostileClients hostile =
                new HostileClients(() -> SocketChannel.open(server), pieces, new SplittableRandom(seed), 200)) {
            final Siege siege = Siege.lay("amverdict-control", hostile, () -> ask(server), ACTS);

            final String seen = "seed " + seed + ": " + siege;
            assertTrue(siege.honestMillis(0.95) < 100 && siege.honestMillis(1) < 2000, seen);
            assertTrue(siege.busyMicros() < 2000, seen);
            assertTrue(siege.idlePercent() < 10, seen);
            assertTrue(siege.descriptors() <= 16 + 16, seen);
            assertTrue(siege.keptBytes() < 8 << 20, seen);
        }
        assertTrue(incidents.of(Incident.CONTROL_REFUSED) > 0);
        assertTrue(incidents.of(Incident.CONTROL_CUT_OFF) > 0);
    }

    /** {@code echo '{"command":"sessions"}' | nc -NU}: the end of the requests is not that of the answers. */
    @Test
    void shouldAnswerAClientThatSendsNoMore() throws Exception {
        final UnixDomainSocketAddress server = serve(ControlServer.Limits.USUAL);
        daemon.reloadMillis = 300;
        final SocketChannel channel = connect(server);
        send(channel, "{\"command\":\"reload\"}\n{\"command\":\"sessions\"}\n{\"command\":\"flush\"}\n{\"comm");
        channel.shutdownOutput();
        TimeUnit.MILLISECONDS.sleep(50); // more than the socket's buffer waits to be sent

        final List<String> lines = reader(channel).lines().toList();

        assertEquals(SESSIONS + 3, lines.size());
        assertTrue(lines.get(0).startsWith("{\"reloaded\""), lines.get(0));
        assertEquals("{\"flushed\":0}", lines.get(SESSIONS + 2));
    }

    /** Such a watcher is gone, since its end is the only thing that it can still say. */
    @Test
    void shouldEndAWatcherThatEndsItsSide() throws Exception {
        final UnixDomainSocketAddress server = serve(ControlServer.Limits.USUAL);
        final SocketChannel channel = connect(server);
        send(channel, "{\"command\":\"flush\"}\n{\"command\":\"watch\"}\n");
        channel.shutdownOutput();

        assertEquals(
                List.of("{\"flushed\":0}", "{\"watching\":true}"),
                reader(channel).lines().toList());
        Awaitility.await().until(() -> daemon.watchers.get(0).closed);
    }

    @Test
    void shouldCutOffAWatcherThatSendsWithoutEnd() throws Exception {
        final UnixDomainSocketAddress server = serve(ControlServer.Limits.USUAL);
        final SocketChannel channel = connect(server);
        send(channel, "{\"command\":\"watch\"}\n");
        try {
            for (int i = 0; i < 1000; i++) {
                send(channel, "x".repeat(4096));
            }
        } catch (final IOException e) {
            // It was cut off.
        }

        Awaitility.await().until(() -> incidents.of(Incident.CONTROL_CUT_OFF) == 1);
        assertTrue(daemon.watchers.get(0).closed);
    }

    /** One that takes a little of its answer now and then holds a place, but not for ever. */
    @Test
    void shouldCutOffAClientThatReadsForTooLong() throws Exception {
        final UnixDomainSocketAddress server =
                serve(new ControlServer.Limits(4, 60 * SECOND, 4096, SECOND / 10)); // an answer may take 3 s
        for (int i = 0; i < 20_000; i++) {
            daemon.sessions.add(SampleDaemon.session(i, "192.0.2.10", "198.51.100.20", false));
        }
        final SocketChannel slow = connect(server);
        send(slow, "{\"command\":\"sessions\"}\n");
        final ByteBuffer some = ByteBuffer.allocate(64 * 1024);
        final long start = System.nanoTime();
        long got = 0;
        try {
            while (incidents.of(Incident.CONTROL_CUT_OFF) == 0 && System.nanoTime() - start < 20 * SECOND) {
                got += slow.read(some.clear());
                TimeUnit.MILLISECONDS.sleep(40);
            }
        } catch (final IOException e) {
            // It was cut off.
        }

        assertEquals(1, incidents.of(Incident.CONTROL_CUT_OFF));
        final double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds > 2.5, seconds + " s, " + got + " bytes: it did read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[[[[[[[[[[[[[[[[[[[[[[[[[[",
                "{\"command\":\"status\",\"a\":{\"b\":{\"c\":1}}}",
                "{\"command\":\"status\",\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1}",
                "{\"command\":\"status\",\"unknown\":true}",
                "{\"command\":\"\u00ff\"}",
                "{\"command\":\"\u0000\"}",
                "{\"command\":\"sessions\",\"max\":1e9}",
                "{\"command\":\"sessions\",\"max\":-1}",
                "{\"command\":\"\\u001b[2J\"}",
            })
    void shouldRefuseAndCountWhatIsNoRequest(final String line) throws Exception {
        final UnixDomainSocketAddress server = serve(ControlServer.Limits.USUAL);
        final SocketChannel channel = connect(server);
        send(channel, line + "\n{\"command\":\"flush\"}\n");

        final BufferedReader answers = reader(channel);
        final String refusal = answers.readLine();
        assertTrue(refusal.startsWith("{\"error\":\""), refusal);
        assertFalse(refusal.chars().anyMatch(Character::isISOControl), refusal);
        assertEquals("{\"flushed\":0}", answers.readLine());
        assertEquals(1, incidents.of(Incident.CONTROL_REFUSED));
    }
}
