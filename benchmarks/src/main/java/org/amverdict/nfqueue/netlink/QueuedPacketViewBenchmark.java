package org.amverdict.nfqueue.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * What does it cost to read a packet message of the kernel: netlink header and attributes? 1024 messages in random
 * order, of the forms that differ in what they carry: with or without mark, hardware address, outgoing interface and
 * copied length.
 */
public class QueuedPacketViewBenchmark extends NanosecondsPerOperation {
    private static final int MESSAGES = 1024;
    private static final int QUEUE = 10;
    private static final int HARDWARE_ADDRESS = 9;
    private static final int PAYLOAD = 96;

    private final Slab slab = new Slab(MESSAGES, MESSAGES * 256);
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final QueuedPacketView packet = new QueuedPacketView();

    public QueuedPacketViewBenchmark() {
        for (int i = 0; i < MESSAGES; i++) {
            slab.add(message(i));
        }
    }

    private static byte[] message(final int number) {
        final ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(NfqueueProtocol.NLMSG_HDRLEN);
        bytes.putShort((short) 0).put((byte) 0).put((byte) QUEUE); // nfgenmsg: family, version, res_id (big endian)
        attribute(bytes, NfqueueProtocol.NFQA_PACKET_HDR, NfqueueProtocol.PACKET_HDR_SIZE);
        word(bytes, NfqueueProtocol.NFQA_IFINDEX_INDEV, 2);
        if (number % 4 != 0) {
            word(bytes, NfqueueProtocol.NFQA_IFINDEX_OUTDEV, 3);
        }
        if (number % 3 == 0) {
            word(bytes, NfqueueProtocol.NFQA_MARK, number);
        }
        if (number % 5 < 2) {
            attribute(bytes, HARDWARE_ADDRESS, 12);
        }
        if (number % 7 < 4) {
            word(bytes, NfqueueProtocol.NFQA_CAP_LEN, 1500);
        }
        if (number % 2 == 0) {
            word(bytes, NfqueueProtocol.NFQA_SKB_INFO, 1);
        }
        attribute(bytes, NfqueueProtocol.NFQA_PAYLOAD, PAYLOAD);
        final byte[] whole = new byte[bytes.position()];
        bytes.putInt(0, whole.length).putShort(4, (short) NfqueueProtocol.MSG_PACKET);
        bytes.get(0, whole);
        return whole;
    }

    private static void attribute(final ByteBuffer bytes, final int type, final int length) {
        bytes.putShort((short) (NfqueueProtocol.NLA_HDRLEN + length)).putShort((short) type);
        bytes.position(bytes.position() + NfqueueProtocol.align(length));
    }

    private static void word(final ByteBuffer bytes, final int type, final int value) {
        bytes.putShort((short) (NfqueueProtocol.NLA_HDRLEN + 4)).putShort((short) type);
        bytes.order(ByteOrder.BIG_ENDIAN).putInt(value).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Benchmark
    public int wrap() {
        final int i = slab.some();
        final int status = message.wrap(slab.bytes(), slab.offset(i), slab.length(i));
        return status == NetlinkStatus.OK ? packet.wrap(message, QUEUE) : -1;
    }
}
