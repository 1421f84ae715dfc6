package org.amverdict.nfqueue;

import java.io.IOException;
import java.util.Optional;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.LibC;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.ConfigWriter;

/**
 * The socket of a queue that another process bound, which came through the service manager or from that process itself.
 * It has been checked, and nothing has been read from it. One thread.
 */
public final class InheritedSocket {
    private static final String PREFIX = "queue-";

    private final int descriptor;
    private final int queue;

    private InheritedSocket(final int descriptor, final int queue) {
        this.descriptor = descriptor;
        this.queue = queue;
    }

    /** The name under which the socket of a queue is handed on. */
    public static String nameOf(final int queue) {
        return PREFIX + queue;
    }

    /**
     * Checks a descriptor: a netlink socket of nfnetlink, in the network namespace of the calling thread, to which the
     * kernel has bound the queue of that name.
     *
     * @param name as {@link #nameOf} makes it
     * @throws NativeException if it is not; the message says what it is instead. The descriptor stays open
     */
    public static InheritedSocket of(final String name, final int descriptor) {
        final NetlinkSetup setup = new NetlinkSetup();
        final String what = "take over descriptor " + descriptor + " named '" + name + "'";
        final int queue = numberIn(name);
        if (queue < 0) {
            throw new NativeException(what, 0, "the name is not " + PREFIX + "NUMBER");
        }
        final long domain = setup.option(descriptor, CLayout.SO_DOMAIN);
        if (domain < 0) {
            throw NativeLibraries.failure(what, "");
        }
        if (domain != CLayout.AF_NETLINK
                || setup.option(descriptor, CLayout.SO_PROTOCOL) != CLayout.NETLINK_NETFILTER) {
            throw new NativeException(what, 0, "it is not a netlink socket of netfilter");
        }
        if (cookieOf(setup, descriptor) != ownCookie(setup)) {
            throw new NativeException(what, 0, "it belongs to another network namespace");
        }
        final long portId = Integer.toUnsignedLong(setup.portId(descriptor));
        final Optional<KernelQueues.KernelQueue> bound = bound(queue);
        if (bound.isPresent() && bound.get().portId() != portId) {
            throw new NativeException(
                    what,
                    0,
                    "the kernel has bound the queue to another socket, with port id "
                            + bound.get().portId());
        }
        return new InheritedSocket(descriptor, queue);
    }

    /** -1 if it is no such name. */
    private static int numberIn(final String name) {
        if (!name.matches(PREFIX + "[0-9]{1,5}")) {
            return -1;
        }
        final int number = Integer.parseInt(name.substring(PREFIX.length()));
        return number > QueueSettings.QUEUE_MAX ? -1 : number;
    }

    /** Linux 5.14; on an older one every namespace looks the same, and the list of queues tells them apart. */
    private static long cookieOf(final NetlinkSetup setup, final int descriptor) {
        return setup.option(descriptor, CLayout.SO_NETNS_COOKIE);
    }

    private static long ownCookie(final NetlinkSetup setup) {
        final LibC libC = NativeLibraries.libC();
        final int fd =
                libC.socket(CLayout.AF_NETLINK, CLayout.SOCK_RAW | CLayout.SOCK_CLOEXEC, CLayout.NETLINK_NETFILTER);
        if (fd < 0) {
            throw NativeLibraries.failure("open a netlink socket", "");
        }
        try {
            return cookieOf(setup, fd);
        } finally {
            libC.close(fd);
        }
    }

    private static Optional<KernelQueues.KernelQueue> bound(final int queue) {
        final KernelQueues queues;
        try {
            queues = KernelQueues.read();
        } catch (final IOException e) {
            return Optional.empty(); // only root may read it
        }
        final Optional<KernelQueues.KernelQueue> bound = queues.queue(queue);
        if (bound.isEmpty()) {
            throw new NativeException("take over queue " + queue, 0, "the kernel has bound it to no socket");
        }
        return bound;
    }

    /** Queue number. */
    public int queue() {
        return queue;
    }

    int descriptor() {
        return descriptor;
    }

    /** Closes it and leaves the queue to the other processes that have it. */
    public void close() {
        close(descriptor);
    }

    /** Closes any descriptor that came from outside. */
    public static void close(final int descriptor) {
        NativeLibraries.libC().close(descriptor);
    }

    /** Unbinds the queue, whichever processes have its socket, and closes it here; the kernel drops what it holds. */
    public void unbind() {
        final NativeMemory message = new NativeMemory(ConfigWriter.MESSAGE_MAX_BYTES);
        final int length = new ConfigWriter(message.bytes()).unbind(queue);
        NativeLibraries.libC().send(descriptor, message.address(), length, CLayout.MSG_DONTWAIT);
        message.keepReachable();
        close();
    }
}
