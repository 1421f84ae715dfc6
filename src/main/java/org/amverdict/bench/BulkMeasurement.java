package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.ChildProcess;

/**
 * Throughput of one iperf3 TCP stream with its packets to the device going through the queue. Both ends run on the
 * generator's processor. The device's interface counts what arrived.
 */
final class BulkMeasurement implements Measurement {
    /** The port after the policy's other one. */
    static final int PORT = Generator.STATIC_PORT + 1;

    private static final int LISTEN_SECONDS_MAX = 10;
    private static final int CONNECT_SECONDS_MAX = 10;
    private static final int SPARE_SECONDS = 10;
    private static final int INTERFACE_FIELDS_MIN = 9;

    private final RunSetup setup;

    BulkMeasurement(final RunSetup setup) {
        this.setup = setup;
    }

    @Override
    public Map<String, Double> measure(final Contestant contestant, final Mix mix) throws IOException {
        final BenchNetwork network = setup.network();
        final String port = Integer.toString(PORT);
        final String seconds = Integer.toString(
                RunSetup.WARM_UP_SECONDS + setup.options().pace().seconds() + SPARE_SECONDS);
        final int core = setup.cores().generator();
        final Optional<ChildProcess> consumer = setup.consumers().start(contestant, mix, false);
        try (ChildProcess server =
                network.start(network.device(), core, List.of("iperf3", "-s", "-1", "--forceflush", "-p", port))) {
            server.await("Server listening", LISTEN_SECONDS_MAX);
            try (ChildProcess client = network.start(
                    network.generator(),
                    core,
                    List.of("iperf3", "--forceflush", "-c", BenchNetwork.DEVICE_ADDRESS, "-p", port, "-t", seconds))) {
                client.await("[ ID]", CONNECT_SECONDS_MAX);
                Waiting.millis(TimeUnit.SECONDS.toMillis(RunSetup.WARM_UP_SECONDS));
                return measure(server, client, consumer, contestant);
            }
        } finally {
            consumer.ifPresent(ChildProcess::close);
        }
    }

    private Map<String, Double> measure(
            final ChildProcess server,
            final ChildProcess client,
            final Optional<ChildProcess> consumer,
            final Contestant contestant)
            throws IOException {
        final Map<String, Double> values = new HashMap<>();
        final OtherLoad others = setup.watch(consumer, server, client);
        final Optional<ConsumerCounters> before = ConsumerCounters.of(consumer, contestant);
        final long start = System.nanoTime();
        final long bytesBefore = received(server);
        Waiting.millis(TimeUnit.SECONDS.toMillis(setup.options().pace().seconds()));
        final long bytes = received(server) - bytesBefore;
        final double elapsed = (System.nanoTime() - start) / 1e9;
        final Optional<ConsumerCounters> after = ConsumerCounters.of(consumer, contestant);
        client.requireAlive();
        values.put("others_cpus", others.end());
        values.put("gigabits_per_second", bytes * 8 / 1e9 / elapsed);
        if (before.isPresent() && after.isPresent()) {
            final long cpu = after.get().time().since(before.get().time());
            final long verdicts = after.get().verdictsSince(before.get());
            values.put("cpu_seconds_per_gigabyte", (double) cpu / bytes);
            values.put("cpu_share", cpu / 1e9 / elapsed);
            values.put("packets", (double) verdicts);
            values.put("packets_per_second", verdicts / elapsed);
            values.put("dropped", (double) after.get().droppedSince(before.get()));
        }
        return values;
    }

    private static long received(final ChildProcess inDevice) throws IOException {
        return parseReceived(Files.readString(Path.of("/proc", Long.toString(inDevice.pid()), "net/dev")));
    }

    /** Bytes that came in by eth0, from the text of /proc/PID/net/dev (proc(5)). */
    static long parseReceived(final String text) throws IOException {
        for (final String line : text.lines().toList()) {
            final String[] fields = line.strip().split("[: ]+", -1);
            if (fields[0].equals("eth0") && fields.length > INTERFACE_FIELDS_MIN) {
                return Long.parseLong(fields[1]);
            }
        }
        throw new IOException("no eth0 in /proc/net/dev");
    }
}
