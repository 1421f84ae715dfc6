package org.amverdict.firewall;

import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * An inclusive range of ports or queues. Immutable.
 *
 * @param first 0 to 65535
 * @param last not below the first
 */
public record Range(int first, int last) {
    static final Range ZERO = new Range(0, 0);

    /** Whether a number of the other range is in this one; PERHAPS if that holds for some of them only. */
    Certainty has(final Range other) {
        final boolean some = first <= other.last && other.first <= last;
        return Certainty.of(some).butPerhapsNot(first > other.first || other.last > last);
    }

    /** Reads "10080" or a range with that separator, of which an end may be missing; null if it is neither of them. */
    static @Nullable Range parse(final String text, final String separator) {
        final String[] ends = text.split(separator, -1);
        final int first = number(ends[0], 0);
        final int last = ends.length < 2 ? first : number(ends[1], PortSet.PORT_MAX);
        return ends.length > 2 || first < 0 || last < first || (ends[0].isEmpty() && ends.length < 2)
                ? null
                : new Range(first, last);
    }

    private static int number(final String text, final int missing) {
        if (text.isEmpty()) {
            return missing;
        }
        final int number = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        return number <= PortSet.PORT_MAX ? number : -1;
    }

    /** "10" or "11-14". */
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
