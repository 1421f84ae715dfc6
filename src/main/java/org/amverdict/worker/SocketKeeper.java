package org.amverdict.worker;

import org.amverdict.nfqueue.InheritedSocket;
import org.amverdict.nfqueue.QueueSocket;
import org.jspecify.annotations.Nullable;

/** Has the sockets of queues outlive this process. Called by the thread of each queue's worker. */
public interface SocketKeeper {
    /** Every queue is bound by this process and unbound at its end. */
    SocketKeeper NONE = new SocketKeeper() {
        @Override
        public @Nullable InheritedSocket inherited(final int queue) {
            return null;
        }

        @Override
        public boolean keep(final QueueSocket socket) {
            return false;
        }

        @Override
        public void resumed(final int queue, final Resumed resumed) {
            throw new IllegalStateException("nothing was inherited");
        }
    };

    /** The socket with which a process before this one bound the queue, given to the caller; null if there is none. */
    @Nullable InheritedSocket inherited(int queue);

    /** The queue is bound. Whether another process has the socket from now on, so that it stays bound. */
    boolean keep(QueueSocket socket);

    /** The first verdicts on an inherited queue are sent. */
    void resumed(int queue, Resumed resumed);

    /** What the process before this one left in a queue. */
    interface Resumed {
        /** Packets that it had not read; judged. */
        long waited();

        /** Packets that it had read and not answered; dropped. */
        long dropped();
    }
}
