package org.amverdict.nfqueue.netlink;

import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Cost of reading a packet message of the kernel: netlink header and attributes. 1024 {@link PacketMessages} in random
 * order.
 */
public class QueuedPacketViewBenchmark extends NanosecondsPerOperation {
    private static final int MESSAGES = 1024;
    private static final int PAYLOAD = 96;

    private final Slab slab = new Slab(MESSAGES, MESSAGES * 256);
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final QueuedPacketView packet = new QueuedPacketView();

    public QueuedPacketViewBenchmark() {
        for (int i = 0; i < MESSAGES; i++) {
            slab.add(PacketMessages.message(i, PAYLOAD));
        }
    }

    @Benchmark
    public int wrap() {
        final int i = slab.some();
        final int status = message.wrap(slab.bytes(), slab.offset(i), slab.length(i));
        return status == NetlinkStatus.OK ? packet.wrap(message, PacketMessages.QUEUE) : -1;
    }
}
