package org.amverdict.nfqueue.netlink;

/** What the kernel says of a queued packet, for {@link PacketMessageWriter}. Set what matters; the rest is 0. One thread. */
public final class PacketMessageHeader {
    public int packetId;
    /** The netfilter hook, {@code NF_INET_*}. */
    public int hook;
    /** Index of the interface that the packet came in by; 0 for none. */
    public int inInterface;
    /** Index of the interface that it leaves by; 0 for none. */
    public int outInterface;
    /**
     * {@link PacketMessageWriter#MARK}, {@link PacketMessageWriter#HARDWARE_ADDRESS}, {@link PacketMessageWriter#SKB_INFO} or
     * several.
     */
    public int form;

    /** Everything is 0. */
    public PacketMessageHeader() {}
}
