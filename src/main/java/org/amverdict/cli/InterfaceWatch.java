package org.amverdict.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.amverdict.nfqueue.LinkSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.netlink.LinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.track.Interfaces;

/**
 * Tells the engine which network interfaces there are: state recorded for a link that is set up again must not block
 * the rest of an exchange. Its thread waits in the kernel and lives as long as the process.
 */
final class InterfaceWatch {
    private static final Logger LOG = System.getLogger(InterfaceWatch.class.getName());

    private final Interfaces interfaces;
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final LinkMessageView link = new LinkMessageView();
    private final Links links = new Links();
    /** All interfaces have been reported, so an index that has not been does not exist. */
    private boolean complete;

    private InterfaceWatch(final Interfaces interfaces) {
        this.interfaces = interfaces;
    }

    /** Begins to publish the interfaces of this thread's network namespace. */
    static void start(final Interfaces interfaces) {
        final Thread thread = new Thread(new InterfaceWatch(interfaces)::run, "interfaces");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try (LinkSocket socket = LinkSocket.open()) {
            final ReceiveBatch batch = LinkSocket.batch();
            socket.ask();
            while (true) {
                if (socket.receive(batch) == LinkSocket.LOST) {
                    askAgain(socket);
                } else {
                    take(batch);
                }
            }
        } catch (final NativeException e) {
            LOG.log(
                    Level.WARNING,
                    "the kernel does not report changes of interfaces, so an exchange ends when its interface is created"
                            + " again, unless match-interfaces is false: " + e.getMessage());
        } finally {
            interfaces.forget();
        }
    }

    private void askAgain(final LinkSocket socket) {
        complete = false;
        interfaces.forget();
        links.clear();
        socket.ask();
    }

    private void take(final ReceiveBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            int at = batch.offset(i);
            int available = batch.length(i);
            while (available > 0 && message.wrap(batch.slab(), at, available) == NetlinkStatus.OK) {
                take();
                at = message.nextOffset();
                available = message.remainingAfter();
            }
        }
        if (complete && batch.count() > 0) {
            interfaces.publish(links.indexes());
        }
    }

    private void take() {
        switch (link.wrap(message)) {
            case LinkMessageView.PRESENT -> links.present(link.index(), link.name());
            case LinkMessageView.GONE -> links.gone(link.index());
            case LinkMessageView.ALL_TOLD -> complete = true;
            default -> {
                // A message about something else.
            }
        }
    }
}
