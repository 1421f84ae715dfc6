package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages of Linux 6.18, recorded at a router; and what no kernel sends. */
class ConntrackEventViewTest {
    /** 192.0.2.10 to 192.0.2.1:12001, which is 198.51.100.20:11001: the SYN/ACK came. */
    static final String ANSWERED =
            "d0000000000100000000000000000000020000003400018014000180080001" + "00c000020a08000200c0"
                    + "0002011c000280050001000600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c6"
                    + "3364011c0002800500010006000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000001ba0800070000"
                    + "00003c300004802c0001800500010002000000050002000a000000050003000a0000000600040003000000060005002300"
                    + "00000c001b0018ecdcc06a98eda4";
    /** The same, forgotten in TIME_WAIT, with counters and times. */
    static final String FINISHED =
            "fc00000002010000000000000000000002000000340001801400018008000100c000020a08000200c0000201"
                    + "1c000280050001000600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c6336401"
                    + "1c0002800500010006000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000003be1c0009800c00010000"
                    + "000000000000060c00020000000000000001451c000a800c00010000000000000000040c00020000000000000014601c0014800c00"
                    + "010018ecdcc06a988ac80c00020018ecdcc0e1e336cb100004800c00018005000100070000000c001b0018ecdcc18c1e5310";
    /** 192.0.2.10 to 198.51.100.20:11005, forgotten in SYN_SENT, without nf_conntrack_acct. */
    static final String UNANSWERED =
            "9c00000002010000000000000000000002000000340001801400018008000100c000020a08000200c63364"
                    + "141c00028005000100060000000600020094e80000060003002afd0000340002801400018008000100c633641408000200c000020a"
                    + "1c0002800500010006000000060002002afd00000600030094e8000008000c00e6ca13ff0800030000000388100004800c00018005"
                    + "00010001000000";

    /** Value of CTA_PROTO_NUM in the first tuple. */
    private static final int PROTOCOL_AT = 52;

    private final NetlinkMessageView message = new NetlinkMessageView();
    private final ConntrackEventView event = new ConntrackEventView();

