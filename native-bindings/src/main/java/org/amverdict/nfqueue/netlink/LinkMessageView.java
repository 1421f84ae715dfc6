package org.amverdict.nfqueue.netlink;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Read-only view of a message about a network interface (rtnetlink(7): struct ifinfomsg and attributes). Reused for
 * each message; one thread.
 */
public final class LinkMessageView {
    /** About something else, or not well-formed. */
    public static final int OTHER = 0;
    /** The interface exists: it is new, has changed, or was asked for. */
    public static final int PRESENT = 1;
    /** The interface is gone. */
    public static final int GONE = 2;
    /** End of the answer. */
    public static final int ALL_TOLD = 3;

    /** linux/rtnetlink.h. */
    private static final int RTM_NEWLINK = 16;

    private static final int RTM_DELLINK = 17;
    private static final int RTM_GETLINK = 18;
    private static final int NLM_F_DUMP = 0x300;
    /** linux/if_link.h. */
    private static final int IFLA_IFNAME = 3;

    /** struct ifinfomsg: family, padding, type, index, flags, change. */
    private static final int IFINFOMSG_SIZE = 16;

    private static final int INDEX_AT = 4;
    /** Bytes of {@link #writeQuestion}. */
    public static final int QUESTION_BYTES = NfqueueProtocol.NLMSG_HDRLEN + IFINFOMSG_SIZE;

    private final AttributeCursor attributes = new AttributeCursor();
    private int index;
    private String name = "";

    /** Asks which interfaces exist. */
    public static void writeQuestion(final ByteBuf buffer) {
        buffer.setZero(0, QUESTION_BYTES);
        buffer.setIntLE(0, QUESTION_BYTES);
        buffer.setShortLE(4, RTM_GETLINK);
        buffer.setShortLE(6, NfqueueProtocol.NLM_F_REQUEST | NLM_F_DUMP);
    }

    /**
     * Attaches the view to a message.
     *
     * @return {@link #PRESENT} or {@link #GONE}, after which the accessors describe the interface, or another of the
     *     numbers
     */
    public int wrap(final NetlinkMessageView message) {
        if (message.type() == NfqueueProtocol.NLMSG_DONE) {
            return ALL_TOLD;
        }
        final boolean present = message.type() == RTM_NEWLINK;
        if ((!present && message.type() != RTM_DELLINK) || message.payloadLength() < IFINFOMSG_SIZE) {
            return OTHER;
        }
        final ByteBuf buffer = message.buffer();
        final int at = message.payloadOffset();
        if (buffer.getByte(at) != 0) {
            return OTHER; // of a family: an interface that leaves a bridge is reported as gone from there
        }
        index = buffer.getIntLE(at + INDEX_AT);
        name = "";
        attributes.wrap(buffer, at + IFINFOMSG_SIZE, at + message.payloadLength());
        for (int type = attributes.next(); type >= 0; type = attributes.next()) {
            if (type == IFLA_IFNAME) {
                final int length = Math.max(0, attributes.valueLength() - 1); // its NUL
                name = buffer.toString(attributes.valueOffset(), length, StandardCharsets.UTF_8);
            }
        }
        return present ? PRESENT : GONE;
    }

    /** Index of the interface. */
    public int index() {
        return index;
    }

    /** Name of the interface; empty if the message has none. */
    public String name() {
        return name;
    }
}
