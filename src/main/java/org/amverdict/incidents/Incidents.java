package org.amverdict.incidents;

import java.util.concurrent.atomic.AtomicLongArray;

/** How often each {@link Incident} has happened since the start. Any thread. */
public final class Incidents {
    private final AtomicLongArray counts = new AtomicLongArray(Incident.values().length);

    /** It has happened once more. */
    public void add(final Incident incident) {
        counts.getAndIncrement(incident.ordinal());
    }

    /** It has happened some more times, 0 or more. */
    public void add(final Incident incident, final long times) {
        counts.getAndAdd(incident.ordinal(), times);
    }

    /** How often it has happened. */
    public long of(final Incident incident) {
        return counts.get(incident.ordinal());
    }
}