    private static ByteBuf bytes(final String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    private int wrap(final ByteBuf bytes) {
        final int status = message.wrap(bytes, 0, bytes.readableBytes());
        return status == NetlinkStatus.OK ? event.wrap(message) : ConntrackEventView.MALFORMED;
    }

    @Test
    void shouldReadWhoSpeaksWithWhomBehindATranslation() {
        assertEquals(ConntrackEventView.TCP, wrap(bytes(ANSWERED)));

        assertFalse(event.destroyed());
        assertFalse(event.answer());
        assertEquals(0x9a7b90cd, event.id());
        assertEquals(0x1ba, event.status());
        assertEquals(ConntrackProtocol.TCP_CONNTRACK_SYN_RECV, event.tcpState());
        assertEquals(0, event.originatorHigh());
        assertEquals(0xffffc000020aL, event.originatorLow());
        assertEquals(46062, event.originatorPort());
        assertEquals(0xffffc6336414L, event.responderLow());
        assertEquals(11001, event.responderPort());
        assertEquals(ConntrackEventView.ABSENT, event.originalBytes());
    }

    @Test
    void shouldReadHowItEnded() {
        assertEquals(ConntrackEventView.TCP, wrap(bytes(FINISHED)));

        assertTrue(event.destroyed());
        assertEquals(ConntrackProtocol.TCP_CONNTRACK_TIME_WAIT, event.tcpState());
        assertEquals(6, event.originalPackets());
        assertEquals(325, event.originalBytes());
        assertEquals(4, event.replyPackets());
        assertEquals(5216, event.replyBytes());

        assertEquals(ConntrackEventView.TCP, wrap(bytes(UNANSWERED)));
        assertEquals(ConntrackProtocol.TCP_CONNTRACK_SYN_SENT, event.tcpState());
        assertEquals(0, event.status() & ConntrackProtocol.IPS_SEEN_REPLY);
        assertEquals(ConntrackEventView.ABSENT, event.replyPackets());
    }

    /** As a kernel before 5.9 ends one, and one of IPv6; the same message without or with other attributes. */
    @Test
    void shouldReadWhatOtherKernelsWrite() {
        final MessageBuilder old = ct(2).raw(ints(tuple6(0x0a, 0x14, 50_000, 11_001, 1)))
                .raw(ints(tuple6(0x14, 0x0a, 11_001, 50_000, 2)))
                .word(ConntrackProtocol.CTA_ID, 7)
                .attribute(99, 1, 2, 3);

        assertEquals(ConntrackEventView.TCP, wrap(old.build()));

        assertEquals(0x2001_0db8_0000_0000L, event.originatorHigh());
        assertEquals(0x0a, event.originatorLow());
        assertEquals(50_000, event.originatorPort());
        assertEquals(0x14, event.responderLow());
        assertEquals(11_001, event.responderPort());
        assertEquals(ConntrackEventView.ABSENT, event.tcpState());
        assertEquals(0, event.status());
    }

    @Test
    void shouldLetOtherProtocolsAndMessagesBe() {
        final ByteBuf udp = bytes(ANSWERED);
        assertEquals(6, udp.getByte(PROTOCOL_AT));
        udp.setByte(PROTOCOL_AT, 17);
        assertEquals(ConntrackEventView.OTHER, wrap(udp));
        assertEquals(ConntrackEventView.OTHER, wrap(bytes(ANSWERED).setByte(4, 1)));
        assertEquals(ConntrackEventView.OTHER, wrap(bytes(ANSWERED).setByte(5, 3)));
        assertEquals(
                ConntrackEventView.OTHER,
                wrap(MessageBuilder.message(NfqueueProtocol.NLMSG_ERROR)
                        .raw(0, 0, 0, 0)
                        .build()));
        assertEquals(
                ConntrackEventView.MALFORMED,
                wrap(MessageBuilder.message(0x0100).build()));
        assertEquals(ConntrackEventView.MALFORMED, wrap(ct(0).build()));
    }

    /** The query has the tuple as it came, and the answer the number of the query. */
    @Test
    void shouldAskForTheConnectionOfAnEvent() {
        wrap(bytes(ANSWERED));
        final ByteBuf query = Unpooled.buffer(ConntrackEventView.QUERY_MAX_BYTES);

        final int length = event.writeQuery(query, 5);

        assertEquals(72, length);
        assertEquals(
                "48000000" + "0101" + "0100" + "05000000" + "00000000" + "02000000"
                        + ANSWERED.substring(40, 40 + 2 * 52),
                ByteBufUtil.hexDump(query, 0, length));

        assertEquals(ConntrackEventView.TCP, wrap(bytes(ANSWERED).setIntLE(8, 5)));
        assertTrue(event.answer());

        final ByteBuf zoned = Unpooled.buffer().writeBytes(bytes(ANSWERED)).writeBytes(bytes("0600128000070000"));
        zoned.setIntLE(0, zoned.readableBytes());
        assertEquals(ConntrackEventView.TCP, wrap(zoned));
        assertEquals(80, event.writeQuery(query, 6));
        assertEquals("0600120000070000", ByteBufUtil.hexDump(query, 72, 8));
    }

    @Test
    void shouldRefuseWhatComesTwice() {
        for (final String again : new String[] {"08000c0000000001", "0800030000000001"}) {
            final ByteBuf twice = Unpooled.buffer().writeBytes(bytes(ANSWERED)).writeBytes(bytes(again));
            twice.setIntLE(0, twice.readableBytes());
            assertEquals(ConntrackEventView.MALFORMED, wrap(twice), again);
        }
    }

    /** Whatever is cut off or changed, nothing is read outside the message and nothing is thrown. */
    @Test
    void shouldSurviveEveryCutAndRandomDamage() {
        final Random random = new Random(29);
        for (final String recorded : new String[] {ANSWERED, FINISHED, UNANSWERED}) {
            final byte[] whole = ByteBufUtil.decodeHexDump(recorded);
            for (int length = 0; length < whole.length; length++) {
                // A slice throws when something behind its end is read.
                final ByteBuf cut = Unpooled.copiedBuffer(whole, 0, length).slice();
                if (length >= NfqueueProtocol.NLMSG_HDRLEN) {
                    cut.setIntLE(0, length);
                }
                wrap(cut);
            }
            for (int round = 0; round < 20_000; round++) {
                final byte[] damaged = whole.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt();
                }
                final int outcome = wrap(Unpooled.wrappedBuffer(damaged));
                assertTrue(outcome >= 0 && outcome <= 2);
                if (outcome == ConntrackEventView.TCP) {
                    assertTrue(event.originatorPort() >= 0 && event.responderPort() <= 65_535);
                    assertTrue(event.originalBytes() >= -1 && event.replyPackets() >= -1);
                    assertTrue(event.writeQuery(Unpooled.buffer(256, 256), 1) <= 256);
                }
            }
        }
    }

    private static MessageBuilder ct(final int kind) {
        return MessageBuilder.message(ConntrackProtocol.NFNL_SUBSYS_CTNETLINK << 8 | kind)
                .raw(10, 0, 0, 0);
    }

    private static int[] ints(final byte[] bytes) {
        final int[] values = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            values[i] = bytes[i] & 0xff;
        }
        return values;
    }

    /** CTA_TUPLE_ORIG or _REPLY between two addresses of 2001:db8::/64, without the bits for nested attributes. */
    private static byte[] tuple6(
            final int source, final int destination, final int sourcePort, final int destinationPort, final int type) {
        final String address = "20010db80000000000000000000000";
        return ByteBufUtil.decodeHexDump("4c000%d00".formatted(type) + "2c000100" + "14000300" + address
                + "%02x".formatted(source) + "14000400" + address + "%02x".formatted(destination) + "1c000200"
                + "0500010006000000" + "06000200%04x0000".formatted(sourcePort)
                + "06000300%04x0000".formatted(destinationPort));
    }
}
