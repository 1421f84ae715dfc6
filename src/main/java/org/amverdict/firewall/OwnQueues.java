package org.amverdict.firewall;

import java.util.List;

/**
 * Which queues are the program's own: a rule of another program's queue is no fault of ours. Immutable.
 *
 * @param marks bits of the packet's mark that the program may set when it accepts
 * @param ranges their numbers
 * @param continued bits of the marks of packets and connections that the program leaves to the other rules
 */
public record OwnQueues(long marks, List<Range> ranges, long continued) {
    /** Whether one of a rule's queues is one of these. */
    boolean any(final Range of) {
        return ranges.stream().anyMatch(range -> range.first() <= of.last() && of.first() <= range.last());
    }
}
