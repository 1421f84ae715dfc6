package org.amverdict.suggest;

import java.util.EnumSet;
import java.util.Set;
import org.amverdict.amanda.Service;

/** What was seen of one host that asked another without a line that allows it. Changed while events are read. */
final class Asking {
    final Set<Service> services = EnumSet.noneOf(Service.class);
    long requests;
    /** Messages of the host that was asked. */
    long answers;
    /** Connections to ports that its answers may have announced. */
    long streams;

    int lowestPort = Integer.MAX_VALUE;
    int highestPort;
    /** Connections to a control port: auth bsdtcp. */
    long controlConnections;
    /** Connections of a recovery by an old amrecover. */
    long legacyConnections;
    /** Requests from ports that Amanda does not use, because a router has changed them. */
    long oddPorts;

    void stream(final int port) {
        streams++;
        lowestPort = Math.min(lowestPort, port);
        highestPort = Math.max(highestPort, port);
    }

    /** Whether the other host took it up, as no host does that is only being scanned. */
    boolean answered() {
        return answers + streams + controlConnections + legacyConnections > 0;
    }
}
