package org.amverdict.guard;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Processor time of all Java threads per operation, in nanoseconds: the cost of an operation even while other programs
 * take the cores away. It includes what a benchmark prepares before each invocation, so it means nothing for those
 * benchmarks.
 */
public final class CpuTimeProfiler implements InternalProfiler {
    /** Of the result. */
    public static final String LABEL = "cpu";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private Map<Long, Long> before = Map.of();

    @Override
    public String getDescription() {
        return "processor time per operation";
    }

    @Override
    public void beforeIteration(final BenchmarkParams benchmark, final IterationParams iteration) {
        before = cpuNanosByThread();
    }

    @Override
    public Collection<? extends Result> afterIteration(
            final BenchmarkParams benchmark, final IterationParams iteration, final IterationResult result) {
        long spent = 0;
        for (final Map.Entry<Long, Long> thread : cpuNanosByThread().entrySet()) {
            spent += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        }
        final double nanosPerOperation = (double) spent / result.getMetadata().getAllOps();
        return List.of(new ScalarResult(LABEL, nanosPerOperation, "ns/op", AggregationPolicy.AVG));
    }

    private Map<Long, Long> cpuNanosByThread() {
        final Map<Long, Long> nanos = new HashMap<>();
        for (final long id : threads.getAllThreadIds()) {
            nanos.put(id, Math.max(0, threads.getThreadCpuTime(id)));
        }
        return nanos;
    }
}
