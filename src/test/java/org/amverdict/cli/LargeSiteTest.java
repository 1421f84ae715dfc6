package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amverdict.control.ControlServer;
import org.amverdict.control.ControlSources;
import org.amverdict.control.ReloadOutcome;
import org.amverdict.engine.EngineFixture;
import org.amverdict.incidents.Incidents;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.telemetry.SampleSources;
import org.amverdict.telemetry.SharedFigures;
import org.amverdict.telemetry.Stage;
import org.amverdict.telemetry.StatusReports;
import org.amverdict.telemetry.TelemetrySources;
import org.amverdict.track.LineHits;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands on a site with as many lines as are counted on their own, and more requests than are remembered. */
@Timeout(60)
final class LargeSiteTest {
    private static final int LINES = LineHits.NAMES_MAX;
    private static final int SESSIONS = 10_000;
    private static final int REMEMBERED = 4096;
    private static final long MEGABYTE = 1_000_000;
    /** On a busy machine; usually a tenth. */
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private static Path directory;

    private static Stage stage;
    private static ControlServer server;

    private record Answer(List<String> lines, long allBytes, long daemonBytes) {
        String text() {
            return String.join("\n", lines);
        }
    }

    @BeforeAll
    static void dumpEverything() throws Exception {
        stage = Stage.of(Policy.of(IntStream.range(0, LINES)
                .mapToObj(line -> new Allowance(
                        "site " + line,
                        HostSet.of(server(line)),
                        HostSet.of("10." + line + ".1.0/24"),
                        -1,
                        Policy.DEFAULT_STREAM_PORTS,
                        false))
                .toList()));
        for (int i = 0; i < SESSIONS; i++) {
            dump(i);
            if (i % 100 == 0) {
                stage.settle();
            }
        }
        stage.settle();
        server = ControlServer.bind(
                socket(),
                null,
                new ControlSources(
                        new StatusReports(new SharedFigures(sources()))::now,
                        new ControlSources.History(
                                stage.telemetry.sessions(), stage.telemetry.drops(), stage.telemetry.why()),
                        stage.telemetry.feed(),
                        stage.engine.tables().expectations(),
                        () -> 0,
                        () -> ReloadOutcome.refused("file", List.of())),
                new Incidents());
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
        stage.telemetry.close();
    }

    private static Path socket() {
        return directory.resolve("control.sock");
    }

    private static String server(final int line) {
        return "10." + line + ".0.1";
    }

    /** Each of another client. */
    private static void dump(final int number) {
        final String server = server(number % LINES);
        final String client = "10." + number % LINES + ".1." + (1 + number / LINES);
        final String handle = String.format("000-%08x", number);
        send(server, client, handle, "REQ", EngineFixture.requestBody("sendbackup") + Stage.Talk.dle("/home", "1"));
        send(client, server, handle, "REP", "CONNECT DATA 11001 MESG 11003 INDEX 11004\nOPTIONS features=ff;\n");
    }

    private static void send(
            final String from, final String to, final String handle, final String type, final String body) {
        final boolean request = type.equals("REQ");
        stage.later(Stage.MILLI);
        stage.send(EngineFixture.udp(
                from,
                request ? EngineFixture.REQUESTER_PORT : EngineFixture.CONTROL,
                to,
                request ? EngineFixture.CONTROL : EngineFixture.REQUESTER_PORT,
                EngineFixture.message(type, handle, "1795000000", body)));
    }

    private static TelemetrySources sources() {
        final TelemetrySources sample = new SampleSources().sources();
        return new TelemetrySources(
                sample.program(),
                sample.queues(),
                new TelemetrySources.Tables(
                        sample.tables().transactions(),
                        sample.tables().expectations(),
                        sample.tables().flows(),
                        stage.engine.tables().counters(),
                        stage.engine.tables().lines()),
                sample.reports(),
                sample.incidents(),
                sample.kernelQueues());
    }

    /** What these threads have allocated so far. */
    private static long allocatedBytes(final Predicate<String> thread) {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        for (final ThreadInfo each : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (each != null && thread.test(each.getThreadName())) {
                bytes += threads.getThreadAllocatedBytes(each.getThreadId());
            }
        }
        return bytes;
    }

    private static long daemonBytes() {
        return allocatedBytes("amverdict-control"::equals);
    }

    private static long allBytes() {
        return allocatedBytes(name -> true);
    }

    private static Answer run(final String... arguments) {
        final StringWriter out = new StringWriter();
        final CommandLine program = Main.commandLine();
        program.setOut(new PrintWriter(out, true));
        final long allBefore = allBytes();
        final long daemonBefore = daemonBytes();
        final long begin = System.nanoTime();
        final String[] words = Stream.concat(Stream.of(arguments), Stream.of("--socket", socket().toString()))
                .toArray(String[]::new);

        assertEquals(0, program.execute(words));

        final Duration time = Duration.ofNanos(System.nanoTime() - begin);
        assertTrue(time.compareTo(SOON) < 0, time + " for " + String.join(" ", arguments));
        return new Answer(out.toString().lines().toList(), allBytes() - allBefore, daemonBytes() - daemonBefore);
    }

    @Test
    void shouldSayTheStatusOnAFewScreens() throws Exception {
        final Answer status = run("status");

        assertTrue(status.lines().size() < 80, status.text());
        assertTrue(status.lines().stream().allMatch(line -> line.length() <= 80), status.text());
        assertTrue(status.text().contains("site 19: 39 requests, 117 streams"), status.text());
        assertTrue(status.text().contains("and 236 more lines; --json has all"), status.text());
        assertTrue(status.allBytes() < 15 * MEGABYTE, status.allBytes() + " bytes");

        final Answer json = run("status", "--json");
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/control/status.schema.json", json.text()));
        assertEquals(LINES, JsonObject.parse(json.text()).objects("lines").size());
        assertTrue(json.text().length() < 40_000, json.text().length() + " characters");
    }

    @Test
    void shouldDrawTopOnOneScreen() {
        run("top", "-n", "1"); // loads classes
        final Answer top = run("top", "-n", "1");

        assertTrue(top.lines().size() <= 25, top.text());
        assertTrue(top.text().contains("10.15.0.1") || top.text().contains("10.15.1.40"), top.text());
        assertTrue(top.allBytes() < 100 * MEGABYTE, top.allBytes() + " bytes");
        // Some 9 MB; copies of all that is remembered would be 18 MB more.
        assertTrue(top.daemonBytes() < 16 * MEGABYTE, top.daemonBytes() + " bytes");
    }

    /** The list itself is as long as what is remembered, and is made while it is sent. */
    @Test
    void shouldListWhatIsRemembered() {
        final Answer sessions = run("sessions", "--json", "-n", "10000");

        assertEquals(REMEMBERED, sessions.lines().size());
        assertTrue(sessions.allBytes() < 200 * MEGABYTE, sessions.allBytes() + " bytes");
    }
}
