package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.amverdict.bench.BenchDocument;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.Kernel;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code amverdict bench} on a real queue: that it measures and cleans up, not how fast anything is. */
@Tag("root")
@Tag("alone")
@Tag("long")
@Timeout(120)
class BenchIT {
    private static final Path NAMES = Path.of("/run/netns");
    private static final int RUN_SECONDS_MAX = 60;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it before each test
    private Path directory;

    @Test
    void shouldMeasureAndCleanUp() throws IOException, InterruptedException {
        Kernel.assumeNamespaces();
        final Path document = directory.resolve("bench.json");

        final Process bench = start("--mix", "control,rate,latency", "--json", document.toString());
        final String said = end(bench);

        assertEquals(0, bench.exitValue(), said);
        final Map<?, ?> json = BenchDocument.parse(Files.readString(document));
        assertEquals(List.of(), BenchDocument.problems(json));
        final Set<String> measured = new HashSet<>();
        for (final Map<?, ?> row : BenchDocument.rows(json)) {
            final Object values = row.get("values");
            measured.add(row.get("mix") + " " + row.get("contestant"));
            assertTrue(number(values, "packets") > 0, row.toString());
            if ("rate".equals(row.get("mix"))) {
                assertTrue(number(values, "packets_per_second") > 0, row.toString());
                assertTrue(number(values, "probes") > 0, row.toString());
                assertTrue(number(values, "p50_us") > 0, row.toString());
                assertTrue(number(values, "p50_us") <= number(values, "p999_us"), row.toString());
                assertTrue(number(values, "resolution_p99_us") > 0, row.toString());
                assertTrue(number(values, "lost") < number(values, "probes"), "a probe arrives: " + row);
            } else if ("control".equals(row.get("mix"))) {
                assertTrue(number(values, "packets_per_second") > 0, row.toString());
                assertTrue(number(values, "cpu_ns_per_packet") > 0, row.toString());
                assertTrue(number(values, "delivered") > 0, "everything is accepted: " + row);
            } else {
                assertTrue(number(values, "p50_us") > 0, row.toString());
                assertTrue(number(values, "p50_us") <= number(values, "p999_us"), row.toString());
            }
        }
        assertEquals(
                Set.of("control amverdict", "rate accept", "rate amverdict", "latency accept", "latency amverdict"),
                measured);
        assertTrue(said.contains("latency: 2000 requests/s"), said);
        assertGone(bench);
    }

    @Test
    void shouldMeasureTheOthersWhenOneFails() throws IOException, InterruptedException {
        Kernel.assumeNamespaces();

        final Process bench = start("--mix", "hit", "--queues", "1,2", "--against", "broken=/bin/false");
        final String said = end(bench);

        assertEquals(1, bench.exitValue(), said);
        assertTrue(said.contains("\n  broken failed, round 1: "), said);
        for (final String measured : List.of("accept", "amverdict", "amverdict-2")) {
            assertTrue(said.contains("\n  " + measured + " "), measured + ": " + said);
        }
        assertGone(bench);
    }

    @Test
    void shouldNameThePackageOfAToolThatIsMissing() throws IOException, InterruptedException {
        Kernel.assumeNamespaces();
        final Path tools = Files.createDirectory(directory.resolve("tools"));
        // The launcher's own, and all that a measurement needs but one.
        for (final String tool : List.of("readlink", "sed", "ip", "iptables-save", "iptables-restore", "taskset")) {
            Files.writeString(tools.resolve(tool), "#!/bin/sh\nexec /bin/" + tool + " \"$@\"\n");
            assertTrue(tools.resolve(tool).toFile().setExecutable(true));
        }

        final Process bench = start(
                Map.of(
                        "PATH",
                        tools.toString(),
                        "AMVERDICT_JAVA",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                "--mix",
                "bulk");
        final String said = end(bench);

        assertEquals(69, bench.exitValue(), said);
        assertTrue(said.contains("iperf3 (Debian package iperf3)"), said);
    }

    @Test
    void shouldCleanUpWhenItIsTerminated() throws IOException, InterruptedException {
        Kernel.assumeNamespaces();
        final Process bench = start("--mix", "syn");
        // Its shell, its consumer or generator: something runs in a namespace of its own.
        Awaitility.await()
                .atMost(RUN_SECONDS_MAX, TimeUnit.SECONDS)
                .until(() -> bench.descendants().anyMatch(BenchIT::isGenerator));
        final List<ProcessHandle> children = bench.descendants().toList();

        bench.toHandle().destroy();
        end(bench);

        assertTrue(children.stream().noneMatch(ProcessHandle::isAlive), children.toString());
        assertGone(bench);
    }

    private static boolean isGenerator(final ProcessHandle process) {
        return process.info().commandLine().orElse("").contains("org.amverdict.bench.Generator");
    }

    private static double number(final @Nullable Object values, final String name) {
        return values instanceof Map<?, ?> map && map.get(name) instanceof Number number
                ? number.doubleValue()
                : Double.NaN;
    }

    private Process start(final String... options) throws IOException {
        return start(Map.of(), options);
    }

    private Process start(final Map<String, String> environment, final String... options) throws IOException {
        final List<String> command =
                new ArrayList<>(List.of(EngineLab.launcher().toString(), "bench"));
        command.addAll(List.of("--seconds", "1", "--rounds", "1", "--patience", "0"));
        command.addAll(List.of(options));
        final ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String end(final Process bench) throws IOException, InterruptedException {
        try {
            assertTrue(bench.waitFor(RUN_SECONDS_MAX, TimeUnit.SECONDS), "it takes about 15 s");
        } finally {
            bench.toHandle().destroy();
        }
        return Files.readString(directory.resolve("said"));
    }

    private static void assertGone(final Process bench) throws IOException {
        final String prefix = "amv-bench-" + bench.pid() + "-";
        try (var names = Files.list(NAMES)) {
            assertEquals(
                    List.of(),
                    names.map(name -> String.valueOf(name.getFileName()))
                            .filter(name -> name.startsWith(prefix))
                            .toList());
        }
    }
}
