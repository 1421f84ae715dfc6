package org.amverdict.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.amverdict.lab.Host;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/**
 * Sends UDP datagrams of one length (the last may be shorter) back to back, or as one packet that the kernel splits as
 * late as it can (UDP_SEGMENT, udp(7)), which Java does not support. Each call opens its own socket and closes it.
 */
public final class DatagramBurst {
    private static final int AF_INET6 = 10;
    private static final int SOCKADDR_IN6_SIZE = 28;
    private static final int SOCKADDR_IN6_ADDRESS = 8;

    private final Host from;
    private final InetAddress source;
    private final int sourcePort;
    private final InetAddress destination;
    private final int destinationPort;

    public DatagramBurst(
            final Host from,
            final InetAddress source,
            final int sourcePort,
            final InetAddress destination,
            final int destinationPort) {
        this.from = from;
        this.source = source;
        this.sourcePort = sourcePort;
        this.destination = destination;
        this.destinationPort = destinationPort;
    }

    /** One system call for each. */
    public void sendApart(final List<byte[]> datagrams) throws IOException {
        from.call(() -> {
            final int socket = open();
            try {
                for (final byte[] datagram : datagrams) {
                    send(socket, datagram);
                }
            } finally {
                NativeLibraries.libC().close(socket);
            }
            return true;
        });
    }

    /** One system call, one packet as far as the devices on the path can split it. */
    public void sendMerged(final List<byte[]> datagrams) throws IOException {
        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (final byte[] datagram : datagrams) {
            all.write(datagram);
        }
        from.call(() -> {
            final int socket = open();
            try {
                final NativeMemory length = new NativeMemory(Integer.BYTES);
                length.bytes().setIntLE(0, datagrams.get(0).length);
                check(
                        NativeLibraries.libC()
                                .setsockopt(
                                        socket,
                                        CLayout.IPPROTO_UDP,
                                        CLayout.UDP_SEGMENT,
                                        length.address(),
                                        Integer.BYTES),
                        "set UDP_SEGMENT");
                length.keepReachable();
                send(socket, all.toByteArray());
            } finally {
                NativeLibraries.libC().close(socket);
            }
            return true;
        });
    }

    private int open() {
        final LibC libC = NativeLibraries.libC();
        final int socket = libC.socket(family(source), CLayout.SOCK_DGRAM | CLayout.SOCK_CLOEXEC, CLayout.IPPROTO_UDP);
        check(socket, "open a socket");
        final NativeMemory here = name(source, sourcePort);
        check(libC.bind(socket, here.address(), size(source)), "bind port " + sourcePort);
        here.keepReachable();
        final NativeMemory there = name(destination, destinationPort);
        check(libC.connect(socket, there.address(), size(destination)), "connect");
        there.keepReachable();
        return socket;
    }

    private static void send(final int socket, final byte[] bytes) {
        final NativeMemory memory = new NativeMemory(bytes.length);
        memory.bytes().setBytes(0, bytes);
        check((int) NativeLibraries.libC().send(socket, memory.address(), bytes.length, 0), "send");
        memory.keepReachable();
    }

    private static void check(final int result, final String what) {
        if (result < 0) {
            throw NativeLibraries.failure(what, "");
        }
    }

    private static int family(final InetAddress address) {
        return address.getAddress().length == 4 ? CLayout.AF_INET : AF_INET6;
    }

    private static int size(final InetAddress address) {
        return address.getAddress().length == 4 ? CLayout.SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE;
    }

    private static NativeMemory name(final InetAddress address, final int port) {
        final byte[] bytes = address.getAddress();
        final NativeMemory name = new NativeMemory(SOCKADDR_IN6_SIZE);
        name.bytes().setShortLE(CLayout.SOCKADDR_IN_FAMILY, family(address));
        name.bytes().setShort(CLayout.SOCKADDR_IN_PORT, port);
        name.bytes().setBytes(bytes.length == 4 ? CLayout.SOCKADDR_IN_ADDRESS : SOCKADDR_IN6_ADDRESS, bytes);
        return name;
    }
}
