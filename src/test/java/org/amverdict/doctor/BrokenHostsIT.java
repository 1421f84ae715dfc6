package org.amverdict.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.amverdict.config.SettingsLoader;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.rules.RuleOptions;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Broken and sound hosts, in namespaces with real rules, routes and settings: where something is wrong its check says so,
 * and no check fails; where nothing is wrong there is no fault. {@link HostCases} has the list; a case is a few lines.
 */
@Tag("root")
@Timeout(60)
class BrokenHostsIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static Stream<HostCase> broken() {
        return HostCases.broken().stream();
    }

    static Stream<HostCase> sound() {
        return HostCases.sound().stream();
    }

    @ParameterizedTest
    @MethodSource("broken")
    void shouldNotCallABrokenHostSound(final HostCase host) throws IOException {
        final Report report = examine(host);

        host.expected().forEach((check, status) -> {
            final Report.Result result = result(report, check);
            assertEquals(status, result.status(), () -> check + ": " + report.text(false));
        });
        for (final Report.Result result : report.results()) {
            for (final Finding finding : result.findings()) {
                assertFalse(finding.message().contains("Exception"), finding.toString());
                assertTrue(finding.status() == Status.OK || result.status() != Status.OK, finding.toString());
            }
        }
        assertFalse(report.meaning().startsWith("Nothing on this host"), report.meaning());
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldNotFindFaultWithASoundHost(final HostCase host) throws IOException {
        final Report report = examine(host);

        assertNotEquals(Status.FAULT, report.status(), () -> report.text(false));
        host.expected()
                .forEach((check, status) ->
                        assertEquals(status, result(report, check).status(), () -> check + ": " + report.text(false)));
    }

    private static Report.Result result(final Report report, final String check) {
        return report.results().stream()
                .filter(each -> each.check().equals(check))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no check " + check));
    }

    private Report examine(final HostCase host) throws IOException {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = Files.writeString(directory.resolve("amverdict.yaml"), host.configuration(directory));
            final Host where = host.on(lab);
            where.run("sh", "-euc", "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0");
            rules(host, where, file);
            if (!host.script().isBlank()) {
                where.run("sh", "-euc", host.script());
            }
            if (host.daemon() >= 0) {
                for (int queue = 0; queue <= host.daemon(); queue++) {
                    final int number = queue;
                    lab.own(where.call(() -> QueueSocket.open(QueueSettings.builder(number)
                            .copyRangeBytes(QueueSettings.COPY_WHOLE_PACKET)
                            .conclude())));
                }
            }
            return where.call(() -> Doctor.examine(
                    "1.0", new NamespaceHost(), Examination.of(file), Checks.all(), Doctor.SECONDS_DEFAULT));
        }
    }

    private static void rules(final HostCase host, final Host where, final Path file) throws IOException {
        for (final RuleOptions.At at : RuleOptions.At.values()) {
            if (host.rules().equals(at.label())) {
                where.call(() -> {
                    final RuleOptions options =
                            new RuleOptions(at, host.placement(), host.bypass(), Fanout.HOST_PAIR, null, 0);
                    RuleSet.apply(SettingsLoader.read(file).settings(), RuleSet.Format.IPTABLES, options);
                    return true;
                });
            }
        }
    }
}
