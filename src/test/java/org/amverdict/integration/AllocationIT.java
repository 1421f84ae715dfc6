package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.ManyDumps;
import org.amverdict.harness.ManyDumps.Carried;
import org.amverdict.harness.ThreadAllocation;
import org.amverdict.lab.DaemonProcess;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Once warm, the worker of the running program allocates nothing: not for a packet of any kind, not for a batch, not for a
 * dump. The program is the packaged one with its metrics, log and housekeeping, the packets come through the kernel's
 * queue, and the figure is the JVM's own.
 *
 * <p>What makes it warm up late is the compiler: when it is asked to compile a method by C2, the JVM first makes the
 * string constants of its class, on the thread that asked. That happens once for each class, also for one that is used
 * for a batch in a hundred only. So a million packets in a row are wanted, and not those behind a number chosen here.
 */
@Tag("root")
@Tag("alone")
@Tag("long")
@Timeout(120)
class AllocationIT {
    private static final long PACKETS = 1_000_000;
    private static final long PACKETS_MAX = 4_000_000;
    private static final int STEP_PACKETS = 50_000;
    private static final int SCRAPE_STEPS = 5;
    /** Hits and misses, what is logged and what is not: without this the test could go green on drops at the door. */
    private static final Map<String, Integer> EACH_DUMP =
            Map.of("request", 1, "bad-control", 1, "reply", 2, "ack", 1, "expected", 3, "unexpected", 2);

    private static final Map<String, Integer> EACH_CARRIED = Map.of("established", 13, "no-flow", 1);
    private static final long READY_MS = 30_000;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /** Until when so many packets had been judged. */
    private record Step(Instant end, long packets) {}

    /** Marks tell the kernel to carry DATA and INDEX alone; MESG stays with the queue. */
    @ParameterizedTest
    @CsvSource({"gate, NONE", "inline, DATA", "offload, MESG"})
    void shouldAllocateNothingForAMillionPackets(final String placement, final Carried carried) throws IOException {
        final Setup setup = Setup.USUAL.rules(placement).with("marks: {data: 0x10, index: 0x12, mask: 0xff}");
        try (NetworkLab lab = NetworkLab.open()) {
            final Path configuration = EngineLab.configuration(lab, setup);
            FirewallRules.applyAsAnOperator(lab.firewall(), EngineLab.launcher(), configuration, setup.rules());
            lab.own(DaemonProcess.start(recordingLauncher(), lab.firewall(), List.of("-c", configuration.toString())))
                    .awaitReady(READY_MS);
            final ManyDumps dumps = new ManyDumps(lab, Kernel.families(), carried);
            final List<Step> steps = new ArrayList<>();
            final ThreadAllocation worker = lab.own(ThreadAllocation.watch(directory, "queue-0"));
            long packets = 0;
            long quietly = 0;

            while (quietly < PACKETS && packets < PACKETS_MAX) {
                packets += (long) dumps.play(STEP_PACKETS / dumps.packetsEach()) * dumps.packetsEach();
                steps.add(new Step(Instant.now(), packets));
                if (steps.size() % SCRAPE_STEPS == 0) {
                    MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT);
                }
                quietly = packetsWithin(worker.quiet(), steps);
            }

            final Step first = steps.get(0);
            final long bytes = worker.bytesSince(first.end());
            final String figures =
                    "%s: %d packets, of which the last %d allocated nothing, those behind the first %d %d bytes"
                            .formatted(placement, packets, quietly, first.packets(), bytes);
            System.err.println(figures);
            assertTrue(quietly >= PACKETS, () -> figures + ": " + worker.sites());
            assertEveryKindWasJudged(MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT), dumps);
            assertEquals(0, dumps.lost(), "packets that the queue could not hold");
        }
    }

    /** Packets judged for sure in this time. */
    private static long packetsWithin(final ThreadAllocation.Quiet quiet, final List<Step> steps) {
        final long[] within = steps.stream()
                .filter(step -> quiet.contains(step.end()))
                .mapToLong(Step::packets)
                .toArray();
        return within.length == 0 ? 0 : within[within.length - 1] - within[0];
    }

    private static void assertEveryKindWasJudged(final MetricsPage page, final ManyDumps dumps) {
        final List<Map<String, Integer>> kinds =
                dumps.packetsEach() == 10 ? List.of(EACH_DUMP) : List.of(EACH_DUMP, EACH_CARRIED);
        for (final Map<String, Integer> kind : kinds) {
            kind.forEach((reason, each) -> {
                final double judged = page.sum("amverdict_packets_total", "reason=\"" + reason + "\"");
                final double sent = (double) each * dumps.made();
                // Packets of two processors may overtake each other, and then a dump is not as it was meant.
                assertTrue(Math.abs(judged - sent) <= sent / 100, reason + ": " + judged + " of " + sent);
            });
        }
    }

    /** {@code bin/amverdict}, watched. */
    private Path recordingLauncher() throws IOException {
        final Path launcher = directory.resolve("amverdict");
        Files.writeString(
                launcher,
                "#!/bin/sh\nAMVERDICT_JAVA_OPTIONS=\"${AMVERDICT_JAVA_OPTIONS:-} "
                        + ThreadAllocation.options(directory) + "\" exec "
                        + EngineLab.launcher().toAbsolutePath() + " \"$@\"\n");
        return Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }
}
