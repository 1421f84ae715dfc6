package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The watch over the rules in a network namespace of its own, with the one capability that the shipped unit leaves. */
@Tag("root")
@Timeout(60)
final class RulesWatchIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Test
    void shouldNoticeWhatBefallsRulesAndPutThemBackIfAsked() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root: rules need a network namespace");
        final Path output = directory.resolve("output");
        final Process process = new ProcessBuilder(List.of(
                        "unshare",
                        "-n",
                        "setpriv",
                        "--bounding-set=-all,+net_admin",
                        "--inh-caps=-all",
                        "--no-new-privs",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RulesWatchInNamespace.class.getName(),
                        directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(50, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        final String text = Files.readString(output);
        assertEquals(0, process.waitFor(), text);
        assertTrue(text.contains("as expected"), text);
    }
}
