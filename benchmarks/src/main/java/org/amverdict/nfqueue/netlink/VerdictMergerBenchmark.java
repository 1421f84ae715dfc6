package org.amverdict.nfqueue.netlink;

import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Cost of writing a verdict, by how well a batch of 64 merges. {@code equal}: one message; {@code alternating}: every
 * second one differs; {@code scattered}: a tenth at random places, a different one of 64 batches each time;
 * {@code marked}: alternating marks. The score is per verdict.
 */
public class VerdictMergerBenchmark extends NanosecondsPerOperation {
    private static final int BATCH = 64;
    private static final int BATCHES = 64;
    private static final int QUEUE = 10;

    @Param({"equal", "alternating", "scattered", "marked"})
    private String pattern = "";

    private final VerdictWriter writer = new VerdictWriter(
            Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(BATCH * VerdictWriter.MARKED_MESSAGE_BYTES)));
    private final int[] ids = new int[BATCH];
    private final int[][] verdicts = new int[BATCHES][BATCH];
    private final long[][] marks = new long[BATCHES][BATCH];
    private final Draw draw = new Draw(1);

    @Setup(Level.Trial)
    public void setUp() {
        for (int i = 0; i < BATCH; i++) {
            ids[i] = 1000 + i;
            for (int b = 0; b < BATCHES; b++) {
                final boolean differs = switch (pattern) {
                    case "alternating" -> i % 2 == 1;
                    case "scattered" -> draw.below(10) == 0;
                    default -> false;
                };
                verdicts[b][i] = differs ? NfqueueProtocol.NF_DROP : NfqueueProtocol.NF_ACCEPT;
                marks[b][i] = "marked".equals(pattern) ? i & 1 : VerdictWriter.NO_MARK;
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int write() {
        final int b = draw.below(BATCHES);
        writer.begin();
        return VerdictMerger.write(writer, QUEUE, ids, verdicts[b], marks[b], BATCH);
    }
}
