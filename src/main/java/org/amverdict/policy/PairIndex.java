package org.amverdict.policy;

import java.util.Arrays;
import java.util.List;
import org.amverdict.packet.Tuple;

/**
 * Maps a pair of addresses to the first item that contains both and has one of the wanted features. Two
 * {@link PrefixIndex} and the intersection of their sorted item lists: the shorter list is walked, the longer one
 * searched. Immutable; look-ups allocate nothing.
 */
final class PairIndex {
    static final int NONE = -1;
    private static final int BEYOND = Integer.MAX_VALUE;

    private final PrefixIndex sources;
    private final PrefixIndex targets;
    private final int[] features;

    /** Item i joins the i-th source, target and feature bits. */
    PairIndex(final List<HostSet> sources, final List<HostSet> targets, final int[] features) {
        this.sources = PrefixIndex.of(sources);
        this.targets = PrefixIndex.of(targets);
        this.features = features.clone();
    }

    /** The lowest item, not below {@code from}, that contains both addresses and has a bit of {@code wanted}. */
    int first(final int wanted, final Tuple tuple, final int from) {
        int best = BEYOND;
        final int target = targets.node(tuple.destinationHigh(), tuple.destinationLow());
        if (target < 0) {
            return NONE;
        }
        for (int s = sources.node(tuple.sourceHigh(), tuple.sourceLow()); s >= 0; s = sources.parent(s)) {
            for (int t = target; t >= 0; t = targets.parent(t)) {
                best = lowestCommon(sources.items(s), targets.items(t), wanted, from, best);
            }
        }
        return best == BEYOND ? NONE : best;
    }

    private int lowestCommon(final int[] some, final int[] others, final int wanted, final int from, final int best) {
        final int[] walked = some.length <= others.length ? some : others;
        final int[] searched = walked == some ? others : some;
        for (int i = lowerBound(walked, from); i < walked.length && walked[i] < best; i++) {
            final int item = walked[i];
            if ((features[item] & wanted) != 0 && Arrays.binarySearch(searched, item) >= 0) {
                return item;
            }
        }
        return best;
    }

    private static int lowerBound(final int[] sorted, final int from) {
        if (from == 0) {
            return 0;
        }
        final int at = Arrays.binarySearch(sorted, from);
        return at >= 0 ? at : -at - 1;
    }
}
