package org.amverdict.firewall;

import org.amverdict.policy.PortSet;

/**
 * An inclusive range of ports or queues. Immutable.
 *
 * @param first 0 to 65535
 * @param last not below the first
 */
public record Range(int first, int last) {
    static final Range ZERO = new Range(0, 0);

    boolean has(final int number) {
        return first <= number && number <= last;
    }

    /** Reads "10080" or a range with that separator; numbers only, as the tools print with -n. */
    static Range parse(final String text, final String separator) {
        final String[] ends = text.split(separator, -1);
        final int first = ends[0].isEmpty() ? 0 : Integer.parseInt(ends[0]);
        final int last = ends.length < 2 ? first : ends[1].isEmpty() ? PortSet.PORT_MAX : Integer.parseInt(ends[1]);
        return new Range(first, last);
    }

    /** "10" or "11-14". */
    @Override
    public String toString() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
