package org.amverdict.nfqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** A NETLINK_USERSOCK socket, which needs no privilege, that sends to another one of this process. */
final class NetlinkPeer implements AutoCloseable {
    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory memory = new NativeMemory(4096);
    private final int fd;

    /** Opens the receiving side and binds it to a port id of the kernel's choice. */
    static int openReceiver() {
        final int fd = NativeLibraries.libC()
                .socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, CLayout.NETLINK_USERSOCK);
        assertTrue(fd >= 0);
        final NativeMemory address = address(0);
        assertEquals(0, NativeLibraries.libC().bind(fd, address.address(), CLayout.SOCKADDR_NL_SIZE));
        address.keepReachable();
        return fd;
    }

    /** Connects a sender to the receiver with this descriptor. */
    NetlinkPeer(final int receiver) {
        fd = connectedTo(receiver);
    }

    static int connectedTo(final int receiver) {
        final int fd = openReceiver();
        final NativeMemory address = address(portId(receiver));
        assertEquals(0, NativeLibraries.libC().connect(fd, address.address(), CLayout.SOCKADDR_NL_SIZE));
        address.keepReachable();
        return fd;
    }

    void send(final int length) {
        memory.bytes().setIntLE(0, length);
        assertEquals(length, libC.send(fd, memory.address(), length, CLayout.MSG_DONTWAIT));
        memory.keepReachable();
    }

    /** The errno with which a datagram is refused. */
    int refusal(final int length) {
        assertEquals(-1, libC.send(fd, memory.address(), length, CLayout.MSG_DONTWAIT));
        memory.keepReachable();
        return NativeLibraries.errno();
    }

    @Override
    public void close() {
        libC.close(fd);
    }

    private static NativeMemory address(final int portId) {
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_NL_SIZE);
        address.bytes().setShortLE(CLayout.SOCKADDR_NL_FAMILY, CLayout.AF_NETLINK);
        address.bytes().setIntLE(CLayout.SOCKADDR_NL_PID, portId);
        return address;
    }

    private static int portId(final int fd) {
        final NativeMemory name = new NativeMemory(CLayout.SOCKADDR_NL_SIZE + 4);
        name.bytes().setIntLE(CLayout.SOCKADDR_NL_SIZE, CLayout.SOCKADDR_NL_SIZE);
        assertEquals(
                0, NativeLibraries.libC().getsockname(fd, name.address(), name.address() + CLayout.SOCKADDR_NL_SIZE));
        name.keepReachable();
        return name.bytes().getIntLE(CLayout.SOCKADDR_NL_PID);
    }
}
