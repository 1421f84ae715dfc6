package org.amverdict.guard;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures one benchmark and the yardstick in this JVM in turn, and prints the median of the ratios of their processor
 * times and the least that the benchmark allocated per operation (what it must allocate shows in every round, what JMH
 * does beside it not). JMH runs both, without a fork of its own, for
 * the two must share a JVM; {@link Guard} starts one JVM for each pair.
 */
final class Pair {
    private static final int ROUNDS = 9;
    private static final TimeValue WARM_UP = TimeValue.milliseconds(700);
    private static final TimeValue SHORT_WARM_UP = TimeValue.milliseconds(30);
    private static final TimeValue MEASUREMENT = TimeValue.milliseconds(150);
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private final String benchmark;
    private final String[] parameters;

    private Pair(final String benchmark, final String[] parameters) {
        this.benchmark = benchmark;
        this.parameters = parameters;
    }

    /** @param args name of the benchmark and its parameters, as name=value */
    public static void main(final String[] args) throws RunnerException {
        final Pair pair = new Pair(args[0], Arrays.copyOfRange(args, 1, args.length));
        final double[] ratios = new double[ROUNDS];
        final double[] allocated = new double[ROUNDS];
        pair.yardstick(WARM_UP);
        pair.measured(WARM_UP);
        pair.measured(WARM_UP);
        for (int i = 0; i < ROUNDS; i++) {
            final double before = cpu(pair.yardstick(SHORT_WARM_UP));
            final RunResult result = pair.measured(SHORT_WARM_UP);
            ratios[i] = cpu(result) / before;
            allocated[i] = result.getSecondaryResults().get(ALLOCATED).getScore();
        }
        System.out.printf(Locale.ROOT, "%.6f %.6f%n", median(ratios), least(allocated));
    }

    private RunResult yardstick(final TimeValue warmUp) throws RunnerException {
        return run(YardstickBenchmark.class.getName() + ".lookUp", new String[0], warmUp);
    }

    private RunResult measured(final TimeValue warmUp) throws RunnerException {
        return run(benchmark, parameters, warmUp);
    }

    private static RunResult run(final String name, final String[] parameters, final TimeValue warmUp)
            throws RunnerException {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Pattern.quote(name) + "$")
                .forks(0)
                .warmupIterations(1)
                .warmupTime(warmUp)
                .measurementIterations(1)
                .measurementTime(MEASUREMENT)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTimeProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        for (final String parameter : parameters) {
            final int equals = parameter.indexOf('=');
            options.param(parameter.substring(0, equals), parameter.substring(equals + 1));
        }
        final Collection<RunResult> results = new Runner(options.build()).run();
        if (results.size() != 1) {
            throw new IllegalArgumentException(name + " is " + results.size() + " benchmarks, not one");
        }
        return results.iterator().next();
    }

    private static double cpu(final RunResult result) {
        return result.getSecondaryResults().get(CpuTimeProfiler.LABEL).getScore();
    }

    private static double least(final double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    private static double median(final double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
