package org.amverdict.amanda;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Cost of reading a whole REP, header and body. 1024 different ones that announce two to four streams (about 170 bytes)
 * in random order.
 */
public class ReplyParserBenchmark extends NanosecondsPerOperation {
    private final Slab slab = new Slab(Messages.COUNT, 1 << 18);
    private final ControlHeader header = new ControlHeader();
    private final ReplyParser parser = new ReplyParser();

    public ReplyParserBenchmark() {
        for (int i = 0; i < Messages.COUNT; i++) {
            slab.add(Messages.reply(i));
        }
    }

    @Benchmark
    public Refusal headerAndBody() {
        final int i = slab.some();
        header.wrap(slab.bytes(), slab.offset(i), slab.length(i));
        return parser.parse(
                slab.bytes(),
                header.bodyOffset(),
                header.bodyLength(),
                Service.SENDBACKUP,
                RequestParser.STATE_POSSIBLE | RequestParser.INDEX_POSSIBLE);
    }
}
