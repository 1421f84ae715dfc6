package org.amverdict.track;

import org.amverdict.packet.Tuple;
import org.amverdict.table.SlotHints;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/** Finds the expectations that nearly match an unexpected SYN: for reports, not for every packet. Any thread. */
public final class NearExpectations {
    private final SlotTable slots;
    /** By responder and port, for any requester. */
    private final SlotHints byListener;

    /** @param slots the expectations */
    NearExpectations(final SlotTable slots, final long seed) {
        this.slots = slots;
        byListener = new SlotHints(slots.capacity(), seed);
    }

    /** Notes that a record has been entered. */
    void note(final long[] record, final int slot) {
        byListener.put(listener(record), slot);
    }

    private long listener(final long[] key) {
        final long host = SlotHints.with(byListener.start(), Long.rotateLeft(key[2], Integer.SIZE) ^ key[3]);
        return SlotHints.with(host, key[TableKey.LAST]);
    }

    /** Why {@link ExpectationTable#consume} did not take an expectation of exactly that connection. */
    public enum Miss {
        /** There is none. */
        NOT_EXPECTED,
        /** Its time is over; {@link Scratch#missed} says since when. */
        EXPIRED,
        /** The SYN comes from a port of the other kind. */
        SOURCE_PORT,
        /** The SYN came in elsewhere; {@link Scratch#missed} has the {@link InterfacePair} of the expectation. */
        INTERFACE
    }

    /**
     * What kept {@link ExpectationTable#consume} from taking what this SYN matches by its addresses and port; for
     * reports.
     */
    public Miss miss(final Scratch scratch, final Tuple tuple, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE) {
                return Miss.NOT_EXPECTED;
            }
            scratch.missed.sides = slots.value(slot, ExpectationRecord.INTERFACES);
            scratch.missed.expiredNanos = nowNanos - slots.value(slot, SlotTable.DEADLINE);
            if (slots.expired(slot, nowNanos)) {
                return Miss.EXPIRED;
            }
            return ExpectationRecord.isFromExpectedPort(slots.value(slot, SlotTable.META), tuple.sourcePort())
                    ? Miss.INTERFACE
                    : Miss.SOURCE_PORT;
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Whether the port of the destination is expected from another requester; then {@link Scratch#missed} has its
     * address. For reports: with several requesters it may find none.
     */
    public boolean otherRequester(final Scratch scratch, final Tuple tuple, final long nowNanos) {
        TableKey.setListener(scratch.key, tuple);
        final int slot = byListener.get(listener(scratch.key));
        if (slot == SlotTable.NONE || !slots.live(slot)) {
            return false;
        }
        final long hash = slots.hashOf(slot);
        slots.lock(hash);
        try {
            final boolean same = slots.live(slot)
                    && slots.hashOf(slot) == hash
                    && tuple.isDestination(slots.key(slot, 2), slots.key(slot, 3))
                    && slots.key(slot, TableKey.LAST) == tuple.destinationPort()
                    && !slots.expired(slot, nowNanos);
            scratch.missed.otherHigh = slots.key(slot, 0);
            scratch.missed.otherLow = slots.key(slot, 1);
            return same;
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * The expected port of that pair of hosts that is nearest to that of the destination, at most {@code distance}
     * away; 0 if none. Costs two look-ups per step, so it is for reports, not for every packet.
     */
    public int nearestPort(final Scratch scratch, final Tuple tuple, final int distance) {
        final long[] key = scratch.key;
        final int port = tuple.destinationPort();
        TableKey.setListener(key, tuple);
        for (int i = 1; i <= distance; i++) {
            key[TableKey.LAST] = (long) port + i;
            if (slots.find(key, slots.hash(key)) != SlotTable.NONE) {
                return port + i;
            }
            key[TableKey.LAST] = (long) port - i;
            if (slots.find(key, slots.hash(key)) != SlotTable.NONE) {
                return port - i;
            }
        }
        return 0;
    }
}
