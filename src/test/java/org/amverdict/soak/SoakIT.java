package org.amverdict.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.ManagedDaemon;
import org.amverdict.harness.PacketInjector;
import org.amverdict.harness.Threads;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.FirewallRules.Placement;
import org.amverdict.lab.MetricsPage;
import org.amverdict.lab.NetworkLab;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole dumps and floods through the packaged program while faults happen to it; in the second half only those that
 * a process survives, so that what it needs must stay flat. At the end every packet is accounted for. {@code
 * -Dsoak.seconds} says how long, {@code -Dsoak.report} where to put a report with pictures.
 */
@Tag("root")
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class SoakIT {
    private static final int SECONDS = Integer.getInteger("soak.seconds", 24);
    private static final int DUMPS_PER_SECOND = Integer.getInteger("soak.dumps", 60);
    private static final Setup SETUP = new Setup("enforce", 0, Placement.EVERYTHING, List.of(), "lifetime: 60s", "", "")
            .with("queue-length: 16384");
    private static final int FORGED = 2_000;
    private static final int ASKING = 16;
    private static final int ASKED_EACH = 8;
    private static final long SAMPLE_MILLIS = 500;
    private static final long SETTLE_MILLIS = 500;
    /** What the JVM still learns in the second half. */
    private static final double GROWTH_MAX = 1.10;

    private static final double GROWTH_MIB = 16;

    @TempDir
    Path directory;

    private final List<Sample> samples = new ArrayList<>();
    private final Account account = new Account();
    private final SplittableRandom random = new SplittableRandom(Long.getLong("seed", 1));
    private final long beginNanos = System.nanoTime();
    /** What has happened since the last sample. */
    private String happened = "";

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldStayFlatAndAccountForEveryPacket() throws Exception {
        try (NetworkLab lab = NetworkLab.open()) {
            final Path file = EngineLab.configuration(lab, SETUP);
            FirewallRules.apply(lab.firewall(), SETUP.placement(), 0, 0);
            try (ManagedDaemon daemon = new ManagedDaemon(lab, file, directory)) {
                daemon.start();
                daemon.awaitReady();
                final long softnetBefore = softnetDrops();
                final int dumps;
                final String counts;
                try (Traffic traffic = new Traffic(lab, DUMPS_PER_SECOND)) {
                    run(lab, daemon, traffic, Fault.values(), SECONDS / 2.0);
                    final int settled = samples.size();
                    run(lab, daemon, traffic, Fault.survived().toArray(Fault[]::new), SECONDS);
                    traffic.finish();
                    Thread.sleep(SETTLE_MILLIS);
                    daemon.end();
                    account.ended(daemon.daemon().output());
                    dumps = traffic.dumps();
                    counts = account.check(
                            lab.firewall()
                                    .call(() -> KernelQueues.read().queue(0).orElseThrow()),
                            traffic.arrived(),
                            softnetDrops() - softnetBefore);
                    report(dumps + " dumps in " + SECONDS + " s. " + counts);
                    assertFlat(samples.subList(settled, samples.size()));
                }
            }
        }
    }

    /** One fault after the other, with time in between, until then. */
    private void run(
            final NetworkLab lab,
            final ManagedDaemon daemon,
            final Traffic traffic,
            final Fault[] faults,
            final double untilSeconds)
            throws Exception {
        for (int i = 0; seconds() < untilSeconds; i++) {
            final Fault fault = faults[i % faults.length];
            look(daemon, traffic);
            Thread.sleep(random.nextLong(SETTLE_MILLIS));
            cause(fault, lab, daemon);
            happened = fault.name().toLowerCase(Locale.ROOT);
            final double nextSeconds = seconds() + Math.max(1, SECONDS / 60.0);
            while (seconds() < Math.min(untilSeconds, nextSeconds)) {
                look(daemon, traffic);
                Thread.sleep(SAMPLE_MILLIS);
            }
        }
    }

    private void cause(final Fault fault, final NetworkLab lab, final ManagedDaemon daemon) throws Exception {
        switch (fault) {
            case RELOAD -> signal(daemon, "HUP");
            case RESTART -> {
                final var before = daemon.daemon();
                daemon.restart();
                account.ended(before.output());
            }
            case KILL -> {
                daemon.killAndStart();
                account.killed((long) MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT)
                        .sum("amverdict_unanswered_packets_total"));
            }
            case SUSPEND -> {
                signal(daemon, "STOP");
                Thread.sleep(1000);
                signal(daemon, "CONT");
            }
            case SCRAPES ->
                Threads.run(ASKING, thread -> {
                    for (int i = 0; i < ASKED_EACH; i++) {
                        MetricsPage.read(lab.firewall(), EngineLab.METRICS_PORT);
                    }
                    return thread;
                });
            case FORGERIES -> forge(lab);
            case INTERFACE -> {
                lab.firewall().run("ip", "link", "set", "stranger", "down");
                lab.firewall().run("ip", "link", "set", "stranger", "up");
            }
        }
    }

    private static void signal(final ManagedDaemon daemon, final String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(daemon.daemon().pid()))
                .start()
                .waitFor();
    }

    /** SYNs and requests from elsewhere, in the name of the server and of hosts that do not exist. */
    private void forge(final NetworkLab lab) throws IOException {
        try (PacketInjector forger =
                new PacketInjector(lab.stranger(), lab.firewall().run("cat", "/sys/class/net/stranger/address"))) {
            for (int i = 0; i < FORGED; i++) {
                final String source = random.nextBoolean()
                        ? "192.0.2.10"
                        : "198.18." + random.nextInt(256) + "." + random.nextInt(1, 255);
                final PacketBuilder packet = PacketBuilder.ip(source, "198.51.100.20");
                final int port = random.nextInt(1024, 65_536);
                forger.send(
                        random.nextBoolean()
                                ? packet.tcp(port, random.nextInt(11_000, 41_000), TcpView.SYN, new byte[0])
                                : packet.udp(random.nextInt(512, 1024), 10_080, new byte[] {'A', 'm', 'a'}));
            }
        }
    }

    private double seconds() {
        return (System.nanoTime() - beginNanos) / 1e9;
    }

    private void look(final ManagedDaemon daemon, final Traffic traffic) throws IOException {
        samples.add(Sample.of(daemon.daemon().pid(), seconds(), traffic.takeLongestPauseMillis(), happened));
        happened = "";
    }

    /** Packets that the kernel dropped on their way between two interfaces, on any processor. */
    private static long softnetDrops() throws IOException {
        return Files.readAllLines(Path.of("/proc/net/softnet_stat")).stream()
                .mapToLong(line -> Long.parseLong(line.split(" ", -1)[1], 16))
                .sum();
    }

    private void assertFlat(final List<Sample> last) {
        final List<Sample> first = last.subList(0, last.size() / 2);
        final List<Sample> second = last.subList(last.size() / 2, last.size());
        final double before = median(first, Sample::residentMib);
        final double after = median(second, Sample::residentMib);
        assertTrue(after < before * GROWTH_MAX + GROWTH_MIB, "memory grew from " + before + " to " + after + " MiB");
        assertEquals(median(first, Sample::threads), median(second, Sample::threads), 2, "threads");
        assertEquals(median(first, Sample::descriptors), median(second, Sample::descriptors), 1, "descriptors");
    }

    private static double median(final List<Sample> of, final ToDoubleFunction<Sample> figure) {
        return of.stream()
                .mapToDouble(figure)
                .sorted()
                .skip(of.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    private void report(final String counts) throws IOException {
        final double longest =
                samples.stream().mapToDouble(Sample::pauseMillis).max().orElse(0);
        final String text = "%s%nLongest pause of an honest request: %.0f ms.%n".formatted(counts, longest);
        System.out.println(text);
        final String folder = System.getProperty("soak.report", "");
        if (folder.isEmpty()) {
            return;
        }
        final Path to = Files.createDirectories(Path.of(folder));
        Files.writeString(to.resolve("soak.txt"), text);
        samples.sort(Comparator.comparingDouble(Sample::seconds));
        picture(to, "soak-memory.svg", "resident memory, MiB", Sample::residentMib);
        picture(to, "soak-descriptors.svg", "open descriptors", Sample::descriptors);
        picture(to, "soak-threads.svg", "threads", Sample::threads);
        picture(to, "soak-pauses.svg", "longest pause of honest requests, ms", Sample::pauseMillis);
    }

    private void picture(final Path to, final String file, final String title, final ToDoubleFunction<Sample> figure)
            throws IOException {
        Files.writeString(to.resolve(file), TimeSeries.svg(title, samples, figure));
    }
}
