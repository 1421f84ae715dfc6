package org.amverdict.worker;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.amverdict.engine.PacketBatch;
import org.amverdict.nfqueue.netlink.PacketMessages;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of turning the datagrams of one receive into rows of a packet batch. 64 {@link PacketMessages}, always the same
 * ones. The payload must not matter. The score is per packet.
 */
public class QueuedMessagesBenchmark extends NanosecondsPerOperation {
    private static final int BATCH = 64;

    @Param({"96", "32000"})
    private int payload;

    private Slab slab = new Slab(0, 0);
    private PacketBatch batch = new PacketBatch(0, slab.bytes());
    private QueueCounters counters = new QueueCounters();
    private QueuedMessages messages = new QueuedMessages(slab.bytes(), PacketMessages.QUEUE, counters);

    @Setup(Level.Trial)
    public void setUp() {
        slab = new Slab(BATCH, BATCH * (payload + PacketMessages.OVERHEAD));
        for (int i = 0; i < BATCH; i++) {
            slab.add(PacketMessages.message(i, payload));
        }
        batch = new PacketBatch(BATCH, slab.bytes());
        counters = new QueueCounters();
        messages = new QueuedMessages(slab.bytes(), PacketMessages.QUEUE, counters);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int add() {
        messages.begin(batch);
        for (int i = 0; i < BATCH; i++) {
            messages.add(batch, slab.offset(i), slab.length(i));
        }
        return batch.count();
    }

    @TearDown(Level.Trial)
    public void check() {
        if (batch.count() != BATCH || counters.malformedMessages() != 0 || counters.idGaps() != 0) {
            throw new IllegalStateException("messages that the kernel would not write");
        }
    }
}
