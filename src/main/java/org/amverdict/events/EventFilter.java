package org.amverdict.events;

import org.amverdict.packet.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Which events a watcher wants. Immutable; any thread.
 *
 * @param drops only packets that were dropped, or would have been
 * @param host only what this address sent or was sent, or null for all
 */
public record EventFilter(boolean drops, @Nullable IpAddress host) {
    /** Every event. */
    public static final EventFilter ALL = new EventFilter(false, null);

    /**
     * Whether an event is wanted.
     *
     * @param drop whether it reports a drop
     * @param ends of the packet or connection that it reports, or null if it reports none
     */
    public boolean matches(final boolean drop, final @Nullable Ends ends) {
        if (drops && !drop) {
            return false;
        }
        return host == null || (ends != null && (host.equals(ends.source()) || host.equals(ends.destination())));
    }
}
