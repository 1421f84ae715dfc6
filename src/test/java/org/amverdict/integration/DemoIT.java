package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.Kernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code amverdict demo} as a newcomer runs it (operations.md, "First run"). */
@Tag("root")
@Timeout(120)
class DemoIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void shouldShowRealVerdictsAndCleanUp() throws IOException, InterruptedException {
        Kernel.assumeNamespaces();

        final String shown = demo(List.of());

        assertTrue(shown.startsWith("amverdict demo, tier "), shown);
        assertFalse(shown.startsWith("amverdict demo, tier 3"), shown);
        assertTrue(shown.contains("dropped, unexpected"), shown);
        assertTrue(shown.contains("cleaned up: namespaces amv-demo-"), shown);
        assertTrue(shown.contains("trials went as expected"), shown);
        assertFalse(shown.contains("\u001b"), "no colour in a file");
        final String prefix = shown.replaceAll("(?s).*namespaces (amv-demo-[0-9]+-[0-9]+-).*", "$1");
        try (var names = Files.list(Path.of("/run/netns"))) {
            assertTrue(names.noneMatch(name -> name.toString().contains(prefix)), prefix + " should be gone");
        }
    }

    @Test
    void shouldReplayRecordingsWhenNoPacketIsToBeTouched() throws IOException, InterruptedException {
        final String shown = demo(List.of("--replay"));

        assertTrue(shown.startsWith("amverdict demo, tier 3: offline replay, no packets were touched\n"), shown);
        assertTrue(shown.contains("trials went as expected"), shown);
    }

    private String demo(final List<String> options) throws IOException, InterruptedException {
        final Path output = directory.resolve("shown");
        final List<String> command =
                new ArrayList<>(List.of(EngineLab.launcher().toString(), "demo"));
        command.addAll(options);
        final Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(90, TimeUnit.SECONDS), "the demo takes about 20 s");
        } finally {
            process.toHandle().destroy();
        }
        final String shown = Files.readString(output);
        assertEquals(0, process.exitValue(), shown);
        return shown;
    }
}
