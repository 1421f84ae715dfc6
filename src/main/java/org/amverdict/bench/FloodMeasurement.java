package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.lab.ChildProcess;

/** Throughput and processor time per packet under a stream of small packets, and latency if it has a fixed rate. */
final class FloodMeasurement implements Measurement {
    private static final long STOP_MILLIS_MAX = 5_000;
    private static final int READY_SECONDS_MAX = 30;
    /** Covers the time before and after the measurement; then the generator ends on its own. */
    private static final int SPARE_SECONDS = 30;

    private static final Pattern VALUES =
            Pattern.compile("^" + Generator.VALUES + "(( [a-z0-9_]+ \\S+)+)$", Pattern.MULTILINE);

    private final RunSetup setup;
    private final Path jar;

    /** @param jar the program's */
    FloodMeasurement(final RunSetup setup, final Path jar) {
        this.setup = setup;
        this.jar = jar;
    }

    @Override
    public Map<String, Double> measure(final Contestant contestant, final Mix mix) throws IOException {
        final Map<String, Double> values = new HashMap<>();
        final Optional<ChildProcess> consumer = setup.consumers().start(contestant, mix, true);
        final BenchOptions options = setup.options();
        try (ChildProcess generator = setup.network()
                .start(
                        setup.network().generator(),
                        setup.cores().generator(),
                        command(mix, rate(contestant, mix), options.pace().seconds() + SPARE_SECONDS))) {
            generator.await(Generator.READY, READY_SECONDS_MAX);
            Waiting.millis(TimeUnit.SECONDS.toMillis(RunSetup.WARM_UP_SECONDS));
            final OtherLoad others = setup.watch(consumer, generator);
            generator.prompt();
            if (consumer.isPresent()) {
                judged(consumer.get(), contestant, values);
            } else {
                accepted(values);
            }
            generator.requireAlive();
            values.put("others_cpus", others.end());
            generator.closeInput();
            generator.awaitExit(STOP_MILLIS_MAX);
            values.putAll(parseValues(generator.output()));
        } finally {
            consumer.ifPresent(ChildProcess::close);
        }
        return values;
    }

    private int rate(final Contestant contestant, final Mix mix) {
        if (mix == Mix.RATE) {
            return setup.options().rates().fixed();
        }
        return mix.manyAddresses() ? setup.options().rates().perQueue() * contestant.queues() : 0;
    }

    private List<String> command(final Mix mix, final int rate, final int seconds) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                jar.toString(),
                Generator.class.getName(),
                mix.label(),
                Integer.toString(rate),
                Integer.toString(seconds),
                setup.network().generator().namespace(),
                setup.network().device().namespace());
    }

    private void judged(final ChildProcess consumer, final Contestant contestant, final Map<String, Double> values)
            throws IOException {
        final long deliveredBefore = setup.network().delivered();
        final ConsumerCounters before = ConsumerCounters.of(consumer, contestant);
        Waiting.millis(TimeUnit.SECONDS.toMillis(setup.options().pace().seconds()));
        final ConsumerCounters after = ConsumerCounters.of(consumer, contestant);
        final long delivered = setup.network().delivered() - deliveredBefore;
        final long verdicts = after.verdictsSince(before);
        values.put("packets", (double) verdicts);
        values.put("delivered", (double) delivered);
        values.put("dropped", (double) after.droppedSince(before));
        values.put("packets_per_second", verdicts / after.secondsSince(before));
        values.put("cpu_ns_per_packet", (double) after.time().since(before.time()) / verdicts);
        values.put("cpu_share", after.time().since(before.time()) / 1e9 / after.secondsSince(before));
    }

    private void accepted(final Map<String, Double> values) throws IOException {
        final long deliveredBefore = setup.network().delivered();
        final long start = System.nanoTime();
        Waiting.millis(TimeUnit.SECONDS.toMillis(setup.options().pace().seconds()));
        final long delivered = setup.network().delivered() - deliveredBefore;
        final double seconds = (System.nanoTime() - start) / 1e9;
        values.put("packets", (double) delivered);
        values.put("delivered", (double) delivered);
        values.put("packets_per_second", delivered / seconds);
    }

    /** The generator's final line. */
    static Map<String, Double> parseValues(final String output) throws IOException {
        final Matcher matcher = VALUES.matcher(output);
        if (!matcher.find()) {
            throw new IOException("the generator did not say what it sent; it said:\n" + output);
        }
        final String[] words = matcher.group(1).split(" ", -1);
        final Map<String, Double> values = new HashMap<>();
        for (int i = 1; i + 1 < words.length; i += 2) {
            values.put(words[i], Double.valueOf(words[i + 1]));
        }
        return values;
    }
}
