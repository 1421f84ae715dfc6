package org.amverdict.amanda;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Cost of reading a whole REQ, header and body. 1024 different requests for a sendbackup (about 370 bytes) in random
 * order.
 */
public class RequestParserBenchmark extends NanosecondsPerOperation {
    private final Slab slab = new Slab(Messages.COUNT, 1 << 19);
    private final ControlHeader header = new ControlHeader();
    private final RequestParser parser = new RequestParser();

    public RequestParserBenchmark() {
        for (int i = 0; i < Messages.COUNT; i++) {
            slab.add(Messages.request(i));
        }
    }

    @Benchmark
    public boolean headerAndBody() {
        final int i = slab.some();
        return header.wrap(slab.bytes(), slab.offset(i), slab.length(i))
                && parser.parse(slab.bytes(), header.bodyOffset(), header.bodyLength(), true);
    }
}
