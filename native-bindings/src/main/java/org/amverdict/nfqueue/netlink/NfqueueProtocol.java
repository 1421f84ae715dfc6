package org.amverdict.nfqueue.netlink;

/** Numbers of the kernel's interface. Netlink headers are in host order, what lies within nfnetlink is big-endian. */
public final class NfqueueProtocol {
    /** linux/netlink.h: header and attributes start on multiples of this. */
    public static final int NLMSG_ALIGNTO = 4;

    public static final int NLMSG_HDRLEN = 16;
    public static final int NLMSG_NOOP = 1;
    public static final int NLMSG_ERROR = 2;
    public static final int NLMSG_DONE = 3;
    public static final int NLMSG_OVERRUN = 4;
    public static final int NLM_F_REQUEST = 1;
    public static final int NLM_F_ACK = 4;
    public static final int NLA_HDRLEN = 4;

    /** Attribute number without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
    public static final int NLA_TYPE_MASK = 0x3fff;

    /** linux/netfilter/nfnetlink.h: struct nfgenmsg and the subsystem. */
    public static final int NFGENMSG_SIZE = 4;

    public static final int NFGENMSG_RES_ID = 2;
    public static final int NFNETLINK_V0 = 0;
    public static final int NFNL_SUBSYS_QUEUE = 3;

    /** linux/netfilter/nfnetlink_queue.h: message types, with the subsystem in the upper byte. */
    public static final int MSG_PACKET = NFNL_SUBSYS_QUEUE << 8;

    public static final int MSG_VERDICT = NFNL_SUBSYS_QUEUE << 8 | 1;
    public static final int MSG_CONFIG = NFNL_SUBSYS_QUEUE << 8 | 2;
    public static final int MSG_VERDICT_BATCH = NFNL_SUBSYS_QUEUE << 8 | 3;

    /** enum nfqnl_attr_type. */
    public static final int NFQA_PACKET_HDR = 1;

    public static final int NFQA_VERDICT_HDR = 2;
    public static final int NFQA_MARK = 3;
    public static final int NFQA_TIMESTAMP = 4;
    public static final int NFQA_IFINDEX_INDEV = 5;
    public static final int NFQA_IFINDEX_OUTDEV = 6;
    public static final int NFQA_IFINDEX_PHYSINDEV = 7;
    public static final int NFQA_IFINDEX_PHYSOUTDEV = 8;
    public static final int NFQA_HWADDR = 9;
    public static final int NFQA_PAYLOAD = 10;
    public static final int NFQA_CAP_LEN = 13;
    public static final int NFQA_SKB_INFO = 14;

    /** struct nfqnl_msg_packet_hdr (packed) and struct nfqnl_msg_verdict_hdr. */
    public static final int PACKET_HDR_SIZE = 7;

    public static final int PACKET_HDR_PROTOCOL = 4;
    public static final int PACKET_HDR_HOOK = 6;
    public static final int VERDICT_HDR_SIZE = 8;
    public static final int VERDICT_HDR_ID = 4;

    /** Bits of NFQA_SKB_INFO. */
    public static final int SKB_CSUM_NOT_READY = 1;

    public static final int SKB_GSO = 2;
    public static final int SKB_CSUM_NOT_VERIFIED = 4;

    /** Configuration: enum nfqnl_attr_config, nfqnl_msg_config_cmds, nfqnl_config_mode. */
    public static final int NFQA_CFG_CMD = 1;

    public static final int NFQA_CFG_PARAMS = 2;

    public static final int NFQA_CFG_QUEUE_MAXLEN = 3;
    public static final int NFQA_CFG_MASK = 4;
    public static final int NFQA_CFG_FLAGS = 5;
    public static final int CONFIG_CMD_SIZE = 4;
    public static final int CMD_UNBIND = 2;
    public static final int CONFIG_PARAMS_SIZE = 5;
    public static final int COPY_META = 1;
    public static final int COPY_PACKET = 2;
    public static final int FLAG_FAIL_OPEN = 1;
    public static final int FLAG_GSO = 4;
    public static final int FLAG_UID_GID = 8;
    public static final int FLAG_SECCTX = 16;

    /** The most of a packet that the kernel copies: an attribute's 16-bit length less its header. */
    public static final int COPY_RANGE_MAX = 0xffff - NLA_HDRLEN;

    /** linux/netfilter.h: verdicts. 2 (NF_STOLEN) is refused by the kernel with EINVAL, so it is not offered. */
    public static final int NF_DROP = 0;

    public static final int NF_ACCEPT = 1;
    public static final int NF_QUEUE = 3;
    public static final int NF_REPEAT = 4;

    private NfqueueProtocol() {}

    /** {@code length} rounded up to the next multiple of four. */
    public static int align(final int length) {
        return (length + NLMSG_ALIGNTO - 1) & -NLMSG_ALIGNTO;
    }
}
