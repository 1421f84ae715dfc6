package org.amverdict.track;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which network interfaces there are, by index. A link that is set up again, like a tunnel, VLAN or PPP link, gets
 * another index, and anything noted about the old one is void. Consulted only when a packet comes in elsewhere than
 * noted. Any thread; one outside the core publishes.
 */
public final class Interfaces {
    /** Ascending; null until published. */
    private volatile int @Nullable [] present;

    /** Takes the place of what was published before. */
    public void publish(final int[] indexes) {
        final int[] sorted = indexes.clone();
        Arrays.sort(sorted);
        present = sorted;
    }

    /** No longer known: all count as present. */
    public void forget() {
        present = null;
    }

    /** Whether the interface exists, or the set is unknown. */
    public boolean exists(final int index) {
        final int[] now = present;
        return now == null || Arrays.binarySearch(now, index) >= 0;
    }
}
