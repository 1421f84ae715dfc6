package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.jspecify.annotations.Nullable;

/**
 * What a reply announces about connections: which stream, for whom, and until when. A mutable value, one per use and
 * worker, refilled for each announcement; not thread-safe.
 */
public final class Announcement {
    StreamName stream = StreamName.DATA;
    /** {@link AnnouncedBy}. */
    int announcedBy;

    boolean privilegedSource;
    /** The connection was refused and is expected again. */
    boolean again;

    long owner;
    long sides;
    long deadlineNanos;

    public Announcement stream(final StreamName name) {
        stream = name;
        return this;
    }

    /** Whose reply announces it; null for legacy recovery. */
    public Announcement service(final @Nullable Service service) {
        announcedBy = AnnouncedBy.of(service);
        return this;
    }

    /** Whether the connection comes from a port in 512 to 1023, else from a higher one; false at first. */
    public Announcement privilegedSource(final boolean privileged) {
        privilegedSource = privileged;
        return this;
    }

    /** Number of the transaction. */
    public Announcement owner(final long number) {
        owner = number;
        return this;
    }

    /** {@link InterfacePair} of the exchange; unknown at first. */
    public Announcement sides(final long ofExchange) {
        sides = ofExchange;
        return this;
    }

    /** When it expires, in the clock's nanoseconds. */
    public Announcement until(final long nanos) {
        deadlineNanos = nanos;
        return this;
    }
}
