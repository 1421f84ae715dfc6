package org.amverdict.nfqueue;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.NativeException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a queue could not be opened: the kernel says EPERM both to a process without the privilege and when
 * another process has the queue.
 */
final class OpenFailure {
    private OpenFailure() {}

    /** The exception for a step that has failed with {@code errno}; reads /proc of the calling thread. */
    static NativeException of(final String step, final int queue, final int errno) {
        KernelQueues queues = null;
        boolean hasNfqueue = true;
        try {
            queues = KernelQueues.read();
        } catch (final NoSuchFileException e) {
            hasNfqueue = false;
        } catch (final IOException e) {
            // not root: no list, and the hint says so
        }
        return new NativeException(
                step + " " + queue, errno, hint(queue, errno, Capabilities.hasNetAdmin(), hasNfqueue, queues));
    }

    static String hint(
            final int queue,
            final int errno,
            final boolean netAdmin,
            final boolean hasNfqueue,
            final @Nullable KernelQueues queues) {
        if (errno == Errno.EPERM && !netAdmin) {
            return "this process lacks CAP_NET_ADMIN; run as root, or with AmbientCapabilities=CAP_NET_ADMIN in the"
                    + " systemd unit, or under sudo";
        }
        if (errno == Errno.EPROTONOSUPPORT || errno == Errno.EAFNOSUPPORT || !hasNfqueue) {
            return "this kernel has no NFQUEUE; load it with: modprobe nfnetlink_queue (CONFIG_NETFILTER_NETLINK_QUEUE)";
        }
        if (errno == Errno.EOPNOTSUPP) {
            return "this kernel lacks a flag of the queue: fail-open needs Linux 3.6, unsegmented packets 3.10; open it"
                    + " without, or take a newer kernel";
        }
        if (errno == Errno.EPERM || errno == Errno.EBUSY) {
            return taken(queue, queues);
        }
        return "";
    }

    private static String taken(final int queue, final @Nullable KernelQueues queues) {
        if (queues == null) {
            return "queue " + queue + " probably belongs to another process; see the owner's port id as root in"
                    + " /proc/net/netfilter/nfnetlink_queue";
        }
        final Optional<KernelQueues.KernelQueue> owner = queues.queue(queue);
        if (owner.isPresent()) {
            final long portId = owner.get().portId();
            return "queue " + queue + " is owned by netlink port id " + portId
                    + ", often the process id of its owner (ss -fp netlink shows it); stop that process or choose another"
                    + " queue";
        }
        return "CAP_NET_ADMIN is held, but not in the user namespace that owns this network namespace; open the queue"
                + " from within that namespace";
    }
}
