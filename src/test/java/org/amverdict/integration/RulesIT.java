package org.amverdict.integration;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code amverdict rules --apply} and {@code --remove} on the real kernel: twice is as once, and nothing is left. */
final class RulesIT {
    private static final Path PROGRAM =
            Path.of(System.getProperty("amverdict.dist", "target/dist")).resolve("bin/amverdict");
    private static final String CONFIGURATION = """
            queues:
              - {numbers: 10, copy: packet}
              - {numbers: 11-12, copy: headers}
            allow:
              - name: dumps
                requesters: [192.0.2.10, "2001:db8:1::10"]
                responders: [198.51.100.0/24, "2001:db8:2::/64"]
                services: [noop, sendbackup]
            marks: {data: 0x10, mask: 0xff}
            """;
    private static final int LIMIT_SECONDS = 30;

    @TempDir
    private Path directory;

    private String namespace = "";
    private Path file = Path.of("");

    @BeforeEach
    void makeNamespace() throws Exception {
        Kernel.assumeNamespaces();
        namespace = "amv-rules-" + ProcessHandle.current().pid();
        output("ip", "netns", "add", namespace);
        file = directory.resolve("amverdict.yaml");
        Files.writeString(file, CONFIGURATION);
        // Rules of somebody else, which must survive.
        inside("iptables", "-A", "FORWARD", "-p", "tcp", "--dport", "22", "-j", "ACCEPT");
        inside("ip6tables", "-A", "INPUT", "-p", "udp", "--dport", "53", "-j", "DROP");
    }

    @AfterEach
    void removeNamespace() throws Exception {
        if (!namespace.isEmpty()) {
            output("ip", "netns", "del", namespace);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "iptables, forward, gate", "iptables, client, gate", "iptables, server, inline", "iptables, forward, inline",
        "iptables, forward, offload", "nft, forward, gate", "nft, client, gate", "nft, server, inline",
        "nft, forward, inline", "nft, forward, offload"
    })
    void shouldApplyTwiceAsOnceAndRemoveWithoutTrace(final String format, final String place, final String placement)
            throws Exception {
        assumeTrue(format.equals("iptables") || nftHasQueue(), "this kernel has no queue for nft (CONFIG_NFT_QUEUE)");
        final String before = ruleset();

        rules("--apply", format, place, placement);
        final String once = ruleset();
        rules("--apply", format, place, placement);
        final String twice = ruleset();
        rules("--remove", format, place, placement);
        final String after = ruleset();
        rules("--remove", format, place, placement);

        assertTrue(once.contains("queue") || once.contains("NFQUEUE"), once);
        assertEquals(once, twice);
        assertEquals(before, after);
        assertEquals(after, ruleset());
    }

    private boolean nftHasQueue() throws Exception {
        final Path rule = directory.resolve("queue.nft");
        Files.writeString(rule, "table inet probe {\n chain probe {\n  udp dport 9 queue num 0\n }\n}\n");
        return attempt("ip", "netns", "exec", namespace, "nft", "-c", "-f", rule.toString())
                        .exitValue()
                == 0;
    }

    private void rules(final String action, final String format, final String place, final String placement)
            throws Exception {
        inside(
                PROGRAM.toAbsolutePath().toString(),
                "rules",
                "-c",
                file.toString(),
                "--format",
                format,
                "--at",
                place,
                "--placement",
                placement,
                action);
    }

    /** All rules of all tables, without counters and without the empty chains that iptables leaves behind. */
    private String ruleset() throws Exception {
        return inside("nft", "-s", "list", "ruleset")
                .replaceAll("(?m)^#.*\\R", "")
                .replaceAll("chain \\w+ \\{\\s*type [^{}]*policy accept;\\s*\\}\\s*", "")
                .replaceAll("table \\w+ \\w+ \\{\\s*\\}\\s*", "")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private String inside(final String... command) throws Exception {
        final List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(List.of(command));
        return output(whole.toArray(String[]::new));
    }

    private static String output(final String... command) throws IOException, InterruptedException {
        final Process process = attempt(command);
        final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.exitValue(), () -> List.of(command) + ": " + text);
        return text;
    }

    /** Runs to the end; what these commands print fits a pipe. */
    private static Process attempt(final String... command) throws IOException, InterruptedException {
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), () -> "hangs: " + List.of(command));
        return process;
    }
}
