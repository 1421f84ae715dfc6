package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.Asked;
import org.amverdict.harness.BulkTransfer;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.host.Subprocess;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program while it runs, asked and told by its other commands as an operator does. */
@Tag("root")
@Timeout(120)
class ControlIT {
    private static final Family IPV4 = Family.IPV4;
    private static final long COMMAND_SECONDS = 30;
    private static final int RELOADS = 6;
    /** As many as there are ports. */
    private static final int DUMPS_MAX = 299;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static void assertValid(final String schema, final String json) throws IOException {
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/control/" + schema + ".schema.json", json), json);
    }

    private static void change(final EngineLab lab, final String from, final String to) throws IOException {
        final String before = Files.readString(lab.file());
        assertTrue(before.contains(from), before);
        Files.writeString(lab.file(), before.replace(from, to));
    }

    private static void announce(final EngineLab lab, final Conversation udp, final String streams) throws IOException {
        final Transaction of = lab.nextTransaction();
        assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, streams)));
    }

    /** Group 1 is daemon on every Debian; the user is in it by --groups and is nobody otherwise. */
    @Test
    void shouldAnswerMembersOfTheGroupAndNobodyElse() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            lab.stopDaemon();
            change(lab, "control: {socket: ", "control: {group: daemon, socket: ");
            Files.setPosixFilePermissions(lab.file().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            lab.startDaemon();
            final String socket = lab.file().resolveSibling("control.sock").toString();

            final Subprocess.Result member = asNobody(lab, "--groups=1", socket);
            final Subprocess.Result stranger = asNobody(lab, "--clear-groups", socket);

            assumeTrue(member.status() != 126 && member.status() != 127, "this user cannot start the program");
            assertEquals(0, member.status(), member.output());
            assertTrue(member.output().contains("mode enforce"), member.output());
            assertEquals(77, stranger.status(), stranger.output());
            assertTrue(stranger.output().contains("the group daemon"), stranger.output());
            for (final String command : List.of("sessions", "expectations", "reload", "watch", "top")) {
                final Subprocess.Result refused = asNobody(lab, "--clear-groups", socket, command);
                assertEquals(77, refused.status(), command + ": " + refused.output());
                assertTrue(refused.output().contains("the group daemon"), command + ": " + refused.output());
            }
        }
    }

    private static Subprocess.Result asNobody(final EngineLab lab, final String groups, final String socket)
            throws IOException {
        return asNobody(lab, groups, socket, "status");
    }

    private static Subprocess.Result asNobody(
            final EngineLab lab, final String groups, final String socket, final String command) throws IOException {
        final List<String> line = List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                groups,
                EngineLab.launcher().toAbsolutePath().toString(),
                command,
                "--socket",
                socket);
        return Subprocess.attempt(lab.network().firewall().inside(line), "");
    }

    @Test
    void shouldAnswerEveryCommandAfterADump() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, "DATA 11001 MESG 11002 INDEX 11003");
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11001));
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11009), "nobody announced it");

            final Asked json = Asked.of(lab, "status", "--json");
            assertEquals(0, json.status(), json.err());
            assertValid("status", json.out());
            final JsonObject status = JsonObject.parse(json.out());
            assertEquals("enforce", status.text("mode"));
            assertTrue(status.flag("ready"));
            assertEquals(lab.file().toString(), status.object("config").text("file"));
            assertEquals(lab.daemon().pid(), status.number("pid"));
            assertEquals(3, status.object("expectations").number("created"));
            assertEquals(
                    1,
                    status.objects("verdicts").stream()
                            .filter(each -> each.text("reason").equals("expected"))
                            .mapToLong(each -> each.number("packets"))
                            .sum());

            final Asked text = Asked.of(lab, "status");
            assertEquals(0, text.status(), text.err());
            assertTrue(text.out().contains("mode enforce"), text.out());
            assertTrue(text.out().contains("unexpected"), text.out());
            assertTrue(text.lines().stream().allMatch(line -> line.length() <= 80), text.out());

            final Asked nagios = Asked.of(lab, "status", "--nagios");
            assertEquals(0, nagios.status(), nagios.out());
            assertTrue(nagios.out().startsWith("AMVERDICT OK - mode enforce"), nagios.out());
            assertEquals(1, nagios.lines().size());

            final Asked expectations = Asked.of(lab, "expectations");
            assertEquals(2, expectations.lines().size(), expectations.out());
            assertTrue(expectations.out().contains("192.0.2.10 -> 198.51.100.20:11002  MESG"), expectations.out());
            for (final String line :
                    Asked.of(lab, "expectations", "list", "--json").lines()) {
                assertValid("expectation", line);
            }

            final Asked top = Asked.of(lab, "top", "-n", "2", "-d", "0.2");
            assertEquals(0, top.status(), top.err());
            assertFalse(top.out().contains("\033"), "no escapes in a pipe");
            assertEquals(
                    2,
                    top.lines().stream()
                            .filter(line -> line.startsWith("amverdict "))
                            .count(),
                    top.out());
            assertTrue(top.lines().stream().allMatch(line -> line.length() <= 80), top.out());
            assertTrue(top.out().contains("accept expected"), top.out());

            final Asked why = Asked.of(lab, "why", "192.0.2.10", "198.51.100.20:11009", "--json");
            assertEquals(0, why.status(), why.err());
            assertValid("why", why.out());
            assertEquals(0, Asked.of(lab, "why", "192.0.2.10", "198.51.100.20").status());
            assertEquals(
                    2, Asked.of(lab, "why", "198.51.100.256", "198.51.100.20").status());

            final Asked sessions = Asked.of(lab, "sessions", "--json");
            assertEquals(0, sessions.status(), sessions.err());
            for (final String line : sessions.lines()) {
                assertValid("session", line);
            }
            assertEquals(0, Asked.of(lab, "sessions", "--host", "192.0.2.10").status());

            final Asked flush = Asked.of(lab, "expectations", "flush");
            assertEquals("2 expectations taken back\n", flush.out());
            assertEquals(2, lab.metrics().sum("amverdict_expectations_removed_total", "cause=\"flushed\""));
            Awaitility.await("the story says that nobody will come any more")
                    .until(() -> Asked.of(lab, "sessions", "--json").out().split("\"never\"", -1).length == 3);
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11002));
        }
    }

    @Test
    void shouldKeepTheOldPolicyWhenTheNewFileIsWrong() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, "DATA 11001 MESG 11002 INDEX 11003");
            final String good = Files.readString(lab.file());
            Files.writeString(lab.file(), "mode: sometimes\nallow: []\n");

            final Asked said = Asked.of(lab, "reload");

            assertEquals(78, said.status(), said.err());
            final Asked check = Asked.run(
                    List.of(EngineLab.launcher().toString(), "check", lab.file().toString()));
            final String problem = check.err().substring(0, check.err().indexOf("\n1 error"));
            assertTrue(problem.contains("    ^"), problem);
            assertTrue(said.err().startsWith(problem), said.err());
            assertEquals(0, lab.metrics().sum("amverdict_config_last_reload_successful"));
            assertTrue(Asked.of(lab, "status").out().contains("FAILED"));
            assertEquals(1, Asked.of(lab, "status", "--nagios").status());
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11001), "the old policy is in force");

            Files.writeString(lab.file(), good);
            final Asked again = Asked.of(lab, "reload", "--json");

            assertEquals(0, again.status(), again.err());
            assertValid("reload", again.out());
            assertEquals(1, lab.metrics().sum("amverdict_config_last_reload_successful"));
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11002), "and nothing was taken back");
        }
    }

    @Test
    void shouldTakeBackWhatTheNewPolicyForbids() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, "DATA 11001 MESG 11002 INDEX 12003");
            final Transaction waiting = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(waiting, true)), "its REP is in flight");
            change(
                    lab,
                    "    services: [noop, selfcheck, sendsize, sendbackup]\n",
                    "    services: [noop, sendbackup]\n    stream-ports: 11000-11099\n");
            change(lab, "{numbers: 0, copy", "{numbers: 0-1, copy");

            final Asked said = Asked.of(lab, "reload");

            assertEquals(0, said.status(), said.err());
            assertTrue(said.out().contains("changed: allow"), said.out());
            assertTrue(said.out().contains("needs a restart, the old value stays until then: queues"), said.out());
            assertTrue(said.out().contains("1 expected connections"), said.out());
            assertEquals(1, lab.metrics().sum("amverdict_expectations_removed_total", "cause=\"reloaded\""));
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 12003), "is forbidden now");
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, 11002), "is still allowed");
            assertTrue(udp.answer(AmandaMessages.connectReply(waiting, "DATA 12011 MESG 12012 INDEX 12013")));
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 12011), "is judged by the new policy");
            assertEquals(1, lab.metrics().sum("amverdict_replies_refused_total", "why=\"port-not-allowed\""));
        }
    }

    @Test
    void shouldReloadOnHangupAndFollowTheMode() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 12345));
            change(lab, "mode: enforce", "mode: monitor");

            lab.signal("HUP");

            Awaitility.await().until(() -> lab.metrics().sum("amverdict_enforcing") == 0);
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), IPV4, 12345));
            Awaitility.await("the log, after all is withdrawn")
                    .until(() -> lab.daemon().output().contains("reloaded " + lab.file()));
            assertEquals(
                    "monitor",
                    JsonObject.parse(Asked.of(lab, "status", "--json").out()).text("mode"));
        }
    }

    /** Old files that a log rotation leaves: SIGHUP with a wrong file is no reason to end. */
    @Test
    void shouldSurviveAHangupWithAWrongFile() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            Files.writeString(lab.file(), "mode: [\n");

            lab.signal("HUP");

            Awaitility.await().until(() -> lab.metrics().sum("amverdict_config_last_reload_successful") == 0);
            assertTrue(lab.daemon().output().contains("the earlier configuration stays in force"));
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 12345), "still enforcing");
        }
    }

    /** Reloads follow one another while dumps start and one runs: none may be hurt by policies that both allow it. */
    @Test
    void shouldNotHurtDumpsWhileReloadsRun() throws Exception {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.everything().queues(1));
                Conversation udp = lab.dump(IPV4);
                ServerSocket listener = Streams.listen(lab.client(), IPV4, 11050)) {
            announce(lab, udp, "DATA 11050 MESG 11051 INDEX 11052");
            final String one = Files.readString(lab.file());
            final String other = one.replace("sendbackup]\n", "sendbackup]\n    stream-ports: 11000-11999\n");
            final ExecutorService threads = Executors.newSingleThreadExecutor();
            try (Socket from = Streams.connect(lab.server(), lab.client(), IPV4, 11050, EngineLab.ARRIVE_MS);
                    Socket to = listener.accept();
                    BulkTransfer running = BulkTransfer.endless(from, to)) {
                final Future<?> reloading = threads.submit(() -> {
                    for (int i = 0; i < RELOADS; i++) {
                        Files.writeString(lab.file(), i % 2 == 0 ? other : one);
                        final Asked said = Asked.of(lab, "reload");
                        assertEquals(0, said.status(), said.err());
                        assertTrue(said.out().contains("changed: allow"), said.out());
                        assertFalse(said.out().contains("taken back"), said.out());
                    }
                    return null;
                });
                int dumps = 0;
                for (; !reloading.isDone() && dumps < DUMPS_MAX; dumps++) {
                    final int port = 11_100 + dumps * 3;
                    announce(lab, udp, "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2));
                    for (int i = 0; i < 3; i++) {
                        assertEquals(
                                Outcome.CONNECTED,
                                lab.connectPatiently(lab.server(), lab.client(), IPV4, port + i),
                                "dump " + dumps);
                    }
                }
                reloading.get(COMMAND_SECONDS, TimeUnit.SECONDS);
                assertTrue(dumps > RELOADS, dumps + " dumps meanwhile");

                Files.writeString(
                        lab.file(), one.replace("    requesters: [192.0.2.10,", "    requesters: [192.0.2.99,"));
                assertEquals(0, Asked.of(lab, "reload").status());
                running.finish(EngineLab.ARRIVE_MS);
                assertEquals(Outcome.SILENT, lab.connect(IPV4, 11051), "what nobody had used is gone");
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void shouldAnswerItsOwnerAndGroupOnly() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(Asked.socket(lab))));
            Files.setPosixFilePermissions(lab.file().resolveSibling("."), PosixFilePermissions.fromString("rwxr-xr-x"));

            final Asked said = Asked.run(List.of(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    EngineLab.launcher().toAbsolutePath().toString(),
                    "status",
                    "--socket",
                    Asked.socket(lab).toString()));

            assertEquals(77, said.status(), said.out() + said.err());
            assertTrue(said.err().contains("not permitted"), said.err());
        }
    }

    @Test
    void shouldNotTakeTheSocketOfARunningDaemon() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            final Path other = lab.file().resolveSibling("other.yaml");
            Files.writeString(
                    other,
                    Files.readString(lab.file())
                            .replace(":" + EngineLab.METRICS_PORT, ":" + (EngineLab.METRICS_PORT + 1))
                            .replace("{numbers: 0,", "{numbers: 7,"));

            final DaemonProcess second = lab.network()
                    .own(DaemonProcess.start(
                            EngineLab.launcher(), lab.network().firewall(), List.of("-c", other.toString())));

            assertEquals(69, second.awaitExit(30_000), second.output());
            assertTrue(
                    second.output()
                            .matches("(?s).*amverdict already runs \\(process [0-9]+\\) and answers at "
                                    + Asked.socket(lab) + ";.*"),
                    second.output());
            assertEquals(0, Asked.of(lab, "status").status(), "the first goes on");
        }
    }

    @Test
    void shouldTakeTheSocketAwayAtItsEndAndReplaceOneThatWasLeft() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            lab.signal("KILL");
            lab.daemon().awaitExit(30_000);
            assertTrue(Files.exists(Asked.socket(lab)), "a killed daemon leaves it behind");
            assertEquals(69, Asked.of(lab, "status").status());

            lab.startDaemon();
            assertEquals(0, Asked.of(lab, "status").status());

            lab.stopDaemon();
            assertFalse(Files.exists(Asked.socket(lab)));
        }
    }
}
