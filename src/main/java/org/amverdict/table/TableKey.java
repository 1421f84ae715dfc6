package org.amverdict.table;

import org.amverdict.packet.Tuple;

/**
 * The key of a record: two addresses of two longs each, and one more word. It is directed, source first, or the same
 * for both directions of a connection. IPv4 is ::ffff:a.b.c.d, so both families share one table and never meet.
 */
public final class TableKey {
    /** Words in a key. */
    public static final int WORDS = 5;
    /** The word after both addresses. */
    public static final int LAST = WORDS - 1;

    private static final int PORT_BITS = 16;
    private static final long PORTS_MASK = 0xFFFF_FFFFL;
    private static final long PORT_MASK = 0xFFFF;

    private TableKey() {}

    /** Source, destination, last word. */
    public static void set(final long[] key, final Tuple tuple, final long last) {
        key[0] = tuple.sourceHigh();
        key[1] = tuple.sourceLow();
        key[2] = tuple.destinationHigh();
        key[3] = tuple.destinationLow();
        key[LAST] = last;
    }

    /** Source, destination, port of the destination. */
    public static void setListener(final long[] key, final Tuple tuple) {
        set(key, tuple, tuple.destinationPort());
    }

    /** The tuple of such a key; the source port is 0. */
    public static void getListener(final long[] key, final Tuple tuple) {
        tuple.set(key[0], key[1], 0, key[2], key[3], (int) key[LAST]);
    }

    /** Source, destination, both ports. */
    public static void setDirected(final long[] key, final Tuple tuple) {
        set(key, tuple, ports(tuple.sourcePort(), tuple.destinationPort()));
    }

    /**
     * The same key for both directions of a connection: the smaller of the two ends first.
     *
     * @return whether the source is the second end in the key
     */
    public static boolean setBothWays(final long[] key, final Tuple tuple) {
        // The tuple is compared, not the key: what was just stored would have to be read back first.
        if (!isSourceGreater(tuple)) {
            setDirected(key, tuple);
            return false;
        }
        key[0] = tuple.destinationHigh();
        key[1] = tuple.destinationLow();
        key[2] = tuple.sourceHigh();
        key[3] = tuple.sourceLow();
        key[LAST] = ports(tuple.destinationPort(), tuple.sourcePort());
        return true;
    }

    private static boolean isSourceGreater(final Tuple tuple) {
        if (tuple.sourceHigh() != tuple.destinationHigh()) {
            return tuple.sourceHigh() > tuple.destinationHigh();
        }
        if (tuple.sourceLow() != tuple.destinationLow()) {
            return tuple.sourceLow() > tuple.destinationLow();
        }
        return tuple.sourcePort() > tuple.destinationPort();
    }

    private static long ports(final int first, final int second) {
        return (long) first << PORT_BITS | second;
    }

    private static boolean isFirstGreater(final long[] key) {
        if (key[0] != key[2]) {
            return key[0] > key[2];
        }
        if (key[1] != key[3]) {
            return key[1] > key[3];
        }
        return firstPort(key) > secondPort(key);
    }

    /** Whether the ends stand in the order of {@link #setBothWays}. */
    public static boolean isInOrder(final long[] key) {
        return (key[LAST] & ~PORTS_MASK) == 0 && !isFirstGreater(key);
    }

    /** Port of the first end, if the key has both ports. */
    public static int firstPort(final long[] key) {
        return (int) (key[LAST] >>> PORT_BITS & PORT_MASK);
    }

    /** Port of the second end, if the key has both ports. */
    public static int secondPort(final long[] key) {
        return (int) (key[LAST] & PORT_MASK);
    }
}
