package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.QueuedPacketView;
import org.amverdict.nfqueue.netlink.VerdictMerger;
import org.amverdict.nfqueue.netlink.VerdictWriter;

/** Reads packets and answers them, merged, as the worker does. */
final class Consumer {
    interface Policy {
        boolean accepts(int payload);
    }

    private static final int UDP_PAYLOAD = 28;

    private final QueueSocket socket;
    final ReceiveBatch batch;
    private final SendBuffer buffer;
    private final NetlinkMessageView message = new NetlinkMessageView();
    final QueuedPacketView packet = new QueuedPacketView();
    private final int[] ids;
    private final int[] verdicts;
    private final long[] marks;
    final List<Integer> errorNumbers = new ArrayList<>();
    int errors;
    int messages;
    int firstId;
    long markOdd = VerdictWriter.NO_MARK;

    Consumer(final QueueSocket socket) {
        this(socket, 64);
    }

    Consumer(final QueueSocket socket, final int slots) {
        this.socket = socket;
        batch = new ReceiveBatch(slots, 2048);
        buffer = new SendBuffer(slots);
        ids = new int[slots];
        verdicts = new int[slots];
        marks = new long[slots];
    }

    /** Until at least so many packets are answered, or nothing has come for five seconds. */
    int answer(final Policy policy, final int atLeast) {
        int answered = 0;
        while (answered < atLeast) {
            final int received = socket.receive(batch, 5000);
            if (received == 0) {
                return answered;
            }
            int count = 0;
            for (int i = 0; i < received; i++) {
                if (parse(i) == NetlinkStatus.OK) {
                    final int payload = batch.slab().getUnsignedByte(packet.payloadOffset() + UDP_PAYLOAD);
                    ids[count] = packet.packetId();
                    verdicts[count] = policy.accepts(payload) ? NfqueueProtocol.NF_ACCEPT : NfqueueProtocol.NF_DROP;
                    marks[count] = payload % 2 == 1 ? markOdd : VerdictWriter.NO_MARK;
                    count++;
                } else {
                    errors++;
                    errorNumbers.add(message.errorNumber());
                }
            }
            if (firstId == 0) {
                firstId = ids[0];
            }
            messages += VerdictMerger.write(buffer.writer(), QueueSocketIT.QUEUE, ids, verdicts, marks, count);
            socket.send(buffer);
            answered += count;
        }
        return answered;
    }

    int parse(final int i) {
        assertFalse(batch.truncated(i));
        final int status = message.wrap(batch.slab(), batch.offset(i), batch.length(i));
        return status == NetlinkStatus.OK ? packet.wrap(message, QueueSocketIT.QUEUE) : status;
    }
}
