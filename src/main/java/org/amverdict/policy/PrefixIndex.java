package org.amverdict.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Maps an address to the items (numbers of allowances) with prefixes that contain it. Each distinct prefix is a node
 * with the sorted items that name it and the node of the next shorter prefix around it. The address space is cut into
 * disjoint sorted intervals, each with its longest prefix; so memory is linear in the number of prefixes, and a look-up
 * is one binary search and a walk over at most 129 nested prefixes. Immutable; look-ups allocate nothing.
 */
final class PrefixIndex {
    static final int NONE = -1;
    private static final HostPrefix IPV4 = new HostPrefix(0, HostPrefix.MAPPED_PREFIX, 96);

    private final long[] startHigh;
    private final long[] startLow;
    private final int[] nodeAt;
    private final int[] parents;
    private final int[][] items;

    /** Item i is the i-th set. */
    static PrefixIndex of(final List<HostSet> sets) {
        final List<List<HostPrefix>> lists = new ArrayList<>(sets.size());
        for (final HostSet set : sets) {
            lists.add(set.prefixes());
        }
        return new PrefixIndex(lists);
    }

    /** Item i is the i-th prefix. */
    static PrefixIndex ofEach(final List<HostPrefix> prefixes) {
        return new PrefixIndex(prefixes.stream().map(List::of).toList());
    }

    /** Item 0 is the one list. */
    static PrefixIndex ofOne(final List<HostPrefix> prefixes) {
        return new PrefixIndex(List.of(prefixes));
    }

    private PrefixIndex(final List<List<HostPrefix>> lists) {
        final TreeMap<HostPrefix, List<Integer>> sorted = new TreeMap<>();
        // Always there and without a parent: otherwise ::/0 would contain every IPv4 address.
        sorted.put(IPV4, new ArrayList<>());
        for (int i = 0; i < lists.size(); i++) {
            for (final HostPrefix prefix : lists.get(i)) {
                final List<Integer> of = sorted.computeIfAbsent(prefix, key -> new ArrayList<>(1));
                if (of.isEmpty() || of.get(of.size() - 1) != i) {
                    of.add(i);
                }
            }
        }
        final HostPrefix[] prefixes = sorted.keySet().toArray(new HostPrefix[0]);
        parents = new int[prefixes.length];
        items = new int[prefixes.length][];
        int node = 0;
        for (final List<Integer> of : sorted.values()) {
            items[node++] = of.stream().mapToInt(Integer::intValue).toArray();
        }
        final Intervals intervals = new Intervals(2 * prefixes.length + 1);
        final Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < prefixes.length; i++) {
            closeBefore(prefixes[i], prefixes, open, intervals);
            parents[i] = open.isEmpty() || prefixes[i].equals(IPV4) ? NONE : open.getLast();
            intervals.add(prefixes[i].high(), prefixes[i].low(), i);
            open.addLast(i);
        }
        closeBefore(null, prefixes, open, intervals);
        startHigh = Arrays.copyOf(intervals.high, intervals.count);
        startLow = Arrays.copyOf(intervals.low, intervals.count);
        nodeAt = Arrays.copyOf(intervals.node, intervals.count);
    }

    /** Ends the open prefixes that do not reach the next one: past them the prefix around them continues. */
    private static void closeBefore(
            final @Nullable HostPrefix next,
            final HostPrefix[] prefixes,
            final Deque<Integer> open,
            final Intervals intervals) {
        while (!open.isEmpty()) {
            final HostPrefix last = prefixes[open.getLast()];
            if (next != null && compare(last.lastHigh(), last.lastLow(), next.high(), next.low()) >= 0) {
                return;
            }
            open.removeLast();
            final long low = last.lastLow() + 1;
            final long high = low == 0 ? last.lastHigh() + 1 : last.lastHigh();
            if (high != 0 || low != 0) {
                intervals.add(high, low, open.isEmpty() ? NONE : open.getLast());
            }
        }
    }

    /** The node of the longest prefix that contains the address, or {@link #NONE}. */
    int node(final long high, final long low) {
        int from = 0;
        int to = nodeAt.length - 1;
        while (from <= to) {
            final int middle = (from + to) >>> 1;
            if (compare(startHigh[middle], startLow[middle], high, low) <= 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return to < 0 ? NONE : nodeAt[to];
    }

    /** The node of the next shorter prefix around this node's, or {@link #NONE}. */
    int parent(final int node) {
        return parents[node];
    }

    /** The items that name this node's prefix, ascending. Do not modify. */
    int[] items(final int node) {
        return items[node];
    }

    private static int compare(final long high, final long low, final long otherHigh, final long otherLow) {
        final int order = Long.compareUnsigned(high, otherHigh);
        return order != 0 ? order : Long.compareUnsigned(low, otherLow);
    }

    /** Starts of intervals in ascending order; a later one with the same start replaces the earlier. */
    private static final class Intervals {
        private final long[] high;
        private final long[] low;
        private final int[] node;
        private int count;

        Intervals(final int capacity) {
            high = new long[capacity];
            low = new long[capacity];
            node = new int[capacity];
        }

        void add(final long startHigh, final long startLow, final int of) {
            if (count == 0 || high[count - 1] != startHigh || low[count - 1] != startLow) {
                count++;
            }
            high[count - 1] = startHigh;
            low[count - 1] = startLow;
            node[count - 1] = of;
        }
    }
}
