package org.amverdict.bench;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.amverdict.lab.ChildProcess;
import org.amverdict.nfqueue.ffi.NativeThread;

/** Packet latency in thin traffic: the first thousand after the start, and the rest. */
final class LatencyMeasurement implements Measurement {
    private static final int FIRST = 1_000;
    /** At the same rate, by the ACCEPT rule: the probe must be compiled before it times anything. */
    private static final int WARM_UP = 4_000;

    private final RunSetup setup;
    /** Lives as long as this object: no sum of the process includes the time of a thread that has ended. */
    private final ExecutorService thread;

    private boolean warm;

    LatencyMeasurement(final RunSetup setup) {
        this.setup = setup;
        thread = Executors.newSingleThreadExecutor(work -> {
            final Thread created = new Thread(() -> pinned(work, setup.cores()), "latency-probe");
            created.setDaemon(true);
            return created;
        });
    }

    private static void pinned(final Runnable work, final Cores cores) {
        if (cores.pinned()) {
            NativeThread.pinTo(cores.generator());
        }
        work.run();
    }

    @Override
    public Map<String, Double> measure(final Contestant contestant, final Mix mix) throws IOException {
        final BenchNetwork network = setup.network();
        try (LatencyProbe probe = LatencyProbe.open(network.generator(), network.device())) {
            if (!warm) {
                setup.consumers().start(Contestant.ACCEPT, mix, false);
                probe(probe, new long[WARM_UP]);
                warm = true;
            }
            final Optional<ChildProcess> consumer = setup.consumers().start(contestant, mix, false);
            try {
                return measure(probe, consumer, contestant);
            } finally {
                consumer.ifPresent(ChildProcess::close);
            }
        }
    }

    private Map<String, Double> measure(
            final LatencyProbe probe, final Optional<ChildProcess> consumer, final Contestant contestant)
            throws IOException {
        final Map<String, Double> values = new HashMap<>();
        final long[] first = new long[FIRST];
        final long[] rest = new long[setup.options().pace().seconds() * LatencyProbe.RATE];
        final int firstArrived = probe(probe, first);
        final Optional<ConsumerCounters> before = ConsumerCounters.of(consumer, contestant);
        final OtherLoad others = setup.watch(consumer);
        final int restArrived = probe(probe, rest);
        Statistics.putMicros(values, "first_", Statistics.sorted(first, firstArrived));
        Statistics.putMicros(values, "", Statistics.sorted(rest, restArrived));
        values.put("lost", (double) first.length + rest.length - firstArrived - restArrived);
        values.put("others_cpus", others.end());
        if (before.isPresent()) {
            final ConsumerCounters after = ConsumerCounters.of(consumer.orElseThrow(), contestant);
            values.put("packets", (double) after.verdictsSince(before.get()));
        } else {
            values.put("packets", (double) restArrived);
        }
        return values;
    }

    /** Probes on a separate thread, so that only that thread is pinned. */
    private int probe(final LatencyProbe probe, final long[] nanos) throws IOException {
        final Future<Integer> task = thread.submit(() -> probe.time(nanos));
        try {
            return task.get();
        } catch (final ExecutionException e) {
            throw new IOException("latency probe: " + e.getCause(), e);
        } catch (final InterruptedException e) {
            throw Waiting.interrupted(e);
        }
    }
}
