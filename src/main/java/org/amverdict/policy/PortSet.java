package org.amverdict.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A set of ports, 1 to 65535. Immutable, usable from every thread; look-ups allocate nothing. */
public final class PortSet {
    /** Most ranges of one set. */
    public static final int RANGES_MAX = 256;

    /** The highest port. */
    public static final int PORT_MAX = 65_535;
    /** The highest port that only root may open. */
    public static final int PRIVILEGED_MAX = 1023;

    /** The lowest port that rresvport(3), and with it Amanda, takes: IPPORT_RESERVED / 2. */
    private static final int RESERVED_MIN = 512;

    /** Ascending, disjoint and not adjacent: first, last, first, last. */
    private final int[] bounds;

    private PortSet(final int[] bounds) {
        this.bounds = bounds;
    }

    /** Whether a port has this number. */
    public static boolean isPort(final int number) {
        return number >= 1 && number <= PORT_MAX;
    }

    /** The ports from {@code first} to {@code last}, both included. */
    public static PortSet range(final int first, final int last) {
        return merged(List.of(checked(first, last)));
    }

    /** These ports. */
    public static PortSet of(final int... ports) {
        final List<int[]> ranges = new ArrayList<>(ports.length);
        for (final int port : ports) {
            ranges.add(checked(port, port));
        }
        return merged(ranges);
    }

    /**
     * Reads "10080", "11000-11040" or a list of them with commas.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static PortSet parse(final String text) {
        final List<int[]> ranges = new ArrayList<>();
        for (final String part : text.split(",", -1)) {
            ranges.add(parseRange(part.strip()));
        }
        return merged(ranges);
    }

    /** All ports of all the sets. */
    public static PortSet union(final List<PortSet> sets) {
        final List<int[]> ranges = new ArrayList<>();
        for (final PortSet set : sets) {
            for (int i = 0; i < set.rangeCount(); i++) {
                ranges.add(new int[] {set.first(i), set.last(i)});
            }
        }
        return merged(ranges);
    }

    private static int[] parseRange(final String text) {
        final int dash = text.indexOf('-', 1);
        if (dash < 0) {
            final int port = parsePort(text);
            return checked(port, port);
        }
        return checked(
                parsePort(text.substring(0, dash).strip()),
                parsePort(text.substring(dash + 1).strip()));
    }

    private static int parsePort(final String text) {
        if (text.matches("[0-9]{1,5} ?: ?[0-9]{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is how iptables writes a range; write "
                    + text.replace(" ", "").replace(':', '-'));
        }
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new IllegalArgumentException("'" + text + "' is not a port; write 11000 or 11000-11040");
        }
        return Integer.parseInt(text);
    }

    private static int[] checked(final int first, final int last) {
        for (final int port : new int[] {first, last}) {
            if (!isPort(port)) {
                throw new IllegalArgumentException("port " + port + " is out of range (1-" + PORT_MAX + ")");
            }
        }
        if (first > last) {
            throw new IllegalArgumentException(
                    "range " + first + "-" + last + " is reversed; write " + last + "-" + first);
        }
        return new int[] {first, last};
    }

    private static PortSet merged(final List<int[]> ranges) {
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("no port; name at least one");
        }
        if (ranges.size() > RANGES_MAX) {
            throw new IllegalArgumentException("more than " + RANGES_MAX + " port ranges in one list");
        }
        final List<int[]> sorted = new ArrayList<>(ranges);
        sorted.sort((a, b) -> Integer.compare(a[0], b[0]));
        final int[] bounds = new int[2 * sorted.size()];
        int count = 0;
        for (final int[] range : sorted) {
            if (count > 0 && range[0] <= bounds[count - 1] + 1) {
                bounds[count - 1] = Math.max(bounds[count - 1], range[1]);
            } else {
                bounds[count++] = range[0];
                bounds[count++] = range[1];
            }
        }
        return new PortSet(Arrays.copyOf(bounds, count));
    }

    /** Is this port in the set? Any int is allowed. */
    public boolean contains(final int port) {
        final int at = Arrays.binarySearch(bounds, port);
        // Between the bounds of a range the insertion point is odd.
        return at >= 0 || (-at - 1 & 1) == 1;
    }

    /** Is every port of the other set in this one? */
    public boolean containsAll(final PortSet other) {
        for (int i = 0; i < other.rangeCount(); i++) {
            final int at = Arrays.binarySearch(bounds, other.first(i));
            final int range = (at >= 0 ? at : -at - 2) / 2;
            if (!contains(other.first(i)) || last(range) < other.last(i)) {
                return false;
            }
        }
        return true;
    }

    /** Number of ranges, at least 1; they are ascending, and apart by at least one port. */
    public int rangeCount() {
        return bounds.length / 2;
    }

    /** First port of a range. */
    public int first(final int range) {
        return bounds[2 * range];
    }

    /** Last port of a range. */
    public int last(final int range) {
        return bounds[2 * range + 1];
    }

    /**
     * The range that was probably meant: Amanda writes a range as {@code 50000,50100}, which here is two ports (amanda.conf(5),
     * unreserved-tcp-port). Null unless these are two single ports of which both are privileged ones that Amanda can take,
     * or both are not privileged.
     */
    public @Nullable PortSet rangeInAmandasNotation() {
        if (rangeCount() != 2 || size() != 2) {
            return null;
        }
        final int first = first(0);
        final int last = first(1);
        final boolean privileged = first >= RESERVED_MIN && last <= PRIVILEGED_MAX;
        return privileged || first > PRIVILEGED_MAX ? range(first, last) : null;
    }

    /** Number of ports. */
    public int size() {
        int size = 0;
        for (int i = 0; i < rangeCount(); i++) {
            size += last(i) - first(i) + 1;
        }
        return size;
    }

    @Override
    public boolean equals(final @Nullable Object other) {
        return other instanceof PortSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < rangeCount(); i++) {
            text.append(i == 0 ? "" : ",").append(first(i));
            if (last(i) > first(i)) {
                text.append('-').append(last(i));
            }
        }
        return text.toString();
    }
}
