package org.amverdict.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.bench.BenchDocument;
import org.amverdict.host.Host;
import org.amverdict.policy.HostPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole report, of a router whose texts were captured, and its page. */
final class DoctorTest {
    private static final Path CONFIGURATION = CapturedHost.RESOURCES.resolve("amverdict.yaml");
    private static final Path PAGE = Path.of("docs/doctor.md");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    /** As captured, but for what the capture put in the way of the daemon. */
    static CapturedHost router() {
        return new CapturedHost("router")
                .missing("/proc/net/tcp")
                .file("/var/log/amverdict/events.json", HostChecksTest.REQUEST)
                .file("/run/amverdict/x", "")
                .file(QueuesCheck.FILE, HostChecksTest.boundQueues())
                .symlink("/proc/714/fd/4", "socket:[8654747]")
                .file("/proc/714/cmdline", HostChecksTest.DAEMON)
                .file("/proc/mounts", "/dev/vda / ext4 rw,relatime 0 0\n");
    }

    private static Report examine(final Host host, final Path file) throws InterruptedException {
        return Doctor.examine("1.0", host, Examination.of(file), Checks.all(), Doctor.SECONDS_DEFAULT);
    }

    static Map<String, Status> notOk(final Report report) {
        final Map<String, Status> found = new TreeMap<>();
        report.results().stream()
                .filter(result -> result.status() != Status.OK)
                .forEach(result -> found.put(result.check(), result.status()));
        return found;
    }

    @Test
    void shouldFindNothingWrongWithTheRouter() throws InterruptedException {
        final Report report = examine(router(), CONFIGURATION);

        assertEquals(Map.of(), notOk(report), report.text(false));
        assertEquals(Status.OK, report.status());
        assertTrue(report.privileged());
    }

    @Test
    void shouldWriteWhatItsSchemaSays() throws InterruptedException, IOException {
        final Report report = examine(router().unsynchronised().missing("/proc/sys/kernel/osrelease"), CONFIGURATION);

        final Map<?, ?> json = BenchDocument.parse(report.json());

        assertEquals(List.of(), BenchDocument.problems(json, "/org/amverdict/doctor/doctor.schema.json"));
        assertEquals("warning", json.get("status"));
        assertEquals(Map.of("ok", Checks.all().size() - 2, "unknown", 1, "warning", 1, "fault", 0), json.get("counts"));
    }

    @Test
    void shouldShowOneLineForEachCheckAndWhatToDoBelow() throws InterruptedException {
        final String text = examine(router().unsynchronised(), CONFIGURATION).text(false);

        assertTrue(text.contains("\nok      queues          bound by amverdict (process 714)\n"), text);
        assertTrue(text.contains("warning clock           nothing keeps the clock right"), text);
        assertTrue(text.contains("\n                        -> timedatectl set-ntp true\n"), text);
        assertTrue(
                text.endsWith(Checks.all().size() + " checks: " + (Checks.all().size() - 1)
                        + " ok, 0 unknown, 1 warning, 0 fault\n"
                        + "Backups pass this host, but not surely or not always; look at clock.\n"),
                text);
        assertTrue(text.startsWith("warning clock "), "the worst first: " + text);
        assertEquals(Checks.all().size() + 3, text.lines().count(), text);
        assertFalse(text.contains("\u001b"), "no colours where nobody sees them");
        assertTrue(examine(router(), CONFIGURATION).text(true).startsWith("\u001b[32mok "), "and with colours");
    }

    private static Report examineOne(final Host host, final String client) throws InterruptedException {
        final List<HostPrefix> only = List.of(HostPrefix.parse(client));
        return Doctor.examine(
                "1.0", host, Examination.of(CONFIGURATION, only), Checks.ofOneHost(), Doctor.SECONDS_DEFAULT);
    }

    @Test
    void shouldShowThePathOfOneHost() throws InterruptedException {
        final Report report = examineOne(router(), "198.51.100.7");

        final String text = report.text(false);
        assertEquals(Map.of(), notOk(report), text);
        assertTrue(text.contains("ok      path            198.51.100.7 is in 'nightly backup'\n"), text);
        assertTrue(
                text.contains("REQ (192.0.2.10 port 850 to 198.51.100.7 port 10080/udp, NEW), in by to-a, out by to-b:"
                        + " queue 10 by '-A AMVERDICT-ASK -p udp"),
                text);
        assertTrue(text.contains("data (198.51.100.7 port 1024 to"), text);
        assertFalse(text.contains("2001:db8"), "it has no IPv6 address here: " + text);
    }

