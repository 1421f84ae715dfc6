package org.amverdict.bench;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** IPv4 sockets that Java does not offer: raw ones, and bursts. Failures are NativeException. */
final class SocketCalls {
    private SocketCalls() {}

    static int socket(final int type, final int protocol) {
        final int socket = NativeLibraries.libC().socket(CLayout.AF_INET, type | CLayout.SOCK_CLOEXEC, protocol);
        if (socket < 0) {
            throw NativeLibraries.failure("open socket", "needs CAP_NET_RAW if raw");
        }
        return socket;
    }

    static void bind(final int socket, final String address, final int port) {
        final NativeMemory name = name(address, port);
        final LibC libC = NativeLibraries.libC();
        final int result = libC.bind(socket, name.address(), CLayout.SOCKADDR_IN_SIZE);
        name.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("bind " + address + " port " + port, "");
        }
    }

    static void connect(final int socket, final String address, final int port) {
        final NativeMemory name = name(address, port);
        final LibC libC = NativeLibraries.libC();
        final int result = libC.connect(socket, name.address(), CLayout.SOCKADDR_IN_SIZE);
        name.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("connect to " + address + " port " + port, "");
        }
    }

    private static NativeMemory name(final String address, final int port) {
        final NativeMemory name = new NativeMemory(CLayout.SOCKADDR_IN_SIZE);
        name.bytes().setShortLE(CLayout.SOCKADDR_IN_FAMILY, CLayout.AF_INET);
        name.bytes().setShort(CLayout.SOCKADDR_IN_PORT, port);
        name.bytes().setBytes(CLayout.SOCKADDR_IN_ADDRESS, bytes(address));
        return name;
    }

    /** The bytes of a numeric address. */
    static byte[] bytes(final String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (final UnknownHostException e) {
            throw new IllegalArgumentException(address + " is no address", e);
        }
    }
}
