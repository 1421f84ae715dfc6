package org.amverdict.history;

import java.util.List;

/** Answers "was it the firewall?" from the history and the tables. Any thread. */
public interface Why {
    /** Stands for any port. */
    int ANY_PORT = -1;

    /**
     * Says what happened between two hosts, and what would happen to a connection now.
     *
     * @param source address as text
     * @param destination address as text
     * @param port of the destination, or {@link #ANY_PORT}
     * @return sentences for a person, at least one
     * @throws IllegalArgumentException if an address is none, with a message for the user
     */
    List<String> answer(String source, String destination, int port);
}
