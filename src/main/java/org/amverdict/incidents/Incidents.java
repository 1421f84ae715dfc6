package org.amverdict.incidents;

import java.util.concurrent.atomic.AtomicLongArray;

/** How often each {@link Incident} has happened since the start. Any thread. */
public final class Incidents {
    private final AtomicLongArray counts = new AtomicLongArray(Incident.values().length);

    /** It has happened once more. */
    public void add(final Incident incident) {
        counts.getAndIncrement(incident.ordinal());
    }

    /** How often it has happened. */
    public long of(final Incident incident) {
        return counts.get(incident.ordinal());
    }
}
