package org.amverdict.nfqueue;

import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.ConntrackEventView;
import org.amverdict.nfqueue.netlink.ConntrackFilter;
import org.amverdict.nfqueue.netlink.ConntrackProtocol;

/**
 * The events of the kernel's connection tracking in the network namespace of the thread that opens it: changes and ends
 * of connections (NFNLGRP_CONNTRACK_UPDATE, _DESTROY), except those that {@link ConntrackFilter} keeps back. One thread
 * receives and asks; any thread may call {@link #close}, which takes effect within the timeout of a receive under way.
 * Receive and ask allocate nothing.
 */
public final class ConntrackSocket implements AutoCloseable {
    private static final int RECEIVE_ATTEMPTS = 8;
    private static final int CLOSED = -1;
    /** struct sock_fprog, linux/filter.h: the number of instructions, and where they are. */
    private static final int PROGRAM_HEADER_BYTES = 16;

    private static final int PROGRAM_POINTER = 8;

    private final LibC libC = NativeLibraries.libC();
    private final NetlinkSetup setup = new NetlinkSetup();
    private final NativeMemory query = new NativeMemory(ConntrackEventView.QUERY_MAX_BYTES);
    private int timeoutMillis;
    private int sequence;
    private final Object guard = new Object();
    /** Both guarded: the thread that uses the descriptor closes it. */
    private int fd;

    private boolean inUse;

    private volatile boolean closing;
    // Written by the receiving thread alone, read by anyone: an increment need not be atomic.
    private volatile long overruns;

    private ConntrackSocket(final int fd) {
        this.fd = fd;
    }

    /**
     * Joins the groups. From then on the kernel makes a message for each change of each connection that begins later
     * (nf_conntrack_events 1 or 2), at a cost of some 2 us of one processor.
     *
     * @param receiveBufferBytes to ask for; the kernel doubles the figure
     * @throws NativeException without CAP_NET_ADMIN, or if there is no nfnetlink
     */
    public static ConntrackSocket open(final int receiveBufferBytes) {
        final int fd = NativeLibraries.libC()
                .socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, CLayout.NETLINK_NETFILTER);
        if (fd < 0) {
            throw NativeLibraries.failure("open a netlink socket", "");
        }
        final ConntrackSocket socket = new ConntrackSocket(fd);
        try {
            socket.setup.receiveBuffer(fd, receiveBufferBytes);
            socket.filter();
            socket.setup.join(
                    fd,
                    (1 << (ConntrackProtocol.NFNLGRP_CONNTRACK_UPDATE - 1))
                            | (1 << (ConntrackProtocol.NFNLGRP_CONNTRACK_DESTROY - 1)));
            socket.setup.connectToKernel(fd);
            return socket;
        } catch (final NativeException e) {
            socket.close();
            throw e;
        }
    }

    private void filter() {
        final int instructions = ConntrackFilter.length();
        final NativeMemory program =
                new NativeMemory(PROGRAM_HEADER_BYTES + instructions * ConntrackFilter.INSTRUCTION_BYTES);
        program.bytes().setShortLE(0, instructions);
        program.bytes().setLongLE(PROGRAM_POINTER, program.address() + PROGRAM_HEADER_BYTES);
        ConntrackFilter.write(program.bytes(), PROGRAM_HEADER_BYTES);
        final int result = libC.setsockopt(
                fd, CLayout.SOL_SOCKET, CLayout.SO_ATTACH_FILTER, program.address(), PROGRAM_HEADER_BYTES);
        program.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("attach a filter to a netlink socket", "");
        }
    }

    /**
     * Reads what has arrived, as much as the batch holds.
     *
     * @param batch filled; the old contents are overwritten
     * @param timeoutMillis how long to wait for the first message, at least 1; keep it the same from call to call
     * @return messages received; 0 if none came in time, or if the socket is closed
     * @throws NativeException for any error but EAGAIN, EINTR (tried again) and ENOBUFS (counted, tried again)
     */
    public int receive(final ReceiveBatch batch, final int timeoutMillis) {
        batch.received(0);
        if (!enter()) {
            return 0;
        }
        try {
            if (timeoutMillis != this.timeoutMillis) {
                setup.receiveTimeout(fd, timeoutMillis);
                this.timeoutMillis = timeoutMillis;
            }
            for (int attempt = 0; attempt < RECEIVE_ATTEMPTS; attempt++) {
                final int received =
                        libC.recvmmsg(fd, batch.headersAddress(), batch.capacity(), CLayout.MSG_WAITFORONE, 0);
                if (received >= 0) {
                    batch.received(received);
                    return received;
                }
                final int errno = NativeLibraries.errno();
                if (errno == Errno.EAGAIN) {
                    return 0;
                }
                if (errno == Errno.ENOBUFS) {
                    final long before = overruns;
                    overruns = before + 1;
                } else if (errno != Errno.EINTR) {
                    throw new NativeException("receive from conntrack", errno, "");
                }
            }
            return 0;
        } finally {
            leave();
        }
    }

    /**
     * Asks the kernel for the current state of the event's connection; the answer is among the messages of the next
     * receive. Only the answer is lost if the kernel has no room for it or has forgotten the connection.
     */
    public void ask(final ConntrackEventView event) {
        sequence = sequence == Integer.MAX_VALUE ? 1 : sequence + 1;
        final int length = event.writeQuery(query.bytes(), sequence);
        if (length == 0 || !enter()) {
            return;
        }
        try {
            libC.send(fd, query.address(), length, CLayout.MSG_DONTWAIT);
            query.keepReachable();
        } finally {
            leave();
        }
    }

    /** How often the receive buffer was full, so that events were lost (ENOBUFS). Any thread. */
    public long overruns() {
        return overruns;
    }

    /** Leaves the groups, at once or when the current call ends. Idempotent; any thread. */
    @Override
    public void close() {
        closing = true;
        synchronized (guard) {
            if (!inUse) {
                release();
            }
        }
    }

    private boolean enter() {
        synchronized (guard) {
            inUse = !closing;
            return inUse;
        }
    }

    private void leave() {
        synchronized (guard) {
            inUse = false;
            if (closing) {
                release();
            }
        }
    }

    private void release() {
        if (fd != CLOSED) {
            libC.close(fd);
            fd = CLOSED;
        }
    }
}
