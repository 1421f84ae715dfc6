package org.amverdict.track;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which network interfaces there are, by index. A link that is set up anew, as tunnels, VLANs and PPP are, gets another
 * index, and what was noted of the old one is about nothing. Asked only when a packet came in elsewhere than noted. Any
 * thread; one outside the core publishes.
 */
public final class Interfaces {
    /** Ascending; null while nobody has said. */
    private volatile int @Nullable [] present;

    /** Takes the place of what was published before. */
    public void publish(final int[] indexes) {
        final int[] sorted = indexes.clone();
        Arrays.sort(sorted);
        present = sorted;
    }

    /** Nobody knows any more: all count as present. */
    public void forget() {
        present = null;
    }

    /** Whether the interface is there, or nobody knows which are. */
    public boolean exists(final int index) {
        final int[] now = present;
        return now == null || Arrays.binarySearch(now, index) >= 0;
    }
}
