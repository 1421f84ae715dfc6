package org.amverdict.nfqueue.netlink;

/** Outcome of checking the bytes of a netlink message; ints, so that a bad message costs nothing. */
public final class NetlinkStatus {
    public static final int OK = 0;
    /** Fewer bytes than a netlink header. */
    public static final int TOO_SHORT = 1;
    /** nlmsg_len is smaller than the header. */
    public static final int BAD_LENGTH = 2;
    /** nlmsg_len goes beyond the bytes received: the datagram was truncated. */
    public static final int TRUNCATED = 3;
    /** Not a packet of a queue. */
    public static final int NOT_A_PACKET = 4;
    /** No nfgenmsg after the netlink header. */
    public static final int NO_NFGENMSG = 5;
    /** The packet belongs to a queue other than the requested one. */
    public static final int WRONG_QUEUE = 6;
    /** An attribute is shorter than its header or goes beyond the message. */
    public static final int BAD_ATTRIBUTE = 7;
    /** An attribute holds less than its type needs. */
    public static final int SHORT_ATTRIBUTE = 8;
    /** An attribute that may occur once occurred twice. */
    public static final int DUPLICATE_ATTRIBUTE = 9;
    /** No NFQA_PACKET_HDR: the packet has no id. */
    public static final int NO_PACKET_HEADER = 10;
    /** NFQA_CAP_LEN says the packet is shorter than the payload that came with it. */
    public static final int BAD_CAP_LENGTH = 11;

    /** Statuses are 0 to {@code COUNT - 1}: an array of counters can be indexed by them. */
    public static final int COUNT = 12;

    private NetlinkStatus() {}

    /** Name in metrics and events. */
    public static String label(final int status) {
        return switch (status) {
            case OK -> "ok";
            case TOO_SHORT -> "too-short";
            case BAD_LENGTH -> "bad-length";
            case TRUNCATED -> "truncated";
            case NOT_A_PACKET -> "not-a-packet";
            case NO_NFGENMSG -> "no-nfgenmsg";
            case WRONG_QUEUE -> "wrong-queue";
            case BAD_ATTRIBUTE -> "bad-attribute";
            case SHORT_ATTRIBUTE -> "short-attribute";
            case DUPLICATE_ATTRIBUTE -> "duplicate-attribute";
            case NO_PACKET_HEADER -> "no-packet-header";
            case BAD_CAP_LENGTH -> "bad-cap-length";
            default -> "unknown";
        };
    }
}
