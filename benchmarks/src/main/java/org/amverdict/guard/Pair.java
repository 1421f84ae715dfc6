package org.amverdict.guard;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
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
 * Measures one benchmark and the yardstick in this JVM in turn, and prints the ratio of the least processor time of each and
 * the least that the benchmark allocated per operation. The least, since everything else only adds time: other programs
 * that evict the caches, a compiler that is still working, JMH itself; the cost of the code itself is in every round.
 *
 * <p>JMH runs both without forking, since the two must share a JVM; {@link Guard} starts one JVM for each pair.
 */
final class Pair {
    private static final int ROUNDS = 9;
    private static final TimeValue WARM_UP = TimeValue.milliseconds(400);
    private static final int WARM_UPS_MAX = 12;
    /** A run is warm if the compiler worked no longer than this during it: some of that is for JMH itself. */
    private static final long COMPILING_MILLIS = 20;

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
        final double[] yardstick = new double[ROUNDS];
        final double[] measured = new double[ROUNDS];
        final double[] allocated = new double[ROUNDS];
        pair.yardstick(WARM_UP);
        pair.warmUp();
        for (int i = 0; i < ROUNDS; i++) {
            yardstick[i] = cpu(pair.yardstick(SHORT_WARM_UP));
            final RunResult result = pair.measured(SHORT_WARM_UP);
            measured[i] = cpu(result);
            allocated[i] = result.getSecondaryResults().get(ALLOCATED).getScore();
        }
        System.out.printf(Locale.ROOT, "%.6f %.6f%n", least(measured) / least(yardstick), least(allocated));
    }

    /** Runs until the compiler has been idle twice in a row: on a busy machine it lags behind. */
    private void warmUp() throws RunnerException {
        final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        int quiet = 0;
        for (int i = 0; i < WARM_UPS_MAX && quiet < 2; i++) {
            final long before = compiler.getTotalCompilationTime();
            measured(WARM_UP);
            quiet = compiler.getTotalCompilationTime() - before > COMPILING_MILLIS ? 0 : quiet + 1;
        }
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
}
