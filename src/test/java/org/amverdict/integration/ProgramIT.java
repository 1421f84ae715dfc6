package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.ChildProcess;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams.Outcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged program as its operator meets it: modes, start, stop and exit codes (operations.md, "Commands"). */
@Tag("root")
@Timeout(90)
class ProgramIT {
    private static final Family IPV4 = Family.IPV4;
    private static final long EXIT_MS = 30_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static List<Family> families() {
        return Kernel.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldAcceptEverythingInMonitorModeAndSayWhatItWouldDrop(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.monitor());
                Conversation udp = new Conversation(lab.stranger(), lab.client(), family, EngineLab.ARRIVE_MS)) {
            assertEquals(
                    Outcome.CONNECTED,
                    lab.connectPatiently(lab.server(), lab.client(), family, 12_345),
                    "a port that nobody negotiated");
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "a host that no line allows");

            final MetricsPage page = lab.metrics();
            assertEquals(1, page.sum("amverdict_would_drop_total", "reason=\"unexpected\""));
            assertEquals(1, page.sum("amverdict_would_drop_total", "reason=\"not-allowed\""));
            assertEquals(0, page.sum("amverdict_packets_total", "verdict=\"drop\""));
            assertEquals(0, page.sum("amverdict_enforcing"));
        }
    }

    @Test
    void shouldForgetAnExpectationAfterItsLifetime() throws IOException, InterruptedException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.lifetime(2));
                Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11001), "in time");

            Thread.sleep(3_000);

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11002), "too late");
            final MetricsPage page = lab.metrics();
            assertEquals(0, page.sum("amverdict_expectations"));
            assertEquals(2, page.sum("amverdict_expectations_removed_total", "cause=\"expired\""));
            assertEquals(1, page.sum("amverdict_expectations_removed_total", "cause=\"matched\""));
        }
    }

    /** Stopped with SIGSTOP, the program cannot judge: everything that is sent then is held when SIGTERM comes. */
    @Test
    void shouldJudgeWhatIsHeldWhenItIsToldToStop() throws IOException {
        final int held = 60;
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            lab.signal("STOP");
            for (int i = 0; i < held; i++) {
                udp.requester().send(AmandaMessages.noop(lab.nextTransaction()));
            }
            lab.signal("TERM");
            lab.signal("CONT");

            final int status = lab.daemon().awaitExit(EXIT_MS);

            assertTrue(
                    status == 0 || status == 143,
                    "exit " + status + ": " + lab.daemon().output());
            int arrived = 0;
            while (arrived < held && udp.responder().receive(EngineLab.SILENCE_MS) != null) {
                arrived++;
            }
            assertEquals(held, arrived, "requests that were held");
            assertFalse(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "nobody listens any more");
            assertFalse(
                    lab.daemon().output().contains("Exception"), lab.daemon().output());
        }
    }

    @Test
    void shouldSayWhoOwnsAQueueThatIsTaken() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            final Path file = EngineLab.configuration(lab.network(), Setup.USUAL);
            final int otherPort = EngineLab.METRICS_PORT + 1;
            Files.writeString(file, Files.readString(file).replace(":" + EngineLab.METRICS_PORT, ":" + otherPort));
            final DaemonProcess second = lab.network()
                    .own(DaemonProcess.start(
                            EngineLab.launcher(),
                            lab.network().firewall(),
                            List.of("-c", file.toString(), "--queue", "0")));

            final int status = second.awaitExit(EXIT_MS);

            assertTrue(status == 69 || status == 77, "exit " + status + ": " + second.output());
            assertTrue(second.output().contains("queue 0"), second.output());
            assertTrue(
                    second.output().contains(Long.toString(lab.daemon().pid())), "names the owner: " + second.output());
            assertTrue(
                    second.output()
                            .contains("amverdict already runs (process "
                                    + lab.daemon().pid() + ")"),
                    second.output());
            assertFalse(second.output().contains("\tat "), "no stack trace: " + second.output());
            assertEquals(
                    Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), IPV4, 10080), "first goes on");
        }
    }

    /** Queues of its own, but the other's control socket: it must not take its place there, nor its saved state. */
    @Test
    void shouldSayThatItRunsAlreadyAtTheControlSocket() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            final DaemonProcess second = lab.network()
                    .own(DaemonProcess.start(
                            EngineLab.launcher(),
                            lab.network().firewall(),
                            List.of("-c", lab.file().toString(), "--queue", "77")));

            assertEquals(69, second.awaitExit(EXIT_MS), second.output());
            assertTrue(
                    second.output()
                            .contains("amverdict already runs (process "
                                    + lab.daemon().pid() + ") and answers at "),
                    second.output());
        }
    }

    @Test
    void shouldTellAnOrdinaryUserInOneSentence() throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, Setup.USUAL);
            final ChildProcess user = lab.own(ChildProcess.start(
                    lab.firewall()
                            .inside(List.of(
                                    "setpriv",
                                    "--bounding-set=-net_admin",
                                    "--inh-caps=-net_admin",
                                    EngineLab.launcher().toString(),
                                    "run",
                                    "-c",
                                    file.toString())),
                    100));

            assertEquals(77, user.awaitExit(EXIT_MS).orElse(-1), user.output());
            assertTrue(user.output().contains("run needs CAP_NET_ADMIN"), user.output());
            assertFalse(user.output().contains("Exception"), user.output());
        }
    }

    /** From the first line to the last one, also of a second daemon that refuses to start, and of wrong options. */
    @Test
    void shouldWriteNothingButJson() throws IOException {
        try (NetworkLab lab = NetworkLab.open();
                Conversation udp = new Conversation(lab.stranger(), lab.client(), IPV4, EngineLab.ARRIVE_MS)) {
            final Path file = EngineLab.configuration(lab, Setup.USUAL.monitor());
            FirewallRules.apply(lab.firewall(), Setup.USUAL.placement(), 0, Setup.USUAL.lastQueue());
            final DaemonProcess first = json(lab, "-c", file.toString());
            first.awaitReady(EXIT_MS);
            assertTrue(udp.ask(AmandaMessages.noop(Transaction.number(1))), "a host that no line allows");
            first.awaitLine("\"reason\":\"not-allowed\"", EXIT_MS);
            final StringBuilder all = new StringBuilder();
            for (final String wrong : new String[] {"--nope", "--queue=x", "--config=" + file}) {
                final DaemonProcess second = json(lab, wrong);
                assertNotEquals(0, second.awaitExit(EXIT_MS));
                all.append(second.output()).append('\n');
            }
            first.terminate();
            first.awaitExit(EXIT_MS);
            all.append(first.output());

            all.toString().lines().filter(line -> !line.isEmpty()).forEach(line -> {
                final JsonObject parsed = JsonObject.parse(line);
                assertFalse(parsed.text("message").isEmpty(), line);
            });
            assertTrue(all.indexOf("\"exit_code\":69") >= 0, all.toString());
            assertTrue(all.indexOf("\"event_type\":\"start\",\"queues\":") >= 0, all.toString());
        }
    }

    private static DaemonProcess json(final NetworkLab lab, final String... words) throws IOException {
        final List<String> arguments = new ArrayList<>(List.of("--log-format", "json"));
        arguments.addAll(List.of(words));
        return lab.own(DaemonProcess.start(EngineLab.launcher(), lab.firewall(), arguments));
    }

    @Test
    void shouldRefuseABadConfigurationWithAllItsErrors() throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, Setup.USUAL);
            Files.writeString(file, """
                    mode: sometimes
                    queues:
                      - {numbers: 0, copy: packet}
                    colour: red
                    """);
            final DaemonProcess daemon =
                    lab.own(DaemonProcess.start(EngineLab.launcher(), lab.firewall(), List.of("-c", file.toString())));

            assertEquals(78, daemon.awaitExit(EXIT_MS), daemon.output());
            assertTrue(daemon.output().contains(file + ":1:"), daemon.output());
            assertTrue(daemon.output().contains(file + ":4:"), daemon.output());
        }
    }

    @Test
    void shouldBeHealthyOnceReady() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            final String answer = MetricsPage.get(lab.network().firewall(), EngineLab.METRICS_PORT, "/health");
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        }
    }

    @Test
    void shouldServeTheStatusPageAndWhatItReads() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())));

            final String page = MetricsPage.get(lab.network().firewall(), EngineLab.METRICS_PORT, "/");
            final String answer = MetricsPage.get(lab.network().firewall(), EngineLab.METRICS_PORT, "/status.json");

            assertTrue(page.startsWith("HTTP/1.1 200") && page.contains("<title>amverdict</title>"), page);
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
            final String json = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/telemetry/statuspage.schema.json", json));
            assertTrue(json.contains("{\"verdict\":\"accept\",\"reason\":\"request\",\"packets\":1}"), json);
        }
    }

    /** The option wins over the file. */
    @Test
    void shouldTakeModeAndQueuesFromTheCommandLine() throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, Setup.USUAL);
            final DaemonProcess daemon = lab.own(DaemonProcess.start(
                    EngineLab.launcher(),
                    lab.firewall(),
                    List.of("-c", file.toString(), "--mode", "monitor", "--queue", "5-6")));

            final String ready = daemon.awaitReady(EXIT_MS);

            assertEquals("ready: queues 5-6 mode monitor", ready);
        }
    }

    @Test
    void shouldSurviveAFloodOfRequests() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                AmandaPeer flooder = AmandaPeer.requester(lab.stranger(), lab.client(), IPV4);
                Conversation udp = lab.dump(IPV4)) {
            final byte[] request = AmandaMessages.noop(lab.nextTransaction());
            for (int i = 0; i < 20_000; i++) {
                flooder.send(request);
            }
            // A full queue drops whatever comes, so let it be judged first; a real requester asks again.
            Awaitility.await().until(() -> lab.metrics().sum("amverdict_queue_length") == 0);

            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply), "another host's flood is over");
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11001));
        }
    }
}
