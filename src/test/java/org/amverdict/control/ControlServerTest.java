package org.amverdict.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.amverdict.control.ControlException.Kind;
import org.amverdict.events.EventFeed;
import org.amverdict.history.RecentDrop;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol of the control socket, over a real socket. {@code -Dseed=} gives another seed. */
@Timeout(60)
final class ControlServerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final ControlServer.Limits PATIENT = new ControlServer.Limits(4, 60 * SECOND, 4096, 60 * SECOND);

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

    private Path path() {
        return directory.resolve("control.sock");
    }

    private ControlServer serve(final ControlServer.Limits limits) throws Exception {
        final ControlServer server =
                ControlServer.bind(SocketFile.bind(path(), null), daemon.sources(), limits, incidents);
        open.add(server);
        server.start();
        return server;
    }

    private ControlClient client() throws ControlException {
        final ControlClient client = ControlClient.connect(path());
        open.add(client);
        return client;
    }

    private static JsonLine command(final String name) {
        return new JsonLine().add("command", name);
    }

    private static List<String> list(final ControlClient client, final JsonLine request) throws ControlException {
        final List<String> items = new ArrayList<>();
        client.askList(request, items::add);
        return items;
    }

    private static void assertValid(final String schema, final String json) throws IOException {
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/control/" + schema + ".schema.json", json), json);
    }

    /** A client that sends what it likes. */
    private SocketChannel raw() throws IOException {
        final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
        open.add(channel);
        return channel;
    }

    private static void send(final SocketChannel channel, final byte[] bytes) throws IOException {
        final ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static BufferedReader reader(final SocketChannel channel) {
        return new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    private String answer(final String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
            send(channel, (line + "\n").getBytes(StandardCharsets.UTF_8));
            return String.valueOf(reader(channel).readLine());
        }
    }

    @Test
    void shouldAnswerEveryCommandAsItsSchemaSays() throws Exception {
        serve(PATIENT);
        daemon.sessions.add(SampleDaemon.session(2, "192.0.2.10", "198.51.100.20", false));
        daemon.sessions.add(SampleDaemon.session(1, "2001:db8:1::10", "2001:db8:2::20", true));
        daemon.drops.add(new RecentDrop(
                SampleDaemon.NOW_NANOS,
                "192.0.2.10",
                40_000,
                "198.51.100.20",
                11_002,
                "TCP",
                "drop",
                "unexpected",
                "other-port",
                3,
                "Why."));
        daemon.expect("192.0.2.10", "198.51.100.20", 11_003);
        final ControlClient client = client();

        assertValid("status", client.askLine(command("status")));
        final List<String> sessions = list(client, command("sessions"));
        assertEquals(2, sessions.size());
        for (final String session : sessions) {
            assertValid("session", session);
        }
        final List<String> drops = list(client, command("drops"));
        assertEquals(1, drops.size());
        assertValid("drop", drops.get(0));
        final List<String> expectations = list(client, command("expectations"));
        assertEquals(1, expectations.size());
        assertValid("expectation", expectations.get(0));
        final JsonObject expectation = JsonObject.parse(expectations.get(0));
        assertEquals(20, expectation.decimal("age_seconds"), 5);
        assertEquals(100, expectation.decimal("remaining_seconds"), 5);
        final String why = client.askLine(command("why")
                .add("source", "192.0.2.10")
                .add("destination", "2001:DB8::0:1")
                .add("port", 11_003));
        assertValid("why", why);
        assertEquals(
                List.of("192.0.2.10 to 2001:db8::1 port 11003", "nothing was dropped"),
                JsonObject.parse(why).texts("answer"));
        assertValid("reload", client.askLine(command("reload")));
        final String flushed = client.askLine(command("flush"));
        assertValid("flush", flushed);
        assertEquals(1, JsonObject.parse(flushed).number("flushed"));
        assertEquals(0, daemon.expectations.size());
    }

    @Test
    void shouldFilterSessions() throws Exception {
        serve(PATIENT);
        daemon.sessions.add(SampleDaemon.session(3, "192.0.2.10", "198.51.100.20", false));
        daemon.sessions.add(SampleDaemon.session(2, "192.0.2.10", "198.51.100.21", true));
        daemon.sessions.add(SampleDaemon.session(1, "2001:db8:1::10", "198.51.100.20", true));
        final ControlClient client = client();

        assertEquals(
                2,
                list(client, command("sessions").add("host", "198.51.100.20")).size());
        assertEquals(
                1,
                list(client, command("sessions").add("host", "2001:DB8:1:0::10"))
                        .size());
        assertEquals(1, list(client, command("sessions").add("open", true)).size());
        assertEquals(
                1,
                list(client, command("sessions").add("host", "198.51.100.20").add("max", 1))
                        .size());
    }

    @Test
    void shouldAnswerRequestsThatCameTogetherInTheirOrder() throws Exception {
        serve(PATIENT);
        daemon.reloadMillis = 200;
        final SocketChannel channel = raw();
        send(
                channel,
                "{\"command\":\"reload\"}\n{\"command\":\"flush\"}\n{\"command\":\"nonsense\"}\n"
                        .getBytes(StandardCharsets.UTF_8));

        final BufferedReader answers = reader(channel);

        assertTrue(answers.readLine().startsWith("{\"reloaded\":false"));
        assertEquals("{\"flushed\":0}", answers.readLine());
        assertEquals("{\"error\":\"no command \\\"nonsense\\\"\"}", answers.readLine());
    }

    @Test
    void shouldServeOthersWhileAReloadRuns() throws Exception {
        serve(PATIENT);
        daemon.reloadMillis = 5_000;
        send(raw(), "{\"command\":\"reload\"}\n".getBytes(StandardCharsets.UTF_8));
        final long start = System.nanoTime();

        client().askLine(command("status"));

        assertTrue(System.nanoTime() - start < 3 * SECOND, "waited for the reload");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "[]",
                "{",
                "{}",
                "{\"command\":\"status\"",
                "{\"command\":\"status\"}}",
                "{\"command\":\"status\",\"command\":\"flush\"}",
                "{\"command\":[\"status\"]}",
                "{\"command\":{\"a\":1}}",
                "{\"command\":null}",
                "{\"command\":7}",
                "{\"command\":\"status\",\"host\":\"192.0.2.1\"}",
                "{\"command\":\"sessions\",\"host\":\"localhost\"}",
                "{\"command\":\"sessions\",\"max\":99999999999}",
                "{\"command\":\"sessions\",\"max\":-1}",
                "{\"command\":\"sessions\",\"open\":\"yes\"}",
                "{\"command\":\"why\",\"source\":\"192.0.2.1\"}",
                "{\"command\":\"why\",\"source\":\"192.0.2.1\",\"destination\":\"x\"}",
                "{\"command\":\"why\",\"source\":\"client.example\",\"destination\":\"192.0.2.2\"}",
                "{\"command\":\"why\",\"source\":\"192.0.2.0/24\",\"destination\":\"192.0.2.2\"}",
                "{\"command\":\"why\",\"source\":\"192.0.2.1\",\"destination\":\"192.0.2.2\",\"port\":70000}",
                "{\"command\":\"why\",\"source\":\"192.0.2.1\",\"destination\":\"192.0.2.2\",\"port\":1}",
                "{\"command\":\"\\u00e9\\ud800\"}",
                "{\"command\":\"\\q\"}",
                "{\"command\":\"\\u12\"}",
                "{a: &a [*a], command: status}",
                "!!javax.script.ScriptEngineManager []",
            })
    void shouldAnswerANonsensicalLineWithAnErrorAndGoOn(final String line) throws Exception {
        serve(PATIENT);

        assertTrue(answer(line).startsWith("{\"error\":\""), answer(line));

        assertTrue(answer("{\"command\":\"status\"}").startsWith("{\"timestamp\":"));
    }

    /** Bytes of an honest request, damaged: no line may hurt anybody else. */
    @Test
    void shouldSurviveRandomLines() throws Exception {
        serve(PATIENT);
        final long seed = Long.getLong("seed", 20_261_127);
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            final byte[] line = "{\"command\":\"why\",\"source\":\"192.0.2.1\",\"destination\":\"::1\",\"port\":22}\n"
                    .getBytes(StandardCharsets.UTF_8);
            for (int change = 0; change < 1 + random.nextInt(4); change++) {
                line[random.nextInt(line.length - 1)] = (byte) random.nextInt(256);
            }
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
                send(channel, line);
                final String answer = reader(channel).readLine();
                assertNotNull(answer, "seed " + seed + ", line " + i);
                JsonObject.parse(answer);
            }
        }
        client().askLine(command("status"));
    }

    @Test
    void shouldCutOffARequestThatIsTooLong() throws Exception {
        serve(PATIENT);
        final SocketChannel channel = raw();
        send(channel, new byte[4096]);

        final BufferedReader answers = reader(channel);

        assertTrue(answers.readLine().contains("4096 bytes"));
        assertEquals(-1, answers.read());
        assertEquals(1, incidents.of(Incident.CONTROL_CUT_OFF));
    }

    @Test
    void shouldTakeARequestOfTheGreatestLength() throws Exception {
        serve(PATIENT);
        final String request = "{\"command\":\"flush\"}";
        assertEquals("{\"flushed\":0}", answer(" ".repeat(4095 - request.length()) + request));
    }

    @Test
    void shouldAnswerANewClientWhoeverElseIsThere() throws Exception {
        serve(PATIENT);
        final SocketChannel quiet = raw();
        send(quiet, "{\"comm".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 3; i++) {
            client().askLine(command("status"));
        }

        assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"));

        final BufferedReader answers = reader(quiet);
        assertTrue(answers.readLine().contains("too many connections"), "the one that was quiet for longest");
        assertEquals(-1, answers.read());
        assertEquals(1, incidents.of(Incident.CONTROL_CUT_OFF));
    }

    @Test
    void shouldAnswerANewClientWhenTheOthersWatchOrWait() throws Exception {
        serve(PATIENT);
        daemon.reloadMillis = 5_000;
        for (int i = 0; i < 3; i++) {
            send(raw(), "{\"command\":\"watch\"}\n".getBytes(StandardCharsets.UTF_8));
            send(raw(), "{\"command\":\"reload\"}\n".getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"));
        }
    }

    /** Clients that do not wait for an answer leave no more than one reload behind, and nobody else waits for it. */
    @Test
    void shouldAnswerANewClientAfterAnyNumberOfReloads() throws Exception {
        serve(ControlServer.Limits.USUAL);
        daemon.reloadMillis = 150;
        final byte[] reloads = "{\"command\":\"reload\"}\n".repeat(20).getBytes(StandardCharsets.UTF_8);
        final List<SocketChannel> waiting = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
            send(channel, reloads);
            if (i % 10 == 0) {
                waiting.add(channel);
            } else {
                channel.close();
            }
        }
        for (final SocketChannel channel : waiting) {
            assertTrue(reader(channel).readLine().startsWith("{\"reloaded\":false"));
        }
        Thread.sleep(5 * daemon.reloadMillis);
        for (final SocketChannel channel : waiting) {
            channel.close();
        }

        assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"));
        assertTrue(answer("{\"command\":\"reload\"}").startsWith("{\"reloaded\":false"));
    }

    @Test
    void shouldAnswerANewClientAfterAnAnswerThatFailed() throws Exception {
        final ControlSources good = daemon.sources();
        final ControlServer server = ControlServer.bind(
                SocketFile.bind(path(), null),
                new ControlSources(
                        () -> {
                            throw new NoClassDefFoundError("made for this test");
                        },
                        good.history(),
                        good.events(),
                        good.expectations(),
                        good.flush(),
                        () -> {
                            throw new NoClassDefFoundError("made for this test");
                        }),
                PATIENT,
                incidents);
        open.add(server);
        server.start();

        assertTrue(answer("{\"command\":\"status\"}").contains("the request failed"));
        assertTrue(answer("{\"command\":\"reload\"}").contains("the reload failed"));
        assertTrue(answer("{\"command\":\"reload\"}").contains("the reload failed"), "once more");
        assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"));
    }

    @Test
    void shouldCutOffWhoeverNeverEndsItsRequest() throws Exception {
        serve(new ControlServer.Limits(4, SECOND / 2, 4096, 60 * SECOND));
        final SocketChannel slow = raw();
        final long start = System.nanoTime();
        try {
            while (incidents.of(Incident.CONTROL_CUT_OFF) == 0 && System.nanoTime() - start < 10 * SECOND) {
                send(slow, " ".getBytes(StandardCharsets.UTF_8));
                Thread.sleep(20);
            }
        } catch (final IOException e) {
            // It was cut off.
        }
        assertEquals(1, incidents.of(Incident.CONTROL_CUT_OFF));
    }

    /** Requests that come in a heap are answered in turn with those of others. */
    @Test
    void shouldNotLetOneClientsHeapOfRequestsHoldUpOthers() throws Exception {
        serve(PATIENT);
        for (int i = 0; i < 20_000; i++) {
            daemon.sessions.add(SampleDaemon.session(i, "192.0.2.10", "198.51.100.20", false));
        }
        // Each takes some time, since nothing of what it looks at fits.
        final String request = "{\"command\":\"sessions\",\"host\":\"192.0.2.1\"}\n";
        send(raw(), request.repeat(4096 / request.length()).getBytes(StandardCharsets.UTF_8));
        final long start = System.nanoTime();

        assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"));

        final long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1000, millis + " ms");
    }

    /** Whatever clients do, the next one is answered soon. */
    @Test
    void shouldAnswerANewClientWhateverOthersDo() throws Exception {
        serve(ControlServer.Limits.USUAL);
        for (int i = 0; i < 2000; i++) {
            daemon.sessions.add(SampleDaemon.session(i, "192.0.2.10", "198.51.100.20", false));
        }
        daemon.reloadMillis = 5;
        final long seed = Long.getLong("seed", 20_261_203);
        final SplittableRandom random = new SplittableRandom(seed);
        final List<SocketChannel> others = new ArrayList<>();
        final String[] pieces = {
            "{\"command\":\"reload\"}\n",
            "{\"command\":\"sessions\"}\n",
            "{\"command\":\"watch\"}\n",
            "{\"comm",
            "\n",
            "x".repeat(5000),
            "{\"command\":\"status\"}\n",
            "}\n"
        };
        for (int i = 0; i < 1500; i++) {
            final int kind = random.nextInt(8);
            if (others.isEmpty() || kind < 2) {
                final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path()));
                channel.configureBlocking(false);
                others.add(channel);
                open.add(channel);
            } else if (kind == 2) {
                others.remove(random.nextInt(others.size())).close();
            } else {
                final SocketChannel channel = others.get(random.nextInt(others.size()));
                final String piece = pieces[random.nextInt(pieces.length)].repeat(1 + random.nextInt(30));
                try {
                    channel.write(ByteBuffer.wrap(piece.getBytes(StandardCharsets.UTF_8)));
                } catch (final IOException e) {
                    others.remove(channel); // it was cut off
                }
            }
            if (i % 50 == 0) {
                final long start = System.nanoTime();
                assertEquals("{\"flushed\":0}", answer("{\"command\":\"flush\"}"), "seed " + seed + " step " + i);
                final long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                assertTrue(millis < 2000, "seed " + seed + " step " + i + ": " + millis + " ms");
            }
        }
    }

    @Test
    void shouldCutOffWhoeverAsksForNothing() throws Exception {
        serve(new ControlServer.Limits(4, SECOND / 10, 4096, 60 * SECOND));
        final BufferedReader answers = reader(raw());

        assertTrue(answers.readLine().contains("nothing asked"));
        assertEquals(-1, answers.read());
        assertEquals(1, incidents.of(Incident.CONTROL_CUT_OFF));
    }

    @Test
    void shouldCutOffWhoeverDoesNotReadItsAnswerAndServeOthers() throws Exception {
        serve(new ControlServer.Limits(4, 60 * SECOND, 4096, 2 * SECOND));
        for (int i = 0; i < 5000; i++) {
            daemon.sessions.add(SampleDaemon.session(i, "192.0.2.10", "198.51.100.20", false));
        }
        final SocketChannel slow = raw();
        send(slow, "{\"command\":\"sessions\"}\n".getBytes(StandardCharsets.UTF_8));

        client().askLine(command("status"));

        Awaitility.await().until(() -> incidents.of(Incident.CONTROL_CUT_OFF) == 1);
        assertEquals(5000, list(client(), command("sessions")).size(), "one that reads has all of it");
    }

    @Test
    void shouldGiveEventsToAWatcher() throws Exception {
        serve(PATIENT);
        final ControlClient all = client();
        all.watch(command("watch"));
        final ControlClient some = client();
        some.watch(command("watch").add("drops", true).add("host", "2001:DB8::0:1"));
        final String request = "{\"event_type\":\"request\",\"src_ip\":\"2001:db8::1\"}";
        final String drop = "{\"event_type\":\"drop\",\"src_ip\":\"2001:db8::2\",\"dest_ip\":\"2001:db8::1\"}";
        final String other = "{\"event_type\":\"drop\",\"src_ip\":\"2001:db8::12\",\"dest_ip\":\"2001:db8::11\"}";

        daemon.happen(request);
        daemon.happen(other);
        daemon.happen(drop);

        assertEquals(request, all.next(5000));
        assertEquals(other, all.next(5000));
        assertEquals(drop, all.next(5000));
        assertEquals(drop, some.next(5000));
        some.close();
        Awaitility.await().until(() -> daemon.watchers.get(1).closed);
        assertFalse(daemon.watchers.get(0).closed);
    }

    @Test
    void shouldTellAWatcherWhatItMissed() throws Exception {
        serve(PATIENT);
        final ControlClient client = client();
        client.watch(command("watch"));
        daemon.watchers.get(0).lost.set(7);
        daemon.happen("{\"event_type\":\"drop\"}");

        // Which comes first depends on when the server looks.
        final Set<String> told = new HashSet<>();
        told.add(String.valueOf(client.next(5000)));
        told.add(String.valueOf(client.next(5000)));
        assertEquals(Set.of("{\"event_type\":\"drop\"}", "{\"lost\":7}"), told);
    }

    @Test
    void shouldListenForOwnerAndGroupOnly() throws Exception {
        serve(PATIENT);
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
    }

    /** Its own group is one that any process may give its files to. */
    @Test
    void shouldGiveTheSocketToAGroup() throws Exception {
        final String group = Files.readAttributes(directory, PosixFileAttributes.class)
                .group()
                .getName();
        open.add(ControlServer.bind(path(), group, daemon.sources(), incidents));
        assertEquals(0, incidents.of(Incident.CONTROL_CUT_OFF));
        final PosixFileAttributes attributes = Files.readAttributes(path(), PosixFileAttributes.class);
        assertEquals(group, attributes.group().getName());
        assertEquals("rw-rw----", PosixFilePermissions.toString(attributes.permissions()));
    }

    @Test
    void shouldListenWithoutTheGroupIfThereIsNone() throws Exception {
        open.add(ControlServer.bind(path(), "no-such-group-here", daemon.sources(), incidents));
        assertEquals(0, incidents.of(Incident.CONTROL_CUT_OFF));
        assertTrue(Files.exists(path()));
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path())));
    }

    @Test
    void shouldCountAndExplainAWatcherThatIsOneTooMany() throws Exception {
        final ControlSources sources = daemon.sources();
        final EventFeed full = (capacity, filter) -> {
            throw new IllegalStateException("already 64 watch");
        };
        final ControlServer server = ControlServer.bind(
                SocketFile.bind(path(), null),
                new ControlSources(
                        sources.status(),
                        sources.history(),
                        full,
                        sources.expectations(),
                        sources.flush(),
                        sources.reload()),
                PATIENT,
                incidents);
        open.add(server);
        server.start();

        assertEquals("{\"error\":\"too many clients watch: already 64 watch\"}", answer("{\"command\":\"watch\"}"));
        assertEquals(1, incidents.of(Incident.WATCHER_REFUSED));
        assertEquals(0, incidents.of(Incident.CONTROL_CUT_OFF));
    }

    @Test
    void shouldNotReplaceADaemonThatAnswers() throws Exception {
        serve(PATIENT);

        final SocketTakenException taken = assertThrows(
                SocketTakenException.class, () -> ControlServer.bind(path(), null, daemon.sources(), incidents));

        assertTrue(String.valueOf(taken.getMessage()).contains(path().toString()), taken.getMessage());
        client().askLine(command("status"));
    }

    @Test
    void shouldReplaceASocketThatWasLeftBehind() throws Exception {
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path()))
                .close();
        assertTrue(Files.exists(path()));

        serve(PATIENT);

        client().askLine(command("status"));
    }

    @Test
    void shouldLeaveAloneWhatIsNoSocket() throws Exception {
        Files.writeString(path(), "precious");
        assertThrows(IOException.class, () -> ControlServer.bind(path(), null, daemon.sources(), incidents));
        assertEquals("precious", Files.readString(path()));
    }

    @Test
    void shouldMakeTheDirectoryAndTakeTheSocketAway() throws Exception {
        final Path deep = directory.resolve("run/control.sock");
        final ControlServer server = ControlServer.bind(deep, null, daemon.sources(), incidents);
        assertTrue(Files.exists(deep));

        server.close();

        assertFalse(Files.exists(deep));
        assertThrows(
                IOException.class,
                () -> ControlServer.bind(directory.resolve("no/such/control.sock"), null, daemon.sources(), incidents));
    }

    @Test
    void shouldNotTakeAwayTheSocketOfTheNextDaemon() throws Exception {
        final ControlServer server = serve(PATIENT);
        Files.delete(path());
        open.add(ControlServer.bind(path(), null, daemon.sources(), incidents));

        server.close();

        assertTrue(Files.exists(path()));
    }

    @Test
    void shouldSayThatNobodyIsThere() throws Exception {
        final ControlException nothing = assertThrows(ControlException.class, () -> ControlClient.connect(path()));
        assertEquals(Kind.NOT_RUNNING, nothing.kind());
        assertTrue(String.valueOf(nothing.getMessage()).contains(path().toString()));
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path()))
                .close();

        final ControlException nobody = assertThrows(ControlException.class, () -> ControlClient.connect(path()));

        assertEquals(Kind.NOT_RUNNING, nobody.kind());
        assertTrue(String.valueOf(nobody.getMessage()).contains("nobody listens"), nobody.getMessage());
    }
}
