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
    };

    /** The socket with which a process before this one bound the queue, given to the caller; null if there is none. */
    @Nullable InheritedSocket inherited(int queue);

    /** The queue is bound. Whether another process has the socket from now on, so that it stays bound. */
    boolean keep(QueueSocket socket);
}
