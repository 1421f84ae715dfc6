package org.amverdict.track;

/**
 * Keys of two addresses and one more word. An address is two longs; IPv4 is ::ffff:a.b.c.d, so both families share one
 * table and never meet.
 */
final class FlowKey {
    static final int WORDS = 5;
    private static final int PORT_BITS = 16;
    private static final long PORTS_MASK = 0xFFFF_FFFFL;

    private FlowKey() {}

    /** The key as given: first address, second address, last word. */
    static void set(
            final long[] key,
            final long firstHigh,
            final long firstLow,
            final long secondHigh,
            final long secondLow,
            final long last) {
        key[0] = firstHigh;
        key[1] = firstLow;
        key[2] = secondHigh;
        key[3] = secondLow;
        key[4] = last;
    }

    /**
     * The same key for both directions of a connection: the smaller of the two ends first.
     *
     * @return whether the source is the second end in the key
     */
    static boolean setBothWays(
            final long[] key,
            final long sourceHigh,
            final long sourceLow,
            final int sourcePort,
            final long destinationHigh,
            final long destinationLow,
            final int destinationPort) {
        final boolean swap =
                isGreater(sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort);
        if (swap) {
            set(key, destinationHigh, destinationLow, sourceHigh, sourceLow, ports(destinationPort, sourcePort));
        } else {
            set(key, sourceHigh, sourceLow, destinationHigh, destinationLow, ports(sourcePort, destinationPort));
        }
        return swap;
    }

    static long ports(final int first, final int second) {
        return (long) first << PORT_BITS | second;
    }

    private static boolean isGreater(
            final long highA, final long lowA, final int portA, final long highB, final long lowB, final int portB) {
        if (highA != highB) {
            return highA > highB;
        }
        if (lowA != lowB) {
            return lowA > lowB;
        }
        return portA > portB;
    }

    /** Whether the ends stand in the order of {@link #setBothWays}. */
    static boolean isInOrder(final long[] key) {
        return (key[4] & ~PORTS_MASK) == 0
                && !isGreater(key[0], key[1], firstPort(key), key[2], key[3], secondPort(key));
    }

    /** Whether that end of the connection is the second one in the key. */
    static boolean isSecond(final long[] key, final long high, final long low, final int port) {
        return key[2] == high && key[3] == low && secondPort(key) == port;
    }

    static int firstPort(final long[] key) {
        return (int) (key[4] >>> PORT_BITS);
    }

    static int secondPort(final long[] key) {
        return (int) key[4] & 0xFFFF;
    }
}
