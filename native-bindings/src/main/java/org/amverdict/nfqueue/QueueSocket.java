package org.amverdict.nfqueue;

import java.util.Locale;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.LibNetfilterQueue;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.ConfigWriter;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;

/**
 * One NFQUEUE queue: opened through libnetfilter_queue, then read and answered with plain system calls.
 *
 * <p>One thread opens, receives, sends and closes; the network namespace is that thread's. Counters and the facts fixed
 * at opening may be read from any thread. Receive and send allocate nothing.
 *
 * <p>An orderly stop: {@link #stopTaking()}; receive without waiting and answer until 0 comes back; {@link #close()}.
 * Packets still held at the close are dropped by the kernel.
 */
public final class QueueSocket implements AutoCloseable {
    private static final int RECEIVE_ATTEMPTS = 8;
    private static final int SEND_ATTEMPTS = 8;
    private static final int TIMEOUT_MAX_MILLIS = 60_000;
    private static final int CLOSE_WAIT_MILLIS = 1000;
    private static final int FOREIGN_BATCH = 16;
    private static final int CLOSED = -1;

    private final LibC libC;
    private final NativeMemory message = new NativeMemory(ConfigWriter.MESSAGE_MAX_BYTES);
    private final ConfigWriter config = new ConfigWriter(message.bytes());
    private final NetlinkSetup setup = new NetlinkSetup();
    private final int queue;
    private long handle;
    private long queueHandle;
    private int fd;
    private int timeoutMillis;
    private int portId;
    private int effectiveReceiveBufferBytes;
    private long foreignDatagrams;
    private boolean kept;

    // Written by the worker alone, read by anyone: an increment need not be atomic.
    private volatile long overruns;

    private QueueSocket(final int queue, final int fd, final LibC libC) {
        this.queue = queue;
        this.fd = fd;
        this.libC = libC;
    }

