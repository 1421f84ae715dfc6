package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LinkMessageViewTest {
    private static final int NEW = 16;
    private static final int DELETED = 17;
    private static final int IFLA_MTU = 4;
    private static final int IFLA_IFNAME = 3;
    private static final int AF_BRIDGE = 7;

    private final NetlinkMessageView message = new NetlinkMessageView();
    private final LinkMessageView link = new LinkMessageView();

    private static ByteBuf message(final int type, final int family, final int index, final String name) {
        final byte[] text = (name + "\0").getBytes(StandardCharsets.UTF_8);
        final int length = 16 + 16 + 8 + 4 + text.length;
        final ByteBuf bytes = Unpooled.buffer(length + 3 & -4);
        bytes.writeIntLE(length).writeShortLE(type).writeZero(10);
        bytes.writeByte(family).writeZero(3).writeIntLE(index).writeZero(8);
        bytes.writeShortLE(8).writeShortLE(IFLA_MTU).writeIntLE(1500);
        bytes.writeShortLE(4 + text.length).writeShortLE(IFLA_IFNAME).writeBytes(text);
        return bytes;
    }

    private int wrap(final ByteBuf bytes) {
        assertEquals(NetlinkStatus.OK, message.wrap(bytes, 0, bytes.readableBytes()));
        return link.wrap(message);
    }

    @Test
    void shouldReadAnInterface() {
        assertEquals(LinkMessageView.PRESENT, wrap(message(NEW, 0, 7, "tun0")));
        assertEquals(7, link.index());
        assertEquals("tun0", link.name());
        assertEquals(LinkMessageView.GONE, wrap(message(DELETED, 0, 7, "tun0")));
        assertEquals(7, link.index());
    }

    /** Else an interface that leaves a bridge would count as gone. */
    @Test
    void shouldIgnoreWhatIsSaidOfAFamily() {
        assertEquals(LinkMessageView.OTHER, wrap(message(DELETED, AF_BRIDGE, 7, "eth1")));
        assertEquals(LinkMessageView.OTHER, wrap(message(NEW, AF_BRIDGE, 7, "eth1")));
    }

    @Test
    void shouldTellTheEndOfTheListAndIgnoreOtherMessages() {
        assertEquals(LinkMessageView.ALL_TOLD, wrap(message(NfqueueProtocol.NLMSG_DONE, 0, 0, "")));
        assertEquals(LinkMessageView.OTHER, wrap(message(NfqueueProtocol.NLMSG_ERROR, 0, 0, "")));
        assertEquals(LinkMessageView.OTHER, wrap(message(20, 0, 7, "an address")));
    }

    @Test
    void shouldReadNothingOutsideTheMessageWhateverIsInIt() {
        final SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            final ByteBuf bytes = message(random.nextBoolean() ? NEW : DELETED, 0, 7, "name" + i);
            for (int k = random.nextInt(4); k >= 0; k--) {
                bytes.setByte(4 + random.nextInt(bytes.readableBytes() - 4), random.nextInt(256));
            }
            final int length = random.nextInt(bytes.readableBytes() + 1);
            bytes.setIntLE(0, length);
            // Ends with the message, so a read beyond it throws.
            if (message.wrap(bytes.slice(0, length), 0, length) == NetlinkStatus.OK) {
                link.wrap(message);
            }
        }
    }

    @Test
    void shouldWriteTheQuestion() {
        final ByteBuf bytes = Unpooled.buffer(LinkMessageView.QUESTION_BYTES);
        LinkMessageView.writeQuestion(bytes);
        assertEquals(32, bytes.getIntLE(0));
        assertEquals(18, bytes.getShortLE(4));
        assertEquals(0x301, bytes.getShortLE(6));
    }
}
