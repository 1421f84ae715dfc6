package org.amverdict.loop;

/**
 * One connection of a {@link ServerLoop}. For the loop's thread.
 *
 * @param <C> the class itself
 */
public interface Client<C extends Client<C>> {
    /** Whether this connection should be closed before the other when there are too many. */
    boolean goesBefore(C other);

    /** Where it comes from, such as an address: clients of one origin share its places. Equal for equal origins. */
    Object origin();

    /** Closes the connection; more than once does no harm. */
    void close();
}