    /**
     * Binds a queue in the network namespace of the calling thread. The kernel holds packets for it from the moment
     * this returns, so warm up everything first.
     *
     * @throws NativeException if a library, the kernel's NFQUEUE or CAP_NET_ADMIN is missing, or the queue is taken;
     *     the message says which and what to do
     */
    public static QueueSocket open(final QueueSettings settings) {
        final QueueSocket socket = new QueueSocket(settings.queue(), CLOSED, NativeLibraries.libC());
        try {
            socket.bind(settings);
            return socket;
        } catch (final NativeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * The receive buffer that a queue of this process would get, without opening one: the kernel counts it on a socket
     * that is bound to nothing and closed at once.
     *
     * @param wantedBytes as {@link QueueSettings#receiveBufferBytes()}
     * @return as {@link #effectiveReceiveBufferBytes()}
     * @throws NativeException if there is no netlink, or a library is missing
     */
    public static int grantedReceiveBuffer(final int wantedBytes) {
        final LibC libC = NativeLibraries.libC();
        final int fd = libC.socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW, CLayout.NETLINK_NETFILTER);
        if (fd < 0) {
            throw NativeLibraries.failure("open a netlink socket", "");
        }
        try {
            return new NetlinkSetup().receiveBuffer(fd, wantedBytes);
        } finally {
            libC.close(fd);
        }
    }

    /**
     * Continues a queue that another process bound, with its socket: what the kernel holds for it is still there, and
     * what was not read can be read. The settings are put into force. The queue is unbound when every process has closed
     * the socket.
     *
     * @param inherited taken over, so closing this closes it
     * @throws NativeException if the socket is not that queue's any more
     */
    public static QueueSocket inherit(final QueueSettings settings, final InheritedSocket inherited) {
        final QueueSocket socket = new QueueSocket(settings.queue(), inherited.descriptor(), NativeLibraries.libC());
        try {
            socket.configure(settings);
            return socket;
        } catch (final NativeException e) {
            socket.close();
            throw e;
        }
    }

    /** Without libnetfilter_queue, which would discard the packets that wait before the kernel's answer. */
    private void configure(final QueueSettings settings) {
        sendConfig(config.flags(queue, flags(settings)));
        sendConfig(config.maxLength(queue, settings.kernelLength()));
        effectiveReceiveBufferBytes = setup.receiveBuffer(fd, settings.receiveBufferBytes());
        portId = setup.portId(fd);
        sendMode(settings);
    }

    /** Any socket that keeps message boundaries, in place of a queue's, as queue 0. */
    static QueueSocket ofDescriptor(final int fd) {
        return ofDescriptor(fd, NativeLibraries.libC());
    }

    /** As {@link #ofDescriptor(int)}, with other system calls. */
    static QueueSocket ofDescriptor(final int fd, final LibC libC) {
        return new QueueSocket(0, fd, libC);
    }

    private void bind(final QueueSettings settings) {
        final LibNetfilterQueue library = NativeLibraries.libNetfilterQueue();
        handle = library.nfq_open();
        if (handle == 0) {
            throw OpenFailure.of("open netlink for queue", queue, NativeLibraries.errno());
        }
        fd = library.nfq_fd(handle);
        queueHandle = library.nfq_create_queue(handle, queue, 0, 0);
        if (queueHandle == 0) {
            throw OpenFailure.of("bind queue", queue, NativeLibraries.errno());
        }
        if (library.nfq_set_queue_flags(queueHandle, ConfigWriter.FLAGS, flags(settings)) < 0) {
            throw OpenFailure.of("set flags of queue", queue, NativeLibraries.errno());
        }
        if (library.nfq_set_queue_maxlen(queueHandle, settings.kernelLength()) < 0) {
            throw OpenFailure.of("set length of queue", queue, NativeLibraries.errno());
        }
        effectiveReceiveBufferBytes = setup.receiveBuffer(fd, settings.receiveBufferBytes());
        hearTheKernelOnly();
        portId = setup.portId(fd);
        // Last, and not through nfq_set_mode: that reads the socket until its acknowledgment and discards the packets
        // before it, or fails on them. The kernel keeps holding them, and the first batch verdict would accept them
        // unseen (QueueSocketIT.shouldOpenUnderLoadWithoutLosingAPacket fails with it within seconds).
        sendMode(settings);
    }

    private static int flags(final QueueSettings settings) {
        return (settings.failOpen() ? NfqueueProtocol.FLAG_FAIL_OPEN : 0)
                | (settings.gso() ? NfqueueProtocol.FLAG_GSO : 0);
    }

    private void sendMode(final QueueSettings settings) {
        final boolean payload = settings.copyRangeBytes() > 0;
        sendConfig(config.mode(
                queue, payload ? NfqueueProtocol.COPY_PACKET : NfqueueProtocol.COPY_META, settings.copyRangeBytes()));
    }

    /**
     * Reads what has arrived, as much as the batch holds.
     *
     * @param batch filled; the old contents are overwritten
     * @param timeoutMillis how long to wait for the first datagram, at most 60,000; 0: do not wait. Keep it the same
     *     from call to call, a change costs a system call
     * @return datagrams received; 0 if none came in time
     * @throws NativeException for any error but EAGAIN, EINTR (tried again) and ENOBUFS (counted, tried again)
     */
    public int receive(final ReceiveBatch batch, final int timeoutMillis) {
        batch.received(0);
        final int flags;
        if (timeoutMillis > 0) {
            waitAtMost(Math.min(timeoutMillis, TIMEOUT_MAX_MILLIS));
            flags = CLayout.MSG_WAITFORONE;
        } else {
            flags = CLayout.MSG_DONTWAIT;
        }
        for (int attempt = 0; attempt < RECEIVE_ATTEMPTS; attempt++) {
            final int received = libC.recvmmsg(fd, batch.headersAddress(), batch.capacity(), flags, 0);
            if (received >= 0) {
                batch.received(received);
                return received;
            }
            final int errno = NativeLibraries.errno();
            if (errno == Errno.EAGAIN) {
                return 0;
            }
            if (errno == Errno.ENOBUFS) {
                countOverrun();
            } else if (errno != Errno.EINTR) {
                throw new NativeException("receive from queue " + queue, errno, "");
            }
        }
        return 0;
    }

    /**
     * Sends the messages in the buffer and empties it; nothing if it is empty. The kernel has applied them when this
     * returns true.
     *
     * @return false if the kernel has no memory for them now, or took only a part: the buffer keeps its messages, and
     *     they may all be sent again, since a verdict on an answered packet changes nothing
     * @throws NativeException for any other error, such as a closed socket
     */
    public boolean send(final SendBuffer buffer) {
        final int length = buffer.writer().length();
        if (length > 0) {
            final int errno = attempt(buffer.memory().address(), length);
            buffer.memory().keepReachable();
            if (errno != 0) {
                return false;
            }
            buffer.writer().begin();
        }
        return true;
    }

    /**
     * Sends netlink messages to the kernel; the caller keeps the memory alive.
     *
     * @throws NativeException if the socket is closed, or the kernel has run out of memory eight times in a row
     */
    public void send(final long address, final int length) {
        final int errno = attempt(address, length);
        if (errno != 0) {
            throw new NativeException("send to queue " + queue, errno, "");
        }
    }

    /** @return 0, or the passing error that the last of some attempts met */
    private int attempt(final long address, final int length) {
        int errno = 0;
        for (int attempt = 0; attempt < SEND_ATTEMPTS; attempt++) {
            final long sent = libC.send(fd, address, length, 0);
            if (sent == length) {
                return 0;
            }
            // A netlink socket sends all or nothing; less than all would be no error and must not count as sent.
            errno = sent >= 0 ? Errno.EAGAIN : NativeLibraries.errno();
            if (errno != Errno.EINTR && errno != Errno.ENOBUFS && errno != Errno.EAGAIN && errno != Errno.ENOMEM) {
                throw new NativeException("send to queue " + queue, errno, "");
            }
            Thread.onSpinWait();
        }
        return errno;
    }

    /**
     * Stops the kernel from taking more packets; those it holds can still be received and answered. New packets are
     * dropped and counted as queue_dropped, or pass if the queue fails open, until {@link #close()}; then a rule's
     * {@code --queue-bypass} decides.
     */
    public void stopTaking() {
        sendConfig(config.maxLength(queue, 0));
    }

    /** From now on another process has the socket as well, so {@link #close} leaves the queue bound. */
    public void keepBound() {
        kept = true;
    }

    /** The socket, to hand it to another process. It belongs to this object. */
    public int descriptor() {
        return fd;
    }

    /** Unbinds the queue, unless it is kept, and closes the socket; packets still held are dropped. Idempotent. */
    @Override
    public void close() {
        if (fd != CLOSED && handle == 0) {
            libC.close(fd);
        }
        if (handle != 0) {
            final LibNetfilterQueue library = NativeLibraries.libNetfilterQueue();
            if (queueHandle != 0 && !kept) {
                // This waits for the kernel's answer, which is lost if the receive buffer is full.
                setup.receiveTimeout(fd, CLOSE_WAIT_MILLIS);
                library.nfq_destroy_queue(queueHandle);
            }
            library.nfq_close(handle);
        }
        queueHandle = 0;
        handle = 0;
        fd = CLOSED;
    }

    /** Queue number. */
    public int queue() {
        return queue;
    }

    /** Netlink port id the queue is bound to, unsigned; the second column of /proc/net/netfilter/nfnetlink_queue. */
    public int portId() {
        return portId;
    }

    /**
     * Size of the receive buffer as the kernel counts it: twice the requested size, or less if this process may not
     * exceed net.core.rmem_max.
     */
    public int effectiveReceiveBufferBytes() {
        return effectiveReceiveBufferBytes;
    }

    /** How often the receive buffer was full and packets were lost or, failing open, passed unseen (ENOBUFS). */
    public long overruns() {
        return overruns;
    }

    /** Datagrams that other processes sent before the socket was connected; none come later. */
    public long foreignDatagrams() {
        return foreignDatagrams;
    }

    /**
     * Connects the socket to the kernel, which then refuses messages from other processes (ECONNREFUSED), and discards
     * what they sent before: no packet has been delivered yet, so everything in the buffer is theirs. From here on, the
     * sender of a datagram needs no check.
     */
    void hearTheKernelOnly() {
        setup.connectToKernel(fd);
        final ReceiveBatch foreign = new ReceiveBatch(FOREIGN_BATCH, 1);
        // Ends when the receive buffer is empty, since nothing can be added.
        while (receive(foreign, 0) > 0) {
            foreignDatagrams += foreign.count();
        }
    }

    private void countOverrun() {
        final long before = overruns;
        overruns = before + 1;
    }

    private void sendConfig(final int length) {
        send(message.address(), length);
        message.keepReachable();
    }

    private void waitAtMost(final int millis) {
        if (millis != timeoutMillis) {
            setup.receiveTimeout(fd, millis);
            timeoutMillis = millis;
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "queue %d, port id %s", queue, Integer.toUnsignedString(portId));
    }
}
