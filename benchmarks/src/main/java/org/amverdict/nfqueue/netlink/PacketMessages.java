package org.amverdict.nfqueue.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Packet messages of the kernel, in the forms that differ in what they carry: with or without mark, hardware address,
 * outgoing interface and copied length. Stateless.
 */
public final class PacketMessages {
    /** The queue they belong to. */
    public static final int QUEUE = 10;

    /** Most bytes in a message besides the payload. */
    public static final int OVERHEAD = 160;

    private static final int HARDWARE_ADDRESS = 9;
    private static final int PACKET = 1500;

    private PacketMessages() {}

    /**
     * A message.
     *
     * @param number the packet's id, which also selects the form
     * @param payload bytes of the packet, all zero
     */
    public static byte[] message(final int number, final int payload) {
        final ByteBuffer bytes = ByteBuffer.allocate(OVERHEAD + payload).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(NfqueueProtocol.NLMSG_HDRLEN);
        bytes.putShort((short) 0).put((byte) 0).put((byte) QUEUE); // nfgenmsg: family, version, res_id (big endian)
        final int header = bytes.position() + NfqueueProtocol.NLA_HDRLEN;
        attribute(bytes, NfqueueProtocol.NFQA_PACKET_HDR, NfqueueProtocol.PACKET_HDR_SIZE);
        bytes.order(ByteOrder.BIG_ENDIAN).putInt(header, number).order(ByteOrder.LITTLE_ENDIAN);
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
            word(bytes, NfqueueProtocol.NFQA_CAP_LEN, Math.max(payload, PACKET));
        }
        if (number % 2 == 0) {
            word(bytes, NfqueueProtocol.NFQA_SKB_INFO, 1);
        }
        attribute(bytes, NfqueueProtocol.NFQA_PAYLOAD, payload);
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
}
