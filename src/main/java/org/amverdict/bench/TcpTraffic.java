package org.amverdict.bench;

import io.netty.buffer.ByteBuf;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/**
 * TCP packets without payload, written beforehand and sent whole through a raw socket (IPPROTO_RAW, raw(7)), so they
 * have the sources we wrote: 16,384 addresses of the generator's network.
 */
final class TcpTraffic implements Traffic {
    static final int SYN = 0x02;
    static final int ACK = 0x10;
    /** Bytes of one packet. */
    static final int PACKET_BYTES = 40;
    /** A cache line for each packet. */
    static final int STRIDE = 64;

    private static final int IP_HEADER = 20;
    private static final int TCP = 6;
    private static final int VERSION_AND_LENGTH = 0x45;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final int TIME_TO_LIVE = 64;
    private static final int TCP_DATA_OFFSET = 5 << 4;
    private static final int WINDOW = 65_535;
    /** 198.18.128.0: the upper half of the network. */
    private static final int FIRST_SOURCE = 0xC612_8000;

    private static final int SOURCES = 1 << 14;
    private static final int FIRST_PORT = 20_000;
    private static final int SEED = 0x2545_F491;

    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory packets;
    private final NativeMemory headers = new NativeMemory(BURST * CLayout.MMSGHDR_SIZE);
    private final NativeMemory vectors = new NativeMemory(BURST * CLayout.IOVEC_SIZE);
    private final int flows;
    private final boolean random;
    private final int socket;
    private int next;
    private int draw = SEED;

    /**
     * @param flows number of different packets
     * @param port destination port
     * @param flags of the TCP header: {@link #SYN}, or {@link #ACK} for the packet that follows it
     * @param random whether to pick each packet at random; otherwise they take turns
     */
    TcpTraffic(final int flows, final int port, final int flags, final boolean random) {
        this.flows = flows;
        this.random = random;
        packets = new NativeMemory(flows * STRIDE);
        final byte[] destination = SocketCalls.bytes(BenchNetwork.DEVICE_ADDRESS);
        for (int i = 0; i < flows; i++) {
            write(packets.bytes(), i * STRIDE, i, destination, port, flags);
        }
        for (int i = 0; i < BURST; i++) {
            final long vector = vectors.address() + (long) i * CLayout.IOVEC_SIZE;
            vectors.bytes().setLongLE(i * CLayout.IOVEC_SIZE + CLayout.IOVEC_LEN, PACKET_BYTES);
            headers.bytes().setLongLE(i * CLayout.MMSGHDR_SIZE + CLayout.MSGHDR_IOV, vector);
            headers.bytes().setLongLE(i * CLayout.MMSGHDR_SIZE + CLayout.MSGHDR_IOVLEN, 1);
        }
        socket = SocketCalls.socket(CLayout.SOCK_RAW, CLayout.IPPROTO_RAW);
        SocketCalls.connect(socket, BenchNetwork.DEVICE_ADDRESS, 0);
    }

    /** Writes the packet of a flow; the kernel fills in the checksum of the IP header. */
    static void write(
            final ByteBuf out,
            final int at,
            final int flow,
            final byte[] destination,
            final int port,
            final int flags) {
        out.setZero(at, PACKET_BYTES);
        out.setByte(at, VERSION_AND_LENGTH);
        out.setShort(at + 2, PACKET_BYTES);
        out.setShort(at + 6, DO_NOT_FRAGMENT);
        out.setByte(at + 8, TIME_TO_LIVE);
        out.setByte(at + 9, TCP);
        out.setInt(at + 12, FIRST_SOURCE + flow % SOURCES);
        out.setBytes(at + 16, destination);
        final int tcp = at + IP_HEADER;
        out.setShort(tcp, FIRST_PORT + flow / SOURCES);
        out.setShort(tcp + 2, port);
        out.setInt(tcp + 4, (flags & SYN) != 0 ? 0 : 1);
        out.setInt(tcp + 8, (flags & ACK) != 0 ? 1 : 0);
        out.setByte(tcp + 12, TCP_DATA_OFFSET);
        out.setByte(tcp + 13, flags);
        out.setShort(tcp + 14, WINDOW);
        out.setShort(tcp + 16, checksum(out, at));
    }

    /** RFC 9293, 3.1: over addresses, protocol, length, and the segment. */
    private static int checksum(final ByteBuf out, final int at) {
        int sum = TCP + PACKET_BYTES - IP_HEADER;
        for (int i = at + 12; i < at + PACKET_BYTES; i += 2) {
            sum += out.getUnsignedShort(i);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    @Override
    public int send(final int count) {
        for (int i = 0; i < count; i++) {
            vectors.bytes()
                    .setLongLE(i * CLayout.IOVEC_SIZE + CLayout.IOVEC_BASE, packets.address() + (long) next() * STRIDE);
        }
        return libC.sendmmsg(socket, headers.address(), count, 0);
    }

    private int next() {
        if (random) {
            // Marsaglia's xorshift32, scaled to the number of flows by its upper bits.
            draw ^= draw << 13;
            draw ^= draw >>> 17;
            draw ^= draw << 5;
            return (int) ((Integer.toUnsignedLong(draw) * flows) >>> 32);
        }
        next = next + 1 == flows ? 0 : next + 1;
        return next;
    }

    @Override
    public void close() {
        libC.close(socket);
        packets.keepReachable();
        headers.keepReachable();
        vectors.keepReachable();
    }
}
