package org.amverdict.history;

import java.util.List;
import org.amverdict.packet.IpAddress;

/** Answers "was it the firewall?" from the history and the tables. Any thread. */
public interface Why {
    /** Stands for any port. */
    int ANY_PORT = -1;

    /**
     * Says what happened between two hosts, and what would happen to a connection now.
     *
     * @param source who connects or asks
     * @param destination the other host
     * @param port of the destination, or {@link #ANY_PORT}
     * @return sentences for a person, at least one
     * @throws IllegalArgumentException if no host can have an address, or there is no such port, with a message for the user
     */
    List<String> answer(IpAddress source, IpAddress destination, int port);
}
