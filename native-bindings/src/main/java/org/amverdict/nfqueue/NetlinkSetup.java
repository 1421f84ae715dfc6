package org.amverdict.nfqueue;

import io.netty.buffer.ByteBuf;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;

/** Options and addresses of a netlink socket, with the memory they travel in. One thread; allocates nothing later. */
final class NetlinkSetup {
    private static final int SCRATCH_BYTES = 32;
    private static final int LENGTH_AT = 16;
    private static final int MILLIS = 1000;

    private final LibC libC = NativeLibraries.libC();
    private final NativeMemory scratch = new NativeMemory(SCRATCH_BYTES);
    private final ByteBuf bytes = scratch.bytes();

    /** How long a receive waits for the first datagram; 0 means forever. */
    void receiveTimeout(final int fd, final int millis) {
        bytes.setLongLE(CLayout.TIMEVAL_SEC, millis / MILLIS);
        bytes.setLongLE(CLayout.TIMEVAL_USEC, (long) (millis % MILLIS) * MILLIS);
        if (!setOption(fd, CLayout.SO_RCVTIMEO, CLayout.TIMEVAL_SIZE)) {
            throw NativeLibraries.failure("set the receive timeout to " + millis + " ms", "");
        }
    }

    /** Asks for a receive buffer and returns its actual size, as the kernel counts it (twice the requested size). */
    int receiveBuffer(final int fd, final int wanted) {
        bytes.setIntLE(0, wanted);
        // The forced form needs CAP_NET_ADMIN in the initial user namespace; the plain one is cut to rmem_max.
        if (!setOption(fd, CLayout.SO_RCVBUFFORCE, Integer.BYTES)) {
            setOption(fd, CLayout.SO_RCVBUF, Integer.BYTES);
        }
        bytes.setIntLE(LENGTH_AT, Integer.BYTES);
        final int result = libC.getsockopt(
                fd, CLayout.SOL_SOCKET, CLayout.SO_RCVBUF, scratch.address(), scratch.address() + LENGTH_AT);
        scratch.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("read the receive buffer size", "");
        }
        return bytes.getIntLE(0);
    }

    /** Saves the kernel the look-up of the destination, and makes it refuse messages from other processes. */
    void connectToKernel(final int fd) {
        bytes.setZero(0, CLayout.SOCKADDR_NL_SIZE);
        bytes.setShortLE(CLayout.SOCKADDR_NL_FAMILY, CLayout.AF_NETLINK);
        final int result = libC.connect(fd, scratch.address(), CLayout.SOCKADDR_NL_SIZE);
        scratch.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("connect to the kernel", "");
        }
    }

    /** Binds the socket to multicast groups, a bit for each of the first 32. */
    void join(final int fd, final int groups) {
        bytes.setZero(0, CLayout.SOCKADDR_NL_SIZE);
        bytes.setShortLE(CLayout.SOCKADDR_NL_FAMILY, CLayout.AF_NETLINK);
        bytes.setIntLE(CLayout.SOCKADDR_NL_GROUPS, groups);
        final int result = libC.bind(fd, scratch.address(), CLayout.SOCKADDR_NL_SIZE);
        scratch.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("join the groups of conntrack", "needs CAP_NET_ADMIN");
        }
    }

    /** The port id the kernel gave the socket. */
    int portId(final int fd) {
        bytes.setIntLE(LENGTH_AT, CLayout.SOCKADDR_NL_SIZE);
        final int result = libC.getsockname(fd, scratch.address(), scratch.address() + LENGTH_AT);
        scratch.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("read the netlink port id", "");
        }
        return bytes.getIntLE(CLayout.SOCKADDR_NL_PID);
    }

    /**
     * A number that the kernel knows about a socket, eight bytes at most.
     *
     * @return -1, with errno set, if there is no such option
     */
    long option(final int fd, final int name) {
        bytes.setLongLE(0, 0);
        bytes.setIntLE(LENGTH_AT, Long.BYTES);
        final int result =
                libC.getsockopt(fd, CLayout.SOL_SOCKET, name, scratch.address(), scratch.address() + LENGTH_AT);
        scratch.keepReachable();
        return result == 0 ? bytes.getLongLE(0) : -1;
    }

    private boolean setOption(final int fd, final int name, final int length) {
        final int result = libC.setsockopt(fd, CLayout.SOL_SOCKET, name, scratch.address(), length);
        scratch.keepReachable();
        return result == 0;
    }
}
