package org.amverdict.nfqueue.ffi;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of an AF_UNIX connection that keeps message boundaries (SOCK_SEQPACKET, unix(7)). A message is a short text
 * and perhaps one descriptor, which no JDK can send. One thread at a time.
 */
public final class UnixChannel implements AutoCloseable {
    /** Longest text, bytes of UTF-8; the rest is cut off. */
    public static final int TEXT_MAX_BYTES = 4096;

    private static final int BACKLOG = 1;

    private final LibC libC = NativeLibraries.libC();
    private final DescriptorMessage message = new DescriptorMessage(TEXT_MAX_BYTES);
    private int fd;

    private UnixChannel(final int fd) {
        this.fd = fd;
    }

    private static UnixChannel create() {
        final int fd = NativeLibraries.libC().socket(CLayout.AF_UNIX, CLayout.SOCK_SEQPACKET | CLayout.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw NativeLibraries.failure("open a unix socket", "");
        }
        return new UnixChannel(fd);
    }

    /**
     * Listens; {@link #accept} then waits for the other end.
     *
     * @param address a path, or {@code @} and an abstract name
     */
    public static UnixChannel listen(final String address) {
        final UnixChannel channel = create();
        if (!new UnixAddress("the socket", address).bind(channel.fd) || channel.libC.listen(channel.fd, BACKLOG) != 0) {
            final NativeException failure = NativeLibraries.failure("listen at " + address, "");
            channel.close();
            throw failure;
        }
        return channel;
    }

    /** Connects to a process that listens. */
    public static UnixChannel connect(final String address) {
        final UnixChannel channel = create();
        if (!new UnixAddress("the socket", address).connect(channel.fd)) {
            final NativeException failure = NativeLibraries.failure("connect to " + address, "");
            channel.close();
            throw failure;
        }
        return channel;
    }

    /** The first connection to this end, which listens; null if none comes in time. */
    public @Nullable UnixChannel accept(final int timeoutMillis) {
        if (!await(timeoutMillis)) {
            return null;
        }
        final int accepted = libC.accept4(fd, 0, 0, CLayout.SOCK_CLOEXEC);
        if (accepted < 0) {
            throw NativeLibraries.failure("accept a connection", "");
        }
        return new UnixChannel(accepted);
    }

    /**
     * Sends a text.
     *
     * @throws NativeException if the other end is closed
     */
    public void send(final String text) {
        send(text, DescriptorMessage.NONE);
    }

    /**
     * Sends a text and a descriptor, which stays open here.
     *
     * @throws NativeException if the other end is closed
     */
    public void send(final String text, final int descriptor) {
        if (!message.send(fd, text, descriptor)) {
            throw NativeLibraries.failure("send to the other process", "");
        }
    }

    /**
     * The next message.
     *
     * @return null if none comes in time; "" if the other end is closed. {@link #descriptor} says what came along
     */
    public @Nullable String receive(final int timeoutMillis) {
        if (!await(timeoutMillis)) {
            return null;
        }
        final int length = message.receive(fd);
        return length <= 0 ? "" : message.text(length);
    }

    /** The descriptor that came with the last message, and belongs to the caller; -1 if none did. */
    public int descriptor() {
        return message.descriptor();
    }

    /** The user of the process at the other end, when it connected or began to listen. */
    public int peerUser() {
        final NativeMemory credentials = new NativeMemory(CLayout.UCRED_SIZE);
        final NativeMemory length = new NativeMemory(Integer.BYTES);
        length.bytes().setIntLE(0, CLayout.UCRED_SIZE);
        final int result =
                libC.getsockopt(fd, CLayout.SOL_SOCKET, CLayout.SO_PEERCRED, credentials.address(), length.address());
        credentials.keepReachable();
        length.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure("ask for the user at the other end", "");
        }
        return credentials.bytes().getIntLE(CLayout.UCRED_UID);
    }

    private boolean await(final int timeoutMillis) {
        final NativeMemory waiting = new NativeMemory(CLayout.POLLFD_SIZE);
        waiting.bytes().setIntLE(CLayout.POLLFD_FD, fd);
        waiting.bytes().setShortLE(CLayout.POLLFD_EVENTS, CLayout.POLLIN);
        final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (true) {
            final long leftNanos = endNanos - System.nanoTime();
            final int left = (int) TimeUnit.NANOSECONDS.toMillis(Math.max(0, leftNanos + 999_999));
            final int ready = libC.poll(waiting.address(), 1, left);
            waiting.keepReachable();
            if (ready > 0) {
                return true;
            }
            if (ready == 0 || NativeLibraries.errno() != Errno.EINTR) {
                return false;
            }
        }
    }

    /** Closes this end. Idempotent. */
    @Override
    public void close() {
        if (fd >= 0) {
            libC.close(fd);
            fd = -1;
        }
    }
}
