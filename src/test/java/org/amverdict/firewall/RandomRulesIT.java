package org.amverdict.firewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random rules in a real kernel, read back and walked: no rule that the tools take may end with an exception, and the walk
 * is never sure of what a real packet contradicts. {@code -Dseed} and {@code -Drules} repeat and lengthen it.
 */
@Tag("root")
final class RandomRulesIT {
    private static final long SECONDS_MAX = 300;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Test
    void shouldNeverBeSureOfWhatAPacketContradicts() throws IOException, InterruptedException {
        assumeTrue(
                "root".equals(System.getProperty("user.name")),
                "not root: rules need a network namespace; run the tests as root");
        final long seed = Long.getLong("seed", System.nanoTime());
        final Path output = directory.resolve("output");
        final String script =
                "ip link set lo up && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && exec \"$@\"";
        final Process process = new ProcessBuilder(List.of(
                        "unshare",
                        "-nm",
                        "sh",
                        "-c",
                        script,
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RandomRulesInNamespace.class.getName(),
                        Long.toString(seed),
                        System.getProperty("rules", "30")))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        final String text = Files.readString(output, StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), "-Dseed=" + seed + "\n" + text);
        final Matcher answers =
                Pattern.compile("(\\d+) answers sure, (\\d+) not").matcher(text);
        assertTrue(answers.find(), text);
        // Otherwise it would show nothing.
        assertTrue(2 * Integer.parseInt(answers.group(1)) > Integer.parseInt(answers.group(2)), text);
    }
}
