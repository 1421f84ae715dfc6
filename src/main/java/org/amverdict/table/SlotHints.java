package org.amverdict.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * For a part of a key, the slot last entered with it: a hint that a later entry of another key overwrites and that is
 * never cleared. Callers must compare the record. So a report finds near misses without walking the table, and entering
 * costs one more write. Any thread.
 */
public final class SlotHints {
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(int[].class);
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    /** Few enough for a core's own caches. */
    private static final int PLACES_MAX = 8192;

    private final int[] slots;
    private final long seed;

    /**
     * @param capacity of the table
     * @param seed secret from hosts on the wire
     */
    public SlotHints(final int capacity, final long seed) {
        slots = new int[Math.min(PLACES_MAX, Integer.highestOneBit(Math.max(2, capacity)))];
        this.seed = seed;
    }

    /** The initial hash. */
    public long start() {
        return seed;
    }

    /** The hash with one more word of the part. */
    public static long with(final long hash, final long word) {
        final long mixed = (hash ^ word) * MIX;
        return mixed ^ mixed >>> Integer.SIZE;
    }

    /** Notes the slot that was just entered. */
    public void put(final long hash, final int slot) {
        SLOTS.setOpaque(slots, (int) hash & slots.length - 1, slot + 1);
    }

    /** The slot, or {@link SlotTable#NONE}. */
    public int get(final long hash) {
        return (int) SLOTS.getOpaque(slots, (int) hash & slots.length - 1) - 1;
    }
}
