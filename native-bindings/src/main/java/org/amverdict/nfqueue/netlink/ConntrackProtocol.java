package org.amverdict.nfqueue.netlink;

/** Numbers of the kernel's connection tracking as it reports itself. What lies within nfnetlink is big-endian. */
public final class ConntrackProtocol {
    /** linux/netfilter/nfnetlink.h: multicast groups. */
    public static final int NFNLGRP_CONNTRACK_UPDATE = 2;

    public static final int NFNLGRP_CONNTRACK_DESTROY = 3;

    /** linux/netfilter/nfnetlink.h: the subsystem, the upper byte of a message's type. */
    public static final int NFNL_SUBSYS_CTNETLINK = 1;

    /** linux/netfilter/nfnetlink_conntrack.h: enum cntl_msg_types. An update is a NEW too. */
    public static final int IPCTNL_MSG_CT_NEW = 0;

    public static final int IPCTNL_MSG_CT_GET = 1;
    public static final int IPCTNL_MSG_CT_DELETE = 2;

    /** enum ctattr_type. */
    public static final int CTA_TUPLE_ORIG = 1;

    public static final int CTA_TUPLE_REPLY = 2;
    public static final int CTA_STATUS = 3;
    public static final int CTA_PROTOINFO = 4;
    public static final int CTA_COUNTERS_ORIG = 9;
    public static final int CTA_COUNTERS_REPLY = 10;
    public static final int CTA_ID = 12;
    public static final int CTA_ZONE = 18;

    /** enum ctattr_tuple, ctattr_ip, ctattr_l4proto. */
    public static final int CTA_TUPLE_IP = 1;

    public static final int CTA_TUPLE_PROTO = 2;
    public static final int CTA_IP_V4_SRC = 1;
    public static final int CTA_IP_V4_DST = 2;
    public static final int CTA_IP_V6_SRC = 3;
    public static final int CTA_IP_V6_DST = 4;
    public static final int CTA_PROTO_NUM = 1;
    public static final int CTA_PROTO_SRC_PORT = 2;
    public static final int CTA_PROTO_DST_PORT = 3;

    /** enum ctattr_protoinfo, ctattr_protoinfo_tcp, ctattr_counters. */
    public static final int CTA_PROTOINFO_TCP = 1;

    public static final int CTA_PROTOINFO_TCP_STATE = 1;
    public static final int CTA_COUNTERS_PACKETS = 1;
    public static final int CTA_COUNTERS_BYTES = 2;

    /** linux/netfilter/nf_conntrack_tcp.h: enum tcp_conntrack. */
    public static final int TCP_CONNTRACK_SYN_SENT = 1;

    public static final int TCP_CONNTRACK_SYN_RECV = 2;
    public static final int TCP_CONNTRACK_ESTABLISHED = 3;
    public static final int TCP_CONNTRACK_FIN_WAIT = 4;
    public static final int TCP_CONNTRACK_CLOSE_WAIT = 5;
    public static final int TCP_CONNTRACK_LAST_ACK = 6;
    public static final int TCP_CONNTRACK_TIME_WAIT = 7;
    public static final int TCP_CONNTRACK_CLOSE = 8;

    /** linux/netfilter/nf_conntrack_common.h: bit of CTA_STATUS, a packet came back. */
    public static final int IPS_SEEN_REPLY = 2;

    /** A TCP connection is, once its handshake is complete. */
    public static final int IPS_ASSURED = 4;

    private ConntrackProtocol() {}
}
