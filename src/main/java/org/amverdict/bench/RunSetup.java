package org.amverdict.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.lab.ChildProcess;

/**
 * What all runs share.
 *
 * @param network where they take place
 * @param cores of generator and consumer
 * @param consumers starts the contestants
 * @param options how long, how fast
 */
record RunSetup(BenchNetwork network, Cores cores, Consumers consumers, BenchOptions options) {
    /** Traffic before each measurement: a JVM compiles meanwhile, and queues fill. */
    static final int WARM_UP_SECONDS = 2;

    /** Begins to measure interference from other programs. */
    OtherLoad watch(final Optional<ChildProcess> consumer, final ChildProcess... children) throws IOException {
        final List<ChildProcess> ours = new ArrayList<>(List.of(children));
        consumer.ifPresent(ours::add);
        return OtherLoad.begin(ours);
    }
}
