package org.amverdict.harness;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.amverdict.lab.Host;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/**
 * Puts ready-made IP packets on the wire of a lab host, bypassing the host's own kernel: through a packet socket,
 * packet(7), on its {@code eth0}. What leaves one injector arrives in the order in which it was sent. One thread.
 */
public final class PacketInjector implements AutoCloseable {
    private static final int AF_PACKET = 17;
    /** struct sockaddr_ll, linux/if_packet.h: family, protocol, interface index; the rest is ignored. */
    private static final int SOCKADDR_LL_SIZE = 20;

    private static final int SOCKADDR_LL_IFINDEX = 4;

    private static final int ETHERNET_HEADER = 14;
    private static final int ETHERTYPE = 12;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86DD;
    private static final int FRAME_BYTES_MAX = 1514;

    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory frame = new NativeMemory(FRAME_BYTES_MAX);
    private final int fd;

    /**
     * @param host whose wire
     * @param router the other end of it, by its hardware address as {@code /sys/class/net} writes it
     */
    public PacketInjector(final Host host, final String router) throws IOException {
        final String index = host.run("cat", "/sys/class/net/eth0/ifindex").strip();
        final NativeMemory address = new NativeMemory(SOCKADDR_LL_SIZE);
        address.bytes().setShortLE(0, AF_PACKET);
        address.bytes().setIntLE(SOCKADDR_LL_IFINDEX, Integer.parseInt(index));
        // Protocol 0: this socket only sends.
        fd = host.call(() -> libC.socket(AF_PACKET, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, 0));
        if (fd < 0 || libC.bind(fd, address.address(), SOCKADDR_LL_SIZE) != 0) {
            throw NativeLibraries.failure("open a packet socket on eth0 of " + host.namespace(), "");
        }
        address.keepReachable();
        final String[] octets = router.strip().split(":", -1);
        for (int i = 0; i < octets.length; i++) {
            frame.bytes().setByte(i, Integer.parseInt(octets[i], 16));
        }
    }

    /** Sends one IPv4 or IPv6 packet. */
    public void send(final byte[] packet) {
        final ByteBuf bytes = frame.bytes();
        bytes.setShort(ETHERTYPE, packet[0] >>> 4 == 4 ? IPV4 : IPV6);
        bytes.setBytes(ETHERNET_HEADER, packet);
        if (libC.send(fd, frame.address(), ETHERNET_HEADER + packet.length, 0) < 0) {
            throw NativeLibraries.failure("send a frame", "");
        }
    }

    @Override
    public void close() {
        libC.close(fd);
    }
}
