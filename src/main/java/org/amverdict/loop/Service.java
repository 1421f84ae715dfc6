package org.amverdict.loop;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * What a server does with the connections of a {@link ServerLoop}. Called from the loop's thread, so nothing may wait.
 *
 * @param <C> one connection
 */
public interface Service<C extends Client<C>> {
    /**
     * Takes a new connection.
     *
     * @param channel accepted a moment ago; still blocking
     * @param selector to register it with; the attachment of the key is the result
     * @throws IOException if it is already gone
     */
    C welcome(SocketChannel channel, Selector selector) throws IOException;

    /**
     * Takes what has arrived and sends what the connection takes.
     *
     * @param readable whether something has arrived
     * @return false if the client has gone
     * @throws IOException if the connection is broken
     */
    boolean serve(C client, boolean readable) throws IOException;

    /** The program failed while it served this client, which is closed next. */
    void failed(C client);

    /** This client is closed next, to make room for a new one. */
    void evicted(C client);

    /** The connection has ended, for whatever reason. */
    void left(C client);

    /** A turn is over: closes what has taken too long. */
    void tick(long nowNanos);

    /** Longest time until the next turn, milliseconds; 0 for no limit. */
    long waitMillis();
}
