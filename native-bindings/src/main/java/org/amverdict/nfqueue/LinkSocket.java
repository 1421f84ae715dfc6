package org.amverdict.nfqueue;

import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.LinkMessageView;

/**
 * Receives changes of the network interfaces in the network namespace of the thread that opens it (rtnetlink(7), group
 * RTMGRP_LINK). Needs no privilege. One thread, from opening to closing.
 */
public final class LinkSocket implements AutoCloseable {
    /** Messages were lost, so ask for all interfaces again. */
    public static final int LOST = -1;

    /** linux/netlink.h, linux/rtnetlink.h. */
    private static final int NETLINK_ROUTE = 0;

    private static final int RTMGRP_LINK = 1;
    private static final int DATAGRAMS = 8;
    /** The longest message of a dump. */
    private static final int DATAGRAM_BYTES = 32_768;

    private final LibC libC = NativeLibraries.libC();
    private final int fd;

    private LinkSocket(final int fd) {
        this.fd = fd;
    }

    /**
     * Joins the group.
     *
     * @throws NativeException if there is no rtnetlink, or no permission to use it
     */
    public static LinkSocket open() {
        final int fd = NativeLibraries.libC()
                .socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, NETLINK_ROUTE);
        if (fd < 0) {
            throw NativeLibraries.failure("open a netlink socket for interfaces", "");
        }
        final LinkSocket socket = new LinkSocket(fd);
        try {
            socket.join();
            new NetlinkSetup().connectToKernel(fd);
            return socket;
        } catch (final NativeException e) {
            socket.close();
            throw e;
        }
    }

    private void join() {
        final NativeMemory address = new NativeMemory(CLayout.SOCKADDR_NL_SIZE);
        address.bytes().setShortLE(CLayout.SOCKADDR_NL_FAMILY, CLayout.AF_NETLINK);
        address.bytes().setIntLE(CLayout.SOCKADDR_NL_GROUPS, RTMGRP_LINK);
        final int result = libC.bind(fd, address.address(), CLayout.SOCKADDR_NL_SIZE);
        address.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("subscribe to changes of interfaces", "");
        }
    }

    /** A batch of the right size for {@link #receive}. */
    public static ReceiveBatch batch() {
        return new ReceiveBatch(DATAGRAMS, DATAGRAM_BYTES);
    }

    /** Asks the kernel for every interface, followed by an end message. */
    public void ask() {
        final NativeMemory question = new NativeMemory(LinkMessageView.QUESTION_BYTES);
        LinkMessageView.writeQuestion(question.bytes());
        final long sent = libC.send(fd, question.address(), LinkMessageView.QUESTION_BYTES, 0);
        question.keepReachable();
        if (sent < 0) {
            throw NativeLibraries.failure("ask for the interfaces", "");
        }
    }

    /**
     * Waits for messages.
     *
     * @return how many datagrams the batch has, 0 after a signal, or {@link #LOST}
     * @throws NativeException if the socket is no longer usable
     */
    public int receive(final ReceiveBatch batch) {
        batch.received(0);
        final int received = libC.recvmmsg(fd, batch.headersAddress(), batch.capacity(), CLayout.MSG_WAITFORONE, 0);
        if (received >= 0) {
            batch.received(received);
            return received;
        }
        final int errno = NativeLibraries.errno();
        if (errno == Errno.ENOBUFS) {
            return LOST;
        }
        if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
            throw new NativeException("subscribe to changes of interfaces", errno, "");
        }
        return 0;
    }

    @Override
    public void close() {
        libC.close(fd);
    }
}
