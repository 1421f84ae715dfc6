package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.history.Session;
import org.amverdict.history.SessionLogTest;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.telemetry.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines that a real engine's records become. */
final class EventLogTest {
    private static final String STREAMS = "DATA 50081 MESG 50082 INDEX 50083";

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("log/events.json");
    }

    private static List<String> read(final Path file) throws IOException {
        final List<String> lines = Files.readAllLines(file);
        for (final String line : lines) {
            assertEquals(Set.of(), EventSchema.problems(line), line);
        }
        return lines;
    }

    private static long sum(final List<Map<String, Object>> events, final String type, final String key) {
        return events.stream()
                .filter(event -> type.equals(event.get("event_type")))
                .mapToLong(event -> ((Number) event.getOrDefault(key, 0)).longValue())
                .sum();
    }

    private static void playEverything(final Stage stage) {
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.carry(50_081, 2);
        stage.tcp(false, 50_082, TcpView.SYN, 1, 0, 0);
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        stage.tcp(false, EngineFixture.CONTROL, TcpView.SYN, 1, 0, 0);
        stage.talk(2).forth("REQ", EngineFixture.requestBody("sendsize"));
        stage.talk(2).back("PREP", "/home 0 SIZE 3\n");
        stage.talk(3).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(3).back("REP", "CONNECT DATA 22 MESG 23 INDEX 24\n");
        stage.talk(4).back("REP", "nobody asked\n");
        stage.send(new byte[] {0x45, 0, 0, 20, 1, 2, 3});
        stage.send(EngineFixture.udp(
                EngineFixture.STRANGER, 844, EngineFixture.CLIENT, EngineFixture.CONTROL, new byte[] {'"', '\n'}));
        stage.settle();
    }

    /** Every type of event that a packet or the program can cause is as the schema says. */
    @Test
    void shouldWriteEveryTypeOfEventAsTheSchemaSays() throws IOException {
        final Stage stage = new Stage(file()).begin();
        playEverything(stage);
        stage.telemetry.reloaded(false, "line 3: \"no\u001bsuch\" key");
        stage.keepHouse(181 * Stage.SECOND);
        stage.keepHouse(6 * 3600 * Stage.SECOND);
        for (int i = 0; i < EventLog.DROPS_AT_ONCE + 100; i++) {
            stage.tcp(false, 20_000 + i, TcpView.SYN, 1, 0, 0);
        }
        for (int i = 0; i < EventRing.CAPACITY; i++) {
            stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup")); // drops would only be counted
        }
        stage.later(EventLog.FOLD_NANOS);
        stage.settle();
        stage.telemetry.close();

        final Map<String, Integer> seen = new TreeMap<>();
        for (final Map<String, Object> event : Stage.parse(read(file()))) {
            final String kind = event.get("event_type")
                    + (event.containsKey("action") ? " " + event.get("action") : "")
                    + (event.containsKey("folded") ? " folded" : "");
            seen.merge(kind, 1, Integer::sum);
        }

        assertEquals(
                Set.of(
                        "drop",
                        "drop folded",
                        "expect announced",
                        "expect unused",
                        "overload",
                        "reload",
                        "reply",
                        "request acknowledged",
                        "request asked",
                        "request repeated",
                        "request unanswered",
                        "start",
                        "stats",
                        "stop",
                        "stream close",
                        "stream open"),
                seen.keySet());
        assertEquals(1, seen.get("start"));
        assertEquals(1, seen.get("stop"));
    }

    @Test
    void shouldSayWhoAskedForWhatAndWhatCameOfIt() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.later(2 * Stage.MILLI);
        stage.carry(50_081, 2);
        stage.settle();
        stage.telemetry.close();

        final List<String> lines = read(file());
        final String id = "\"handle\":\"000-00000001\",\"seq\":\"1795000001\"";
        assertEquals(
                "{\"timestamp\":\"2026-11-27T03:00:00.000Z\",\"event_type\":\"request\",\"action\":\"asked\","
                        + "\"src_ip\":\"192.0.2.10\",\"src_port\":844,\"dest_ip\":\"198.51.100.20\",\"dest_port\":10080,"
                        + "\"proto\":\"UDP\",\"community_id\":\"1:0EhuXcraLsZRXeZ3k2wVTVsgzTo=\","
                        + "\"amanda\":{\"type\":\"REQ\"," + id + ",\"service\":\"sendbackup\"},"
                        + "\"decision\":\"accept\",\"verdict\":\"accept\",\"reason\":\"request\",\"transaction\":1,"
                        + "\"line\":\"four\","
                        + "\"disks\":[\"/home\"],\"disk_count\":1,\"level\":\"1\"}",
                lines.get(0));
        assertEquals(
                "{\"timestamp\":\"2026-11-27T03:00:00.200Z\",\"event_type\":\"expect\",\"action\":\"announced\","
                        + "\"src_ip\":\"192.0.2.10\",\"dest_ip\":\"198.51.100.20\",\"proto\":\"TCP\","
                        + "\"amanda\":{\"type\":\"REP\"," + id + ",\"service\":\"sendbackup\"},\"transaction\":1,"
                        + "\"line\":\"four\","
                        + "\"opens\":[{\"stream\":\"data\",\"port\":50081},{\"stream\":\"mesg\",\"port\":50082},"
                        + "{\"stream\":\"index\",\"port\":50083}]}",
                lines.get(3));
        assertEquals(
                "{\"timestamp\":\"2026-11-27T03:00:00.202Z\",\"event_type\":\"stream\",\"action\":\"open\","
                        + "\"src_ip\":\"192.0.2.10\",\"src_port\":50000,\"dest_ip\":\"198.51.100.20\","
                        + "\"dest_port\":50081,\"proto\":\"TCP\","
                        + "\"community_id\":\"1:FU/B8evczGjTSypur3gszOamqF0=\","
                        + "\"amanda\":{\"stream\":\"data\"},"
                        + "\"decision\":\"accept\",\"verdict\":\"accept\",\"reason\":\"expected\",\"transaction\":1,"
                        + "\"line\":\"four\","
                        + "\"waited_seconds\":0.002}",
                lines.get(5));
        assertEquals(
                "{\"timestamp\":\"2026-11-27T03:00:02.202Z\",\"event_type\":\"stream\",\"action\":\"close\","
                        + "\"src_ip\":\"192.0.2.10\",\"src_port\":50000,\"dest_ip\":\"198.51.100.20\","
                        + "\"dest_port\":50081,\"proto\":\"TCP\","
                        + "\"community_id\":\"1:FU/B8evczGjTSypur3gszOamqF0=\","
                        + "\"amanda\":{\"stream\":\"data\"},\"transaction\":1,"
                        + "\"line\":\"four\","
                        + "\"cause\":\"finished\",\"duration_seconds\":2.000,\"original_packets\":5,"
                        + "\"original_bytes\":200,\"reply_packets\":5,\"reply_bytes\":2200,"
                        + "\"longest_gap_seconds\":1.000}",
                lines.get(6));
    }

    /** Every record of an exchange and of its streams names the line that let it in, also its late ends. */
    @Test
    void shouldNameTheLineOfThePolicy() throws IOException {
        final HostSet hosts = HostSet.of(Stage.SERVER, Stage.CLIENT);
        final PortSet ports = Policy.DEFAULT_STREAM_PORTS;
        final Policy policy = Policy.of(List.of(
                new Allowance("estimates", hosts, hosts, Service.SENDSIZE.bit(), ports, false),
                new Allowance("dumps", hosts, hosts, Service.SENDBACKUP.bit(), ports, false)));
        final Stage stage = new Stage(file(), EngineSettings.of(policy)).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.carry(50_081, 2);
        stage.talk(2).forth("REQ", EngineFixture.requestBody("sendsize"));
        stage.talk(3).forth("REQ", EngineFixture.requestBody("selfcheck"));
        stage.keepHouse(181 * Stage.SECOND);
        stage.keepHouse(6 * 3600 * Stage.SECOND);
        stage.telemetry.close();

        final Map<String, Set<String>> lines = new TreeMap<>();
        for (final Map<String, Object> event : Stage.parse(read(file()))) {
            if (event.containsKey("line")) {
                lines.computeIfAbsent((String) event.get("line"), line -> new TreeSet<>())
                        .add(event.get("event_type") + " "
                                + event.getOrDefault("action", event.getOrDefault("reason", "")));
            }
        }

        assertEquals(
                Map.of(
                        "dumps",
                        Set.of(
                                "request asked",
                                "request acknowledged",
                                "reply reply",
                                "expect announced",
                                "expect unused",
                                "stream open",
                                "stream close"),
                        "estimates",
                        // What no line allows has the first line with these hosts.
                        Set.of("request asked", "request unanswered", "drop service-not-allowed")),
                lines);
    }

    /** What the responder says reaches the file, printable; what it says to somebody it does not know is nobody's. */
    @Test
    void shouldTellTheWordsOfTheResponder() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).forth("REQ", EngineFixture.requestBody("sendbackup"));
        stage.talk(1).back("ACK", "");
        stage.talk(1).back("NAK", "ERROR add \"x amdump\" to .amandahosts\u001b[2J\nsecond line\n");
        stage.talk(2).back("NAK", "ERROR nobody asked\n");
        stage.settle();
        stage.telemetry.close();

        final List<String> lines = read(file());
        for (final String line : lines) {
            assertEquals(Set.of(), EventSchema.problems(line), line);
        }
        final List<Object> texts = Stage.parse(lines).stream()
                .filter(event -> event.containsKey("text"))
                .map(event -> event.get("text"))
                .toList();
        assertEquals(List.of("ERROR add \"x amdump\" to .amandahosts\\x1b[2J / second line"), texts);
    }

    /** Of the same packets, events, counters and sessions say the same. */
    @Test
    void shouldAgreeWithTheCountersAndTheSessionsToThePacket() throws IOException {
        final Stage stage = new Stage(file()).begin();
        for (int i = 0; i < 50; i++) {
            final int port = 30_000 + 3 * i;
            stage.talk(i).dump("/d" + i, "0", "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2));
            stage.carry(port, i % 4);
            if (i % 2 == 0) {
                stage.carry(port + 1, 1);
            }
            stage.tcp(false, port + 2, TcpView.SYN, 1, 0, 0);
            stage.tcp(false, port + 2, TcpView.SYN, 1, 0, 0);
            stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
            stage.settle();
        }
        final List<Session> sessions = stage.telemetry.sessions().recent(1000);
        stage.telemetry.close();

        final List<Map<String, Object>> events = Stage.parse(read(file()));
        long original = 0;
        long reply = 0;
        long originalPackets = 0;
        for (final StreamName stream : StreamName.values()) {
            original += stage.engine.counters().streamBytes(stream, false);
            reply += stage.engine.counters().streamBytes(stream, true);
            originalPackets += stage.engine.counters().streamPackets(stream, false);
        }
        assertEquals(original, sum(events, "stream", "original_bytes"));
        assertEquals(reply, sum(events, "stream", "reply_bytes"));
        assertEquals(originalPackets, sum(events, "stream", "original_packets"));
        // Of INDEX nothing but the SYN is seen, which is not what it carries.
        assertEquals(
                original - 50 * 2 * 40,
                sessions.stream()
                        .flatMap(session -> session.streams().stream())
                        .mapToLong(stream -> Math.max(0, stream.originalBytes()))
                        .sum());
        assertEquals(
                reply,
                sessions.stream()
                        .flatMap(session -> session.streams().stream())
                        .mapToLong(stream -> Math.max(0, stream.replyBytes()))
                        .sum());
        assertEquals(50, stage.engine.counters().packets(Verdict.DROP, Reason.UNEXPECTED));
        assertEquals(50, sum(events, "drop", "count"));
        assertEquals(
                50,
                events.stream()
                        .filter(event -> "asked".equals(event.get("action")))
                        .count());
        final Map<String, Object> stats = events.get(events.size() - 2);
        assertEquals(true, stats.get("final"));
        assertEquals(50, EventSchema.at(stats, "packets", "drop", Reason.UNEXPECTED.label()));
        assertEquals("stop", events.get(events.size() - 1).get("event_type"));
    }

    private static List<Map<String, Object>> closes(final List<String> lines, final long port) {
        return Stage.parse(lines).stream()
                .filter(event -> "close".equals(event.get("action")) && EventSchema.number(event, "dest_port") == port)
                .toList();
    }

    /** Placement gate: the queue sees the SYN, connection tracking tells the end. A stream has one end. */
    @Test
    void shouldTellTheEndThatConnectionTrackingTells() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        for (int port = 50_081; port <= 50_083; port++) {
            stage.tcp(false, port, TcpView.SYN, 1000, 0, 0);
        }
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, 50_081, -1, -1));
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, 50_082, -1, -1));
        stage.later(Stage.SECOND);
        stage.settle();
        // One ends before the table has forgotten its SYN, one after, one without bytes.
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.FINISHED, 50_082, 400, 800));
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.RESET, 50_083, 40, 40));
        stage.later(Stage.SECOND);
        stage.settle();
        stage.keepHouse(3600 * Stage.SECOND);
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.FINISHED, 50_081, 4_000, 8_000_000));
        stage.later(Stage.SECOND);
        stage.settle();
        final List<Session.Stream> streams =
                stage.telemetry.sessions().recent(1).get(0).streams();
        stage.telemetry.close();

        final List<String> lines = read(file());
        assertEquals(
                "{\"timestamp\":\"2026-11-27T04:00:03.200Z\",\"event_type\":\"stream\",\"action\":\"close\","
                        + "\"source\":\"conntrack\",\"src_ip\":\"192.0.2.10\",\"src_port\":50000,"
                        + "\"dest_ip\":\"198.51.100.20\",\"dest_port\":50081,\"proto\":\"TCP\","
                        + "\"community_id\":\"1:FU/B8evczGjTSypur3gszOamqF0=\","
                        + "\"amanda\":{\"stream\":\"data\"},\"transaction\":1,\"line\":\"four\",\"cause\":\"finished\","
                        + "\"duration_seconds\":3602.000,\"original_packets\":100,\"original_bytes\":4000,"
                        + "\"reply_packets\":200000,\"reply_bytes\":8000000}",
                lines.stream()
                        .filter(line -> line.contains("close") && line.contains("50081"))
                        .findFirst()
                        .orElseThrow());
        final List<String> causes = List.of("finished", "finished", "refused");
        for (int i = 0; i < 3; i++) {
            final List<Map<String, Object>> closes = closes(lines, 50_081 + i);
            assertEquals(1, closes.size(), closes.toString());
            assertEquals(causes.get(i), closes.get(0).get("cause"));
            assertEquals(causes.get(i), streams.get(i).cause(), "the sessions say the same");
        }
        assertEquals(4_000, streams.get(0).originalBytes());
        assertEquals(400, EventSchema.number(closes(lines, 50_082).get(0), "original_bytes"));
    }

    @Test
    void shouldLeaveOutWhatTheKernelDoesNotCount() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, 50_081, -1, -1));
        stage.later(Stage.MILLI);
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.FINISHED, 50_081, -1, -1));
        stage.later(Stage.SECOND);
        stage.settle();
        stage.keepHouse(181 * Stage.SECOND);
        stage.telemetry.close();

        final List<Map<String, Object>> closes = closes(read(file()), 50_081);
        assertEquals(1, closes.size(), closes.toString());
        assertEquals("conntrack", closes.get(0).get("source"));
        assertFalse(closes.get(0).containsKey("original_bytes"), closes.toString());
    }

    /** A stream that goes on has no end but the program's. */
    @Test
    void shouldTellThatTheProgramEndedBeforeTheStream() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, 50_081, -1, -1));
        stage.later(Stage.SECOND);
        stage.settle();
        stage.keepHouse(3600 * Stage.SECOND);
        stage.tcp(false, 50_082, TcpView.SYN, 1000, 0, 0);
        stage.tcp(false, EngineFixture.CONTROL, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, EngineFixture.CONTROL, -1, -1));
        stage.later(Stage.SECOND);
        stage.settle();
        stage.telemetry.close();

        final List<String> lines = read(file());
        for (final int port : new int[] {50_081, EngineFixture.CONTROL}) {
            final List<Map<String, Object>> closes = closes(lines, port);
            assertEquals(1, closes.size(), closes.toString());
            assertEquals("stop", closes.get(0).get("cause"));
            assertEquals("conntrack", closes.get(0).get("source"));
        }
    }

    /** Where the queue sees the answers, its own end takes precedence, whichever report comes first. */
    @Test
    void shouldTellOneEndOfAStreamThatBothSee() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.tcp(false, 50_082, TcpView.SYN, 1000, 0, 0);
        stage.settle();
        // Connection tracking comes before the queue.
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, 50_082, -1, -1));
        stage.later(Stage.MILLI);
        stage.settle();
        stage.tcp(true, 50_082, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
        stage.tcp(false, 50_082, TcpView.ACK, 1001, 5001, 0);
        stage.settle();
        stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.RESET, 50_082, 120, 80));
        stage.later(Stage.MILLI);
        stage.settle();
        stage.tcp(false, 50_082, TcpView.RST, 1001, 0, 0);
        stage.later(Stage.SECOND);
        stage.settle();
        stage.telemetry.close();

        final List<Map<String, Object>> closes = closes(read(file()), 50_082);
        assertEquals(1, closes.size(), closes.toString());
        assertEquals("reset", closes.get(0).get("cause"));
        assertFalse(closes.get(0).containsKey("source"), closes.toString());
    }

    /** As above, of connections that go on at the stop. */
    @Test
    void shouldTellOneStopOfAStreamThatBothSee() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        final int[] ports = {50_082, EngineFixture.CONTROL};
        for (final int port : ports) {
            stage.tcp(false, port, TcpView.SYN, 1000, 0, 0);
            stage.settle();
            stage.telemetry.tracked(SessionLogTest.tracked(TrackedConnection.Kind.ANSWERED, port, -1, -1));
            stage.later(Stage.MILLI);
            stage.settle();
            stage.tcp(true, port, TcpView.SYN | TcpView.ACK, 5000, 1001, 0);
            stage.tcp(false, port, TcpView.ACK, 1001, 5001, 0);
        }
        stage.settle();
        stage.telemetry.close();

        for (final int port : ports) {
            final List<Map<String, Object>> closes = closes(read(file()), port);
            assertEquals(1, closes.size(), closes.toString());
            assertEquals("stop", closes.get(0).get("cause"));
            assertFalse(closes.get(0).containsKey("source"), closes.toString());
            assertEquals(2, EventSchema.number(closes.get(0), "original_packets"));
        }
    }

    @Test
    void shouldCountTheDropsOfAFloodInsteadOfFillingTheDisk() throws IOException {
        final Stage stage = new Stage(file()).begin();
        final int rounds = 100;
        for (int i = 0; i < rounds; i++) {
            for (int j = 0; j < 1000; j++) {
                stage.tcp(false, 20_000 + j, TcpView.SYN, 1, 0, 0);
            }
            stage.later(100 * Stage.MILLI);
            stage.settle();
        }
        stage.telemetry.close();

        final List<Map<String, Object>> events = Stage.parse(read(file()));
        final long drops = events.stream()
                .filter(event -> "drop".equals(event.get("event_type")))
                .count();
        assertEquals(rounds * 1000, sum(events, "drop", "count"));
        assertTrue(drops <= EventLog.DROPS_AT_ONCE + 11 * EventLog.DROPS_PER_SECOND, drops + " lines");
        assertEquals(0, stage.telemetry.lost());
    }

    @Test
    void shouldGiveTheFileToItsGroupAndNobodyElse() throws IOException {
        final Stage stage = new Stage(file()).begin().settle();
        stage.telemetry.close();

        assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void shouldBeginANewFileWhenTheOldOneWasMovedAway() throws IOException {
        final Stage stage = new Stage(file()).begin();
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.settle();
        stage.later(Stage.SECOND);
        stage.settle();
        final Path rotated = directory.resolve("events.json.1");
        Files.move(file(), rotated);
        stage.talk(2).dump("/home", "1", "DATA 50091 MESG 50092 INDEX 50093");
        stage.settle();
        stage.later(Stage.SECOND);
        stage.settle();
        assertTrue(Files.exists(file()), "made anew without waiting for an event");
        stage.talk(3).dump("/home", "1", "DATA 50096 MESG 50097 INDEX 50098");
        stage.settle();
        stage.telemetry.close();

        final List<String> all = new ArrayList<>(read(rotated));
        all.addAll(read(file()));
        assertEquals(3, all.stream().filter(line -> line.contains("\"asked\"")).count());
        assertTrue(read(file()).stream().anyMatch(line -> line.contains("000-00000003")));
        assertFalse(read(rotated).stream().anyMatch(line -> line.contains("000-00000003")));
    }

    @Test
    void shouldBeginANewFileWhenItIsToldTo() throws IOException {
        final Stage stage = new Stage(file()).begin().settle();
        stage.later(Stage.SECOND);
        stage.settle();
        Files.delete(file());
        stage.telemetry.reopen();
        stage.settle();

        assertTrue(Files.exists(file()));
        stage.telemetry.close();
    }

    /** /dev/full takes nothing: every write says that the disk is full. */
    @Test
    void shouldGoOnAndCountWhenTheDiskIsFull() {
        final Stage stage = new Stage(Path.of("/dev/full")).begin();
        for (int i = 0; i < 5; i++) {
            stage.talk(i).dump("/home", "1", STREAMS.replace("5008", "5" + i + "08"));
            stage.settle();
            stage.later(Stage.SECOND);
        }
        final int sessions = stage.telemetry.sessions().recent(10).size();
        stage.telemetry.close();

        assertEquals(5, sessions);
        // start; of each dump REQ, ACK, REP, what it announces, ACK; overload, for what was lost; stats and stop
        assertEquals(1 + 5 * 5 + 3, stage.telemetry.lost(EventLoss.FILE));
        assertEquals(
                1, stage.log.stream().filter(line -> line.contains("/dev/full")).count(), stage.log.toString());
    }

    @Test
    void shouldWriteAgainWhenThereIsRoomAgain() throws IOException {
        final Path elsewhere = directory.resolve("link");
        Files.createSymbolicLink(elsewhere, Path.of("/dev/full"));
        final Stage stage = new Stage(elsewhere).begin();
        stage.settle();
        stage.later(Stage.SECOND);
        stage.settle();
        Files.delete(elsewhere);
        stage.later(11 * Stage.SECOND);
        stage.talk(1).dump("/home", "1", STREAMS);
        stage.settle();
        stage.telemetry.close();

        final List<String> warnings =
                stage.log.stream().filter(line -> line.startsWith("WARNING")).toList();
        assertEquals(2, warnings.size(), warnings.toString());
        assertTrue(warnings.get(1).contains("written again, 1 events are lost"), stage.log.toString());
        assertTrue(read(elsewhere).stream().anyMatch(line -> line.contains("\"asked\"")));
    }

    @Test
    void shouldGiveWatchersEveryEventAndCountWhatTheyMiss() throws InterruptedException {
        final Stage stage = new Stage(null).begin();
        try (EventFeed.Subscription all = stage.telemetry.feed().subscribe(1000, EventFilter.ALL);
                EventFeed.Subscription slow = stage.telemetry.feed().subscribe(2, EventFilter.ALL)) {
            stage.talk(1).dump("/home", "1", STREAMS);
            stage.settle();
            final List<String> lines = new ArrayList<>();
            for (String line = all.poll(0); line != null; line = all.poll(0)) {
                lines.add(line);
                assertEquals(Set.of(), EventSchema.problems(line), line);
            }

            assertEquals(6, lines.size(), lines.toString());
            assertTrue(lines.get(0).contains("\"start\"") || lines.get(5).contains("\"start\""), lines.toString());
            assertNotNull(slow.poll(0));
            assertNotNull(slow.poll(0));
            assertNull(slow.poll(0));
            assertEquals(4, slow.lost());
            assertEquals(0, all.lost());
        }
        assertFalse(((EventFanOut) stage.telemetry.feed()).isWatched(), "both have gone");
    }

    @Test
    void shouldGiveAWatcherOnlyTheDropsOrTheHostThatItAskedFor() throws InterruptedException {
        final Stage stage = new Stage(null).begin();
        final IpAddress client = IpAddress.parse(Stage.CLIENT);
        final IpAddress stranger = IpAddress.parse("203.0.113.1");
        try (EventFeed.Subscription drops = stage.telemetry.feed().subscribe(1000, new EventFilter(true, null));
                EventFeed.Subscription about = stage.telemetry.feed().subscribe(1000, new EventFilter(false, client));
                EventFeed.Subscription none = stage.telemetry.feed().subscribe(1, new EventFilter(false, stranger))) {
            stage.talk(1).dump("/home", "1", STREAMS);
            stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
            stage.settle();

            assertTrue(String.valueOf(drops.poll(0)).contains("\"event_type\":\"drop\""));
            assertNull(drops.poll(0));
            int lines = 0;
            for (String line = about.poll(0); line != null; line = about.poll(0)) {
                assertTrue(line.contains("_ip\":\"" + Stage.CLIENT + "\""), line);
                lines++;
            }
            assertEquals(6, lines, "all but the start");
            assertNull(none.poll(0));
            assertEquals(0, none.lost(), "what is not wanted is not lost");
        }
    }

    @Test
    void shouldTellWhatWasTheKernelsVerdictInMonitorMode() throws IOException {
        final EngineSettings enforcing = EngineFixture.settings(EngineFixture.policy());
        final Stage stage = new Stage(
                        file(),
                        EngineSettings.builder(enforcing.policy())
                                .enforce(false)
                                .conclude())
                .begin();
        stage.tcp(false, 12_345, TcpView.SYN, 1, 0, 0);
        stage.settle();
        stage.telemetry.close();

        final String drop = read(file()).stream()
                .filter(line -> line.contains("\"drop\""))
                .findFirst()
                .orElseThrow();
        assertTrue(drop.contains("\"decision\":\"drop\",\"verdict\":\"continue\",\"reason\":\"unexpected\""), drop);
    }
}
