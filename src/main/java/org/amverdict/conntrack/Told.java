package org.amverdict.conntrack;

/**
 * What has been reported about the connections under way, so that nothing is reported twice: bits for each, in a fixed
 * number of places. A connection without a free place takes over another's, and that one may then be reported again.
 * One thread; allocates nothing after construction.
 */
final class Told {
    static final int ANSWERED = 1;
    /** Its end was reported. */
    static final int ENDED = 2;
    /** That it was refused was reported. */
    static final int REFUSED = 4;

    /** Connections at once; 36 KiB. */
    static final int CAPACITY = 4096;

    private static final int WAYS = 4;
    private static final int ROW_MASK = CAPACITY / WAYS - 1;
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;
    private static final int SPREAD_SHIFT = 40;
    private static final long FREE = 0;

    private final long[] keys = new long[CAPACITY];
    private final byte[] bits = new byte[CAPACITY];
    private int victim;

    /** What has been reported about that connection; 0 if nothing, or if it lost its place. */
    int of(final long key) {
        final int at = find(key);
        return at < 0 ? 0 : bits[at];
    }

    /** Adds to what has been reported about it. */
    void add(final long key, final int bit) {
        int at = find(key);
        if (at < 0) {
            at = take(row(key));
            keys[at] = key;
            bits[at] = 0;
        }
        bits[at] |= (byte) bit;
    }

    void forget(final long key) {
        final int at = find(key);
        if (at >= 0) {
            keys[at] = FREE;
            bits[at] = 0;
        }
    }

    private static int row(final long key) {
        return ((int) ((key * SPREAD) >>> SPREAD_SHIFT) & ROW_MASK) * WAYS;
    }

    private int find(final long key) {
        final int row = row(key);
        for (int i = row; i < row + WAYS; i++) {
            if (keys[i] == key) {
                return i;
            }
        }
        return -1;
    }

    private int take(final int row) {
        for (int i = row; i < row + WAYS; i++) {
            if (keys[i] == FREE) {
                return i;
            }
        }
        victim = (victim + 1) % WAYS;
        return row + victim;
    }
}
