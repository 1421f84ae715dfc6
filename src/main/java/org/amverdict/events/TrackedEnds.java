package org.amverdict.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ends of streams that the kernel's connection tracking reports. Called by the reader's thread only. */
public interface TrackedEnds {
    /** Whether connection tracking reports the end of this flow, or has done so. */
    boolean reports(EventRecord flow);

    /** The next end that has no line yet, or null. */
    @Nullable TrackedEnd poll();

    /** The streams that have not ended. */
    List<TrackedEnd> open();
}
