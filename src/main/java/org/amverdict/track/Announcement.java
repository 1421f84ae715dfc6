package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.jspecify.annotations.Nullable;

/**
 * What a reply announces about connections: which stream, for whom, and until when. A mutable value, one for each use and
 * worker, set again for each announcement; not thread-safe.
 */
public final class Announcement {
    StreamName stream = StreamName.DATA;
    /** {@link AnnouncedBy}. */
    int announcedBy;

    boolean privilegedSource;
    /** The connection was refused, and is expected once more. */
    boolean again;

    long owner;
    long sides;
    long deadlineNanos;

    public Announcement stream(final StreamName name) {
        stream = name;
        return this;
    }

    /** Whose reply announces it; null for old recovery. */
    public Announcement service(final @Nullable Service service) {
        announcedBy = AnnouncedBy.of(service);
        return this;
    }

    /** Whether the connection comes from a port from 512 to 1023, else from one above; false to begin with. */
    public Announcement privilegedSource(final boolean privileged) {
        privilegedSource = privileged;
        return this;
    }

    /** Number of the transaction. */
    public Announcement owner(final long number) {
        owner = number;
        return this;
    }

    /** {@link InterfacePair} of the exchange; not known to begin with. */
    public Announcement sides(final long ofExchange) {
        sides = ofExchange;
        return this;
    }

    /** When it is expected no longer, in the clock's nanoseconds. */
    public Announcement until(final long nanos) {
        deadlineNanos = nanos;
        return this;
    }
}