    @Test
    void shouldShowWhereThePathOfOneHostEnds() throws InterruptedException {
        final String saved = router().run("iptables", "iptables-nft-save").text();
        final CapturedHost host = router().tool(
                        "iptables-nft-save",
                        Host.Access.OK,
                        saved.replace(
                                "-A FORWARD -j AMVERDICT\n",
                                "-A FORWARD -s 198.51.100.7/32 -j ACCEPT\n-A FORWARD -j AMVERDICT\n"));

        final Report broken = examineOne(host, "198.51.100.7");
        final Report other = examineOne(host, "198.51.100.8");

        assertEquals(Map.of("path", Status.FAULT, "rule-order", Status.FAULT), notOk(broken));
        assertTrue(broken.text(false).contains("-s 198.51.100.7/32 -j ACCEPT' (iptables-nft filter FORWARD) decides"));
        assertEquals(Map.of(), notOk(other), other.text(false));
        assertEquals(Status.FAULT, examineOne(router(), "203.0.113.9").status(), "in no line");
    }

    @Test
    void shouldShowAllErrorsOfTheConfigurationAndGoOnWithoutIt() throws InterruptedException, IOException {
        final Path file = Files.writeString(directory.resolve("a.yaml"), "mode: x\nqueue-length: 0\n");

        final Report report = examine(router(), file);

        assertEquals(Status.FAULT, report.status());
        final Report.Result configuration = result(report, "configuration");
        assertEquals(2, configuration.findings().size());
        assertTrue(configuration.findings().get(1).message().contains("a.yaml:2:15: "), configuration.toString());
        assertEquals(Status.OK, result(report, "kernel-queue").status());
        assertEquals(Status.UNKNOWN, result(report, "rules").status());
        assertTrue(result(report, "queues").findings().get(0).remedy().startsWith("amverdict check "));
    }

    private static Report.Result result(final Report report, final String check) {
        return report.results().stream()
                .filter(result -> result.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    /** One that hangs, one that fails on a text: the others are still made, and in time. */
    @Test
    void shouldEndInTimeWhateverACheckDoes() throws InterruptedException {
        final CountDownLatch never = new CountDownLatch(1);
        final long before = System.nanoTime();

        final Report report = Doctor.examine(
                "1.0",
                router(),
                Examination.of(CONFIGURATION),
                List.of(
                        new ClockCheck(),
                        named("fails", host -> {
                            throw new NumberFormatException("For input string: \"x\"");
                        }),
                        named("hangs", host -> {
                            try {
                                never.await();
                            } catch (final InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return List.of();
                        }),
                        new ClockCheck()),
                2);

        assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(10));
        assertEquals(
                List.of(Status.OK, Status.UNKNOWN, Status.UNKNOWN, Status.OK),
                report.results().stream().map(Report.Result::status).toList());
        assertEquals(
                "amverdict doctor --timeout 8",
                report.results().get(2).findings().get(0).remedy());
        never.countDown();
    }

    private static Check named(final String name, final java.util.function.Function<Host, List<Finding>> work) {
        return new Check() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<Finding> run(final Host host, final Examination examination) {
                return work.apply(host);
            }
        };
    }

    @Test
    void shouldNotPassTerminalEscapesOn() throws InterruptedException, IOException {
        final Path file = Files.writeString(directory.resolve("a.yaml"), "\"colour\\e[31m\": red\n");

        assertFalse(examine(router(), file).text(false).contains("\u001b"));
    }

    @Test
    void shouldHaveAPageThatListsEachCheck() throws IOException {
        final Matcher headings =
                Pattern.compile("^### `([a-z-]+)`$", Pattern.MULTILINE).matcher(Files.readString(PAGE));

        assertEquals(
                Checks.all().stream().map(Check::name).toList(),
                headings.results().map(heading -> heading.group(1)).toList());
    }
}
