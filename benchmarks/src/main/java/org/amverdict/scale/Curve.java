package org.amverdict.scale;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.amverdict.guard.CpuTimeProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A benchmark measured at several sizes, and all figures so far. One thread. */
final class Curve {
    private static final String PACKAGE = "org.amverdict.";
    private static final int ITERATIONS = 3;
    private static final TimeValue WARM_UP = TimeValue.milliseconds(700);
    private static final TimeValue MEASUREMENT = TimeValue.milliseconds(500);

    private final String label;
    private final String benchmark;
    private final String parameter;
    private final long[] sizes;
    private final double[][] nanos;

    /**
     * @param label its name in the picture
     * @param benchmark class and method, without {@code org.amverdict.}
     * @param parameter the parameter for the size
     * @param sizes its values
     */
    Curve(final String label, final String benchmark, final String parameter, final long[] sizes) {
        this.label = label;
        this.benchmark = benchmark;
        this.parameter = parameter;
        this.sizes = sizes;
        nanos = new double[sizes.length][0];
    }

    /** Measures each size once more, in its own JVM. */
    void measure() throws RunnerException {
        for (int i = 0; i < sizes.length; i++) {
            final double[] before = nanos[i];
            nanos[i] = Arrays.copyOf(before, before.length + ITERATIONS);
            int next = before.length;
            for (final IterationResult iteration : run(sizes[i])) {
                nanos[i][next] = iteration
                        .getSecondaryResults()
                        .get(CpuTimeProfiler.LABEL)
                        .getScore();
                next++;
            }
        }
    }

    private Collection<IterationResult> run(final long size) throws RunnerException {
        final ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Pattern.quote(PACKAGE + benchmark) + "$")
                .param(parameter, String.valueOf(size))
                .forks(1)
                // The program's own collector; the heap fits the largest tables and the work of filling them.
                .jvmArgs("-XX:+UseSerialGC", "-Xms3g", "-Xmx3g")
                .warmupIterations(2)
                .warmupTime(WARM_UP)
                .measurementIterations(ITERATIONS)
                .measurementTime(MEASUREMENT)
                .addProfiler(CpuTimeProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        final Collection<IterationResult> iterations = new ArrayList<>();
        for (final RunResult result : new Runner(options.build()).run()) {
            for (final BenchmarkResult fork : result.getBenchmarkResults()) {
                iterations.addAll(fork.getIterationResults());
            }
        }
        if (iterations.size() != ITERATIONS) {
            throw new IllegalStateException(benchmark + ": " + iterations.size() + " figures, not " + ITERATIONS);
        }
        return iterations;
    }

    /** What was measured. */
    Series series() {
        final List<Point> points = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            points.add(Point.of(sizes[i], nanos[i]));
        }
        return new Series(label, points);
    }
}
