package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amverdict.lab.ChildProcess;

/** Starts the contestants, each with the rules that it needs. */
final class Consumers {
    private static final int READY_SECONDS_MAX = 60;

    private final BenchNetwork network;
    private final Cores cores;
    private final Path launcher;

    /** @param launcher {@code bin/amverdict} */
    Consumers(final BenchNetwork network, final Cores cores, final Path launcher) {
        this.network = network;
        this.cores = cores;
        this.launcher = launcher;
    }

    /**
     * Sets the rules, starts the program and waits until it has bound its queue.
     *
     * @param sink see {@link BenchNetwork#rules}
     * @return the program, none for the ACCEPT rule
     */
    Optional<ChildProcess> start(final Contestant contestant, final Mix mix, final boolean sink) throws IOException {
        if (contestant.kind() == Contestant.Kind.ACCEPT) {
            network.rules(mix, "ACCEPT", sink);
            return Optional.empty();
        }
        network.rules(mix, "NFQUEUE " + queues(contestant.queues()), sink);
        final ChildProcess child = network.start(network.device(), cores.consumer(), command(contestant, mix));
        child.await("ready", READY_SECONDS_MAX);
        return Optional.of(child);
    }

    private static String queues(final int queues) {
        return queues == 1 ? "--queue-num " + BenchNetwork.QUEUE : "--queue-balance " + numbers(queues, ':');
    }

    private static String numbers(final int queues, final char to) {
        return queues == 1
                ? Integer.toString(BenchNetwork.QUEUE)
                : "" + BenchNetwork.QUEUE + to + (BenchNetwork.QUEUE + queues - 1);
    }

    private List<String> command(final Contestant contestant, final Mix mix) throws IOException {
        if (contestant.kind() == Contestant.Kind.PROGRAM) {
            // The shell splits the words as the user expects, and the program then replaces it.
            return List.of(
                    "sh", "-c", "exec " + contestant.command() + " \"$@\"", "sh", Integer.toString(BenchNetwork.QUEUE));
        }
        final Path file = network.directory().resolve(mix.label() + ".yaml");
        Files.writeString(file, configuration(mix, contestant.queues()));
        return List.of(launcher.toString(), "run", "-c", file.toString());
    }

    /**
     * Enforce mode, which accepts every packet of the mixes as the other contestants do, except that SYNs which nothing
     * announced continue: a second walk of one chain.
     */
    static String configuration(final Mix mix, final int queues) {
        return """
                mode: enforce
                queues:
                  - {numbers: %s, copy: %s, gso: %s}
                allow:
                  - name: bench
                    requesters: [%s]
                    responders: [%s]
                    services: [noop, selfcheck, sendsize, sendbackup]
                flows: {capacity: 262144}
                static:
                  - {from: [%s], to: [%s], tcp: %d-%d}
                events: {file: off}
                metrics: {listen: off}
                control: {socket: off}
                state: {file: off}
                """.formatted(
                        numbers(queues, '-'),
                        mix.copy(),
                        mix.gso(),
                        BenchNetwork.NETWORK,
                        BenchNetwork.NETWORK,
                        BenchNetwork.NETWORK,
                        BenchNetwork.NETWORK,
                        Generator.STATIC_PORT,
                        BulkMeasurement.PORT);
    }
}
