package org.amverdict.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rules in a real kernel. Each test starts {@link RulesInNamespace} in network and mount namespaces of its own, which end with
 * it.
 */
final class RulesIT {
    private static final long SECONDS_MAX = 300;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private String run(final String test) throws IOException, InterruptedException {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "not root: rules need a network namespace; run the tests as root");
        final Path output = directory.resolve("output");
        // With lo up, since Java looks once, at its start, whether there is any IPv6 address.
        final String script =
                "ip link set lo up && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && exec \"$@\"";
        final List<String> command = new ArrayList<>(List.of("unshare", "-nm", "sh", "-c", script, "sh"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RulesInNamespace.class.getName(),
                test));
        final ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // What a test has put into the directory comes before the tools of the host.
        builder.environment().merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
        final Process process = builder.start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        final String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    @Test
    void shouldApplyIptablesTwiceAsOnceAndRemoveWithoutATrace() throws IOException, InterruptedException {
        assertTrue(run("iptables").contains("12 combinations, "));
    }

    /** The tools of the tables of old, which a host may have as its iptables. */
    @Test
    void shouldDoSoWithLegacyIptablesToo() throws IOException, InterruptedException {
        useLegacyIptables();
        assertTrue(run("iptables").contains("12 combinations, legacy"));
    }

    private void useLegacyIptables() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/iptables-legacy")), "no iptables-legacy here");
        for (final String tool : List.of("iptables", "ip6tables")) {
            for (final String part : List.of("", "-save", "-restore")) {
                Files.createSymbolicLink(
                        directory.resolve(tool + part), Path.of("/usr/sbin/" + tool + "-legacy" + part));
            }
        }
    }

    @Test
    void shouldApplyNftTwiceAsOnceAndRemoveWithoutATrace() throws IOException, InterruptedException {
        final String text = run("nft");

        assertTrue(text.contains("12 combinations"), text);
        assumeTrue(
                text.contains("with queue"),
                "the kernel has no CONFIG_NFT_QUEUE: tried with drop in the place of queue");
    }

    @Test
    void shouldSeeWhatBefallsRulesAndPutThemRight() throws IOException, InterruptedException {
        assertTrue(run("life").contains("as expected"));
    }

    @Test
    void shouldSeeSoWithLegacyIptablesToo() throws IOException, InterruptedException {
        useLegacyIptables();
        assertTrue(run("life").contains("as expected"));
    }

    @Test
    void shouldDropWithoutAProgramPassWithBypassAndLeaveExceptions() throws IOException, InterruptedException {
        assertTrue(run("packets").contains("as expected"));
    }

    @Test
    void shouldSpreadOverQueuesByProcessor() throws IOException, InterruptedException {
        assertTrue(run("fanout-iptables").contains("with queue"));
    }

    @Test
    void shouldSpreadByProcessorWithLegacyIptablesToo() throws IOException, InterruptedException {
        useLegacyIptables();
        assertTrue(run("fanout-iptables").contains("with queue"));
    }

    @Test
    void shouldSpreadByProcessorWithNft() throws IOException, InterruptedException {
        final String text = run("fanout-nft");

        assumeTrue(text.contains("with queue"), "the kernel has no CONFIG_NFT_QUEUE");
    }

    @Test
    void shouldSayWhatIsMissing() throws IOException, InterruptedException {
        assertTrue(run("unprivileged").contains("as expected"));
    }
}
