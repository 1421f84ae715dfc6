package org.amverdict.history;

import java.util.List;
import org.amverdict.packet.IpAddress;

/** Answers "was it the firewall?" from the history and the tables. Any thread. */
public interface Why {
    /** Stands for any port. */
    int ANY_PORT = -1;

    /**
     * Tells what happened between two hosts, and what would happen to a connection now.
     *
     * @param source the host that connects or asks
     * @param destination the other host
     * @param port of the destination, or {@link #ANY_PORT}
     * @return sentences for a person, at least one
     * @throws IllegalArgumentException if an address is not a host's or the port does not exist, with a message for
     *     the user
     */
    List<String> answer(IpAddress source, IpAddress destination, int port);
}
