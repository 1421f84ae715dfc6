package org.amverdict.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.amverdict.lab.PackagedProgram;

/**
 * The whole benchmark: each mix with each contestant in turn, repeated each round, so that a slow change of the machine
 * affects all of them. For one thread.
 */
public final class Bench {
    private final BenchOptions options;
    private final PrintWriter progress;
    private final Results results = new Results();
    private final Cores cores;
    private final HostFacts host;

    /**
     * @param options what to measure
     * @param progress gets a line for each run as it finishes
     * @throws IOException if /proc cannot be read
     */
    public Bench(final BenchOptions options, final PrintWriter progress) throws IOException {
        this.options = options;
        this.progress = progress;
        cores = Cores.ofThisProcess();
        host = HostFacts.read(ManagementFactory.getRuntimeMXBean().getInputArguments());
    }

    /**
     * Measures everything, in namespaces that are gone when this returns. A contestant that fails is left out of the
     * rest of that mix.
     *
     * @return whether none failed
     * @throws MissingToolException if a tool is missing
     * @throws IOException if the namespaces cannot be made
     */
    public boolean run() throws IOException {
        final List<String> missing =
                Tools.missing(options.mixes(), cores.pinned(), System.getenv().getOrDefault("PATH", ""));
        if (!missing.isEmpty()) {
            throw new MissingToolException(missing);
        }
        say(host.text());
        say(
                cores.pinned()
                        ? "traffic is made on CPU " + cores.generator() + " and consumed on CPU " + cores.consumer()
                        : "one CPU only: nothing is pinned, and both ends share it");
        final Path launcher = PackagedProgram.launcher();
        try (BenchNetwork network = BenchNetwork.open()) {
            final RunSetup setup = new RunSetup(network, cores, new Consumers(network, cores, launcher), options);
            final Map<Mix.Kind, Measurement> measurements = Map.of(
                    Mix.Kind.FLOOD, new FloodMeasurement(setup, jar(launcher)),
                    Mix.Kind.BULK, new BulkMeasurement(setup),
                    Mix.Kind.LATENCY, new LatencyMeasurement(setup));
            for (final Mix mix : options.mixes()) {
                final Measurement measurement = Objects.requireNonNull(measurements.get(mix.kind()));
                for (int round = 0; round < options.pace().rounds(); round++) {
                    for (final Contestant contestant : options.contestants()) {
                        measure(measurement, mix, contestant, round);
                    }
                }
            }
        }
        return options.mixes().stream().allMatch(mix -> results.failed(mix).isEmpty());
    }

    private static Path jar(final Path launcher) throws IOException {
        final Path jar = launcher.resolveSibling("../amverdict.jar").normalize();
        if (!Files.isRegularFile(jar)) {
            throw new IOException("no program at " + jar + "; build it with ./dev build");
        }
        return jar;
    }

    private void measure(final Measurement measurement, final Mix mix, final Contestant contestant, final int round)
            throws IOException {
        final String reason = whyNot(mix, contestant);
        if (!reason.isEmpty()) {
            results.skip(mix, contestant, reason);
            return;
        }
        if (results.failed(mix).containsKey(contestant.name())) {
            return;
        }
        final double idle = MachineLoad.awaitIdle(options.pace().patience());
        final String what =
                mix.label() + " round " + (round + 1) + "/" + options.pace().rounds() + " " + contestant.name() + " ";
        try {
            final Map<String, Double> values = new TreeMap<>(measurement.measure(contestant, mix));
            values.put("idle_before", idle);
            final Run run = new Run(mix, contestant.name(), round, values);
            results.add(run);
            say(what + run.values());
        } catch (final InterruptedIOException e) {
            throw e;
        } catch (final IOException e) {
            results.fail(mix, contestant, "round " + (round + 1) + ": " + e.getMessage());
            say(what + "failed: " + e.getMessage());
        }
    }

    private static String whyNot(final Mix mix, final Contestant contestant) {
        if (contestant.queues() > 1 && !mix.manyAddresses()) {
            return "all packets have the same addresses, by which the kernel chooses the queue";
        }
        return contestant.kind() == Contestant.Kind.ACCEPT ? mix.whyNotAccept() : "";
    }

    private void say(final String line) {
        progress.println(line);
        progress.flush();
    }

    /** The tables, with medians over the rounds. */
    public String table() {
        return String.join("\n", new ResultTable(results, options).lines()) + "\n";
    }

    /** Every run, and the facts of the host: one JSON object. */
    public String json() {
        return ResultJson.write(results, options, host, cores);
    }
}
