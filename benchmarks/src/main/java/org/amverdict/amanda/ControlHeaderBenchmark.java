package org.amverdict.amanda;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Cost of reading the first line of a control datagram. 1024 different ones (REQ, REP, ACK and PREP, 48 to 60 bytes) in
 * random order.
 */
public class ControlHeaderBenchmark extends NanosecondsPerOperation {
    private static final String[] TYPES = {"REQ", "REP", "ACK", "PREP"};

    private final Slab slab = new Slab(Messages.COUNT, 1 << 17);
    private final ControlHeader header = new ControlHeader();

    public ControlHeaderBenchmark() {
        for (int i = 0; i < Messages.COUNT; i++) {
            slab.add(Messages.header(TYPES[i % TYPES.length], i));
        }
    }

    @Benchmark
    public boolean wrap() {
        final int i = slab.some();
        return header.wrap(slab.bytes(), slab.offset(i), slab.length(i));
    }
}
