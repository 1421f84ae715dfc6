package org.amverdict.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which slot of a table to look at next: in rounds over all of it, or as a sample. All callers share them; any thread.
 */
public final class SlotRounds {
    private static final VarHandle HAND;
    private static final VarHandle SAMPLE;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    static {
        try {
            final MethodHandles.Lookup lookup = MethodHandles.lookup();
            HAND = lookup.findVarHandle(SlotRounds.class, "hand", int.class);
            SAMPLE = lookup.findVarHandle(SlotRounds.class, "sample", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int capacity;

    @SuppressWarnings("unused") // through HAND
    private volatile int hand;

    @SuppressWarnings("unused") // through SAMPLE
    private volatile int sample;

    /** @param capacity of the table */
    public SlotRounds(final int capacity) {
        this.capacity = capacity;
    }

    /** The next slot of the round, live or not. */
    public int next() {
        return Integer.remainderUnsigned((int) HAND.getAndAdd(this, 1), capacity);
    }

    /**
     * A slot of a series that covers the table evenly in long leaps. Neighbors in the table are often one host's
     * records, made one after the other; in this series they are never neighbors.
     */
    public int nextSample() {
        final long mixed = (int) SAMPLE.getAndAdd(this, 1) * MIX;
        return (int) (((mixed >>> 32) * capacity) >>> 32);
    }
}
