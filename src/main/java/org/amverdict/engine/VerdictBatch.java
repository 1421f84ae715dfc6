package org.amverdict.engine;

/**
 * The verdicts of one {@link PacketBatch}, in receive order, as columns of primitives. One instance per worker; not
 * thread-safe.
 */
public final class VerdictBatch {
    /** In the mark column: leave the packet's mark as it is. */
    public static final long NO_MARK = -1L;

    private final int[] ids;
    private final int[] verdicts;
    private final long[] marks;
    private int count;

    /** @param capacity most verdicts in one batch */
    public VerdictBatch(final int capacity) {
        ids = new int[capacity];
        verdicts = new int[capacity];
        marks = new long[capacity];
    }

    public void clear() {
        count = 0;
    }

    /**
     * Appends a verdict.
     *
     * @param id packet id
     * @param verdict for the kernel
     * @param mark new mark of the packet, 0 to 2^32-1, or {@link #NO_MARK}
     */
    public void add(final int id, final Verdict verdict, final long mark) {
        final int i = count;
        ids[i] = id;
        verdicts[i] = verdict.code();
        marks[i] = mark;
        count = i + 1;
    }

    /** The column of packet ids; the first {@link #count()} are valid. Read-only. */
    public int[] ids() {
        return ids;
    }

    /** The column of verdicts, as {@link #ids()}: {@link Verdict#code()}. */
    public int[] verdicts() {
        return verdicts;
    }

    /** The column of marks, as {@link #ids()}. */
    public long[] marks() {
        return marks;
    }

    public int count() {
        return count;
    }

    public int id(final int i) {
        return ids[i];
    }

    public int verdict(final int i) {
        return verdicts[i];
    }

    public long mark(final int i) {
        return marks[i];
    }
}
