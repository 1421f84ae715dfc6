package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.amverdict.engine.PacketBatch;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.replay.CapturedPackets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a receive brings, the batch has only packets that lie within their datagrams, and nothing outside a datagram
 * was looked at.
 *
 * <p>Input: datagrams, each behind its length (15 bits) and whether its end was lost (the highest bit).
 */
@ExtendWith(LiveSet.class)
final class NetlinkFuzzTest {
    private static final int QUEUE = 10;
    /** nlmsghdr, nfgenmsg, the packet's header and the header of its payload. */
    private static final int HEADERS = 36;

    private static final int LENGTH = 2;
    private static final int TRUNCATED = 0x8000;
    private static final int DATAGRAMS_MAX = 8;
    /** Fewer packets than messages that fit into the datagrams: the batch can be full. */
    private static final int CAPACITY = 12;

    private static final int SLOT_BYTES = 8192;
    /** Zeros, what an attribute's header could look like, and all ones. */
    private static final int[] POISONS = {0x00, 0x08, 0xff};

    private final QueueCounters counters = new QueueCounters();
    private final ByteBuf slab = Unpooled.buffer(DATAGRAMS_MAX * SLOT_BYTES, DATAGRAMS_MAX * SLOT_BYTES);
    private final PacketBatch batch = new PacketBatch(CAPACITY, slab);
    private final int[] ends = new int[DATAGRAMS_MAX];

    static Stream<byte[]> receives() {
        final List<byte[]> packets = CapturedPackets.of("bsd-backup.pcap");
        return Stream.of(
                // nlmsghdr, nfgenmsg; header, interfaces, mark, skb info, capture length, and an unpadded payload
                input(
                        ByteBufUtil.decodeHexDump("5d000000" + "0003" + "0000" + "00000000" + "00000000" + "0200000a"
                                + "0b000100" + "80000001" + "86dd" + "02" + "00" + "08000500" + "00000003" + "08000600"
                                + "00000004" + "08000700" + "00000005" + "08000800" + "00000006" + "08000300"
                                + "cafe0001" + "08000e00" + "00000005" + "08000d00" + "000005dc" + "05000a00" + "45"),
                        0),
                // NLMSG_ERROR: -ENOENT
                input(ByteBufUtil.decodeHexDump("14000000020000000000000000000000feffffff"), 0),
                input(message(1, packets.get(0)), 0),
                input(message(-1, packets.get(3)), TRUNCATED),
                join(input(message(2, packets.get(1)), 0), input(message(4, packets.get(2)), 0)));
    }

    /** What the kernel sends about a packet. */
    private static byte[] message(final int id, final byte[] packet) {
        return ByteBufUtil.getBytes(Unpooled.buffer()
                .writeIntLE(HEADERS + packet.length)
                .writeShortLE(NfqueueProtocol.MSG_PACKET)
                .writeZero(10)
                .writeInt(0x0200_0000 | QUEUE)
                .writeShortLE(11)
                .writeShortLE(NfqueueProtocol.NFQA_PACKET_HDR)
                .writeInt(id)
                .writeInt(0x0800_0100) // IPv4, LOCAL_IN, padding
                .writeShortLE(4 + packet.length)
                .writeShortLE(NfqueueProtocol.NFQA_PAYLOAD)
                .writeBytes(packet));
    }

    private static byte[] input(final byte[] datagram, final int flags) {
        final byte[] input = new byte[LENGTH + datagram.length];
        input[0] = (byte) ((datagram.length | flags) >>> 8);
        input[1] = (byte) datagram.length;
        System.arraycopy(datagram, 0, input, LENGTH, datagram.length);
        return input;
    }

    private static byte[] join(final byte[] first, final byte[] second) {
        final byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @MethodSource("receives")
    @FuzzTest
    void netlink(final byte[] input) {
        final String expected = receive(input, POISONS[0]);
        for (int i = 1; i < POISONS.length; i++) {
            assertEquals(expected, receive(input, POISONS[i]), "bytes outside the datagrams were looked at");
        }
    }

    /** Has the datagrams read from a slab that held something else before; gives all that is in the batch. */
    private String receive(final byte[] input, final int poison) {
        Arrays.fill(slab.array(), (byte) poison);
        Arrays.fill(ends, 0);
        final QueuedMessages messages = new QueuedMessages(slab, QUEUE, counters);
        messages.begin(batch);
        int at = 0;
        for (int i = 0; i < DATAGRAMS_MAX && input.length - at >= LENGTH; i++) {
            final int field = (input[at] & 0xff) << 8 | (input[at + 1] & 0xff);
            at += LENGTH;
            final int length = Math.min(Math.min(field & ~TRUNCATED, SLOT_BYTES), input.length - at);
            slab.setBytes(i * SLOT_BYTES, input, at, length);
            at += length;
            ends[i] = i * SLOT_BYTES + length;
            if ((field & TRUNCATED) != 0) {
                messages.addTruncated(batch, i * SLOT_BYTES, length);
            } else {
                messages.add(batch, i * SLOT_BYTES, length);
            }
        }
        return describe(messages.everyIdKnown());
    }

    private String describe(final boolean everyIdKnown) {
        final StringBuilder all = new StringBuilder();
        all.append(everyIdKnown);
        assertTrue(batch.count() <= batch.capacity(), "more packets than there is room for");
        for (int i = 0; i < batch.count(); i++) {
            final int offset = batch.offset(i);
            final int length = batch.length(i);
            assertTrue(offset >= 0 && offset / SLOT_BYTES < DATAGRAMS_MAX, "outside the slab");
            // An empty packet may stand at the very end of a full slot, which is where the next one begins.
            assertTrue(
                    length >= 0 && (length == 0 || offset + length <= ends[offset / SLOT_BYTES]),
                    "outside its datagram");
            assertTrue(batch.originalLength(i) >= length, "longer than it was");
            assertEquals(0, batch.flags(i) & ~(PacketBatch.CHECKSUM_NOT_READY | PacketBatch.MERGED), "flags");
            all.append(' ')
                    .append(batch.id(i))
                    .append(' ')
                    .append(offset)
                    .append(' ')
                    .append(length)
                    .append(' ')
                    .append(batch.originalLength(i))
                    .append(' ')
                    .append(batch.hook(i))
                    .append(batch.inInterface(i))
                    .append(batch.outInterface(i))
                    .append(batch.mark(i))
                    .append(batch.flags(i));
        }
        return all.toString();
    }
}
