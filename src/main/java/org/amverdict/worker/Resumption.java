package org.amverdict.worker;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.engine.PacketBatch;
import org.amverdict.nfqueue.KernelQueues;
import org.amverdict.nfqueue.KernelQueues.KernelQueue;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.SendBuffer;
import org.amverdict.nfqueue.netlink.NfqueueProtocol;
import org.amverdict.nfqueue.netlink.VerdictWriter;

/**
 * The first round of a queue whose socket came from a process before this one. That process may have died with packets
 * that it had read and not answered. The kernel holds them and never delivers them again, so they are dropped first.
 *
 * <p>Which ones these are, the socket itself says: the kernel numbers packets one by one and delivers them in order, so
 * every packet that is held and has a lower id than the first one to be read was read before. For the worker's thread.
 */
final class Resumption implements SocketKeeper.Resumed {
    /** Receives that bring no packet, only answers to the process before this one. */
    private static final int EMPTY_MAX = 64;
    /** A millisecond apart. */
    private static final int SENDS_MAX = 1_000;

    private final QueueSocket socket;
    private final NfqueueSource source;
    private final SendBuffer message = new SendBuffer(1);
    private long waited;
    private long dropped;

    Resumption(final QueueSocket socket, final NfqueueSource source) {
        this.socket = socket;
        this.source = source;
    }

    /**
     * Reads the first batch and drops what had been read before.
     *
     * @param batch filled, to be judged and answered as always
     * @return packets in it
     */
    int begin(final PacketBatch batch) {
        final Optional<KernelQueue> before = kernelQueue();
        int count = 0;
        for (int i = 0; i < EMPTY_MAX && count == 0 && source.received() != 0; i++) {
            // The kernel gives a packet its id and delivers it under one lock, but the list is read without that lock.
            count = source.receive(batch, 1);
        }
        if (count == 0 && before.isEmpty()) {
            return 0; // nothing is known of what is held
        }
        final int first = count > 0 ? batch.id(0) : (int) before.orElseThrow().lastId() + 1;
        final long held = before.map(KernelQueue::waiting).orElse(Long.MAX_VALUE);
        // As many as were not read are between the first id and the last, if none was lost.
        final long unread = before.map(queue -> queue.lastId() - Integer.toUnsignedLong(first) + 1 & 0xFFFF_FFFFL)
                .orElse(0L);
        waited = before.isEmpty() ? count : Math.min(held, unread);
        final boolean lost = before.isPresent() && before.get().userDropped() > 0;
        if (held > unread || (lost && held > 0)) {
            drop(first - 1, before);
        }
        return count;
    }

    private void drop(final int lastId, final Optional<KernelQueue> before) {
        message.writer().verdictBatch(socket.queue(), lastId, NfqueueProtocol.NF_DROP, VerdictWriter.NO_MARK);
        send();
        final Optional<KernelQueue> after = kernelQueue();
        if (before.isPresent() && after.isPresent()) {
            // Each packet since then has got an id, and is held unless it could not be delivered.
            final long came = after.get().lastId() - before.get().lastId() & 0xFFFF_FFFFL;
            final long undelivered = after.get().userDropped() - before.get().userDropped();
            dropped = Math.max(
                    0, before.get().waiting() + came - undelivered - after.get().waiting());
        }
    }

    /** Nothing may be answered before this is: the next batch verdict that accepts would cover these packets. */
    private void send() {
        for (int i = 0; i < SENDS_MAX; i++) {
            if (socket.send(message)) {
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        throw new IllegalStateException(
                "queue " + socket.queue() + ": the kernel takes no verdict; it is out of memory");
    }

    private Optional<KernelQueue> kernelQueue() {
        try {
            return KernelQueues.read().queue(socket.queue());
        } catch (final IOException e) {
            return Optional.empty(); // only root may read it
        }
    }

    @Override
    public long waited() {
        return waited;
    }

    @Override
    public long dropped() {
        return dropped;
    }
}
