package org.amverdict.conntrack;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import org.amverdict.events.Ends;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedConnection;
import org.amverdict.events.TrackedConnection.Kind;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.netlink.ConntrackEventView;
import org.amverdict.nfqueue.netlink.ConntrackFilter;
import org.amverdict.nfqueue.netlink.ConntrackProtocol;
import org.amverdict.nfqueue.netlink.NetlinkMessageView;
import org.amverdict.nfqueue.netlink.NetlinkStatus;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;

/**
 * Turns conntrack messages into reports on connections. An update that says that a connection is over has no counts, so
 * it asks the kernel for them and reports the answer, or, if that is lost, the event some minutes later that the kernel
 * forgot the connection. One thread; uses no socket; allocates only for its reports.
 */
final class EventReading {
    /** Asks the kernel about the connection of an event. */
    interface Inquiry {
        void ask(ConntrackEventView event);
    }

    private final Interest interest;
    private final Consumer<TrackedConnection> consumer;
    private final Consumer<Tuple> refusals;
    private final Tuple refused = new Tuple();
    private final Inquiry inquiry;
    private final Incidents incidents;
    private final NetlinkMessageView message = new NetlinkMessageView();
    private final ConntrackEventView event = new ConntrackEventView();
    private final Told told = new Told();
    private long kernelEvents;

    EventReading(
            final Interest interest,
            final Consumer<TrackedConnection> consumer,
            final Consumer<Tuple> refusals,
            final Inquiry inquiry,
            final Incidents incidents) {
        this.interest = interest;
        this.consumer = consumer;
        this.refusals = refusals;
        this.inquiry = inquiry;
        this.incidents = incidents;
    }

    /** Events that the kernel has made since the start; those that the filter kept back are estimated. */
    long kernelEvents() {
        return kernelEvents;
    }

    /** Reads the messages of one datagram. */
    void read(final ByteBuf bytes, final int datagram, final int datagramLength) {
        int offset = datagram;
        int available = datagramLength;
        while (available > 0) {
            if (message.wrap(bytes, offset, available) != NetlinkStatus.OK) {
                incidents.add(Incident.CONNTRACK_MALFORMED);
                return;
            }
            read();
            offset = message.nextOffset();
            available = message.remainingAfter();
        }
    }

    private void read() {
        switch (event.wrap(message)) {
            case ConntrackEventView.TCP -> readConnection();
            case ConntrackEventView.MALFORMED -> incidents.add(Incident.CONNTRACK_MALFORMED);
            default -> {
                // Another protocol; or not an event, but the answer that there is no such connection.
                if (message.type() >>> 8 == ConntrackProtocol.NFNL_SUBSYS_CTNETLINK) {
                    kernelEvents += ConntrackFilter.SAMPLE;
                }
            }
        }
    }

    private void readConnection() {
        if (event.responderPort() < ConntrackFilter.PORT_MIN) {
            kernelEvents += ConntrackFilter.SAMPLE;
            return;
        }
        kernelEvents++;
        final long key = ((long) event.id() << 32) | ((long) event.originatorPort() << 16) | event.responderPort();
        final int before = told.of(key);
        // A connection once reported is followed to its end, whatever a reload has changed.
        if (before != 0 || wanted()) {
            follow(key, before);
        }
    }

    private boolean wanted() {
        return interest.wants(
                event.originatorHigh(),
                event.originatorLow(),
                event.responderHigh(),
                event.responderLow(),
                event.responderPort());
    }

    private void follow(final long key, final int before) {
        if ((before & Told.ANSWERED) == 0 && answered()) {
            told.add(key, Told.ANSWERED);
            tell(Kind.ANSWERED);
        }
        final int state = event.tcpState();
        if ((before & Told.REFUSED) == 0 && refused()) {
            told.add(key, Told.REFUSED);
            refusals.accept(refused.set(
                    event.originatorHigh(),
                    event.originatorLow(),
                    event.originatorPort(),
                    event.responderHigh(),
                    event.responderLow(),
                    event.responderPort()));
        }
        final boolean over =
                state == ConntrackProtocol.TCP_CONNTRACK_TIME_WAIT || state == ConntrackProtocol.TCP_CONNTRACK_CLOSE;
        if (event.destroyed()) {
            told.forget(key);
            if ((before & Told.ENDED) == 0) {
                tell(end());
            }
        } else if (over && (before & Told.ENDED) == 0) {
            if (event.answer()) {
                told.add(key, Told.ENDED);
                tell(end());
            } else {
                inquiry.ask(event);
            }
        }
    }

    /** A refused connection is in state CLOSE at once. */
    private boolean answered() {
        return (event.status() & ConntrackProtocol.IPS_SEEN_REPLY) != 0
                && event.tcpState() != ConntrackProtocol.TCP_CONNTRACK_CLOSE;
    }

    /** Whether a RST ended it before its handshake was complete. */
    private boolean refused() {
        return (event.status() & ConntrackProtocol.IPS_ASSURED) == 0
                && event.tcpState() == ConntrackProtocol.TCP_CONNTRACK_CLOSE;
    }

    /** How it ended; kernels before 5.9 omit the state of a connection that they forget. */
    private Kind end() {
        return switch (event.tcpState()) {
            case ConntrackProtocol.TCP_CONNTRACK_TIME_WAIT, ConntrackProtocol.TCP_CONNTRACK_LAST_ACK -> Kind.FINISHED;
            case ConntrackProtocol.TCP_CONNTRACK_CLOSE -> Kind.RESET;
            case ConntrackEventView.ABSENT ->
                (event.status() & ConntrackProtocol.IPS_SEEN_REPLY) != 0 ? Kind.FINISHED : Kind.TIMED_OUT;
            default -> Kind.TIMED_OUT;
        };
    }

    private void tell(final Kind kind) {
        final boolean counted = kind != Kind.ANSWERED;
        consumer.accept(new TrackedConnection(
                kind,
                new Ends(
                        new IpAddress(event.originatorHigh(), event.originatorLow()),
                        event.originatorPort(),
                        new IpAddress(event.responderHigh(), event.responderLow()),
                        event.responderPort()),
                counted
                        ? new StreamCounts(
                                event.originalPackets(),
                                event.originalBytes(),
                                event.replyPackets(),
                                event.replyBytes())
                        : StreamCounts.NONE));
    }
}
