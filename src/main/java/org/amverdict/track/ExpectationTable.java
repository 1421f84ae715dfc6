package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * The connections that replies announced and nobody has made yet: requester to responder:port over TCP, for a limited
 * time, for one SYN.
 *
 * <p>Any worker may call anything. A look-up takes no lock; {@link #consume} has exactly one winner. An expectation made
 * by {@link #expect} is visible to every worker when the call returns: that is what lets a REP be released after it.
 */
public final class ExpectationTable {
    private static final int OWNER = 2;
    private static final int CREATED = 3;
    private static final int VALUE_WORDS = 4;
    private static final int STREAM_SHIFT = 8;
    private static final StreamName[] STREAMS = StreamName.values();

    private final SlotTable slots;
    private final HostCounts requesters;
    private final int perRequester;
    private final TableCounters counters;

    /**
     * @param capacity most expectations
     * @param perRequester most expectations of one requester
     * @param seed of the hash
     */
    public ExpectationTable(final int capacity, final int perRequester, final long seed, final TableCounters counters) {
        slots = new SlotTable(FlowKey.WORDS, VALUE_WORDS, capacity, seed);
        requesters = new HostCounts(capacity, seed);
        this.perRequester = perRequester;
        this.counters = counters;
    }

    /**
     * Expects one connection. If this pair of hosts already expects that port, the new owner takes it over: the responder
     * has closed the earlier listener, or it could not listen there again.
     *
     * @param owner number of the transaction
     * @return false if the requester's quota is used up; an earlier expectation of that port is gone even so
     */
    public boolean expect(
            final Scratch scratch,
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final int port,
            final StreamName stream,
            final long owner,
            final long deadlineNanos,
            final long nowNanos) {
        final long[] key = scratch.key;
        FlowKey.set(key, requesterHigh, requesterLow, responderHigh, responderLow, port);
        final long hash = slots.hash(key);
        if (slots.removeKey(key, hash, scratch.host)) {
            ended(scratch.host, Removal.REVOKED);
        }
        if (!requesters.take(requesterHigh, requesterLow, perRequester, scratch.host)) {
            counters.countLimit(TableName.EXPECTATIONS, LimitScope.REQUESTER);
            return false;
        }
        if (!insert(key, hash, stream, owner, deadlineNanos, nowNanos)) {
            counters.countLimit(TableName.EXPECTATIONS, LimitScope.GLOBAL);
            if (slots.evict(requesters, scratch.host)) {
                ended(scratch.host, Removal.EVICTED);
            }
            if (!insert(key, hash, stream, owner, deadlineNanos, nowNanos)) {
                scratch.host[0] = requesterHigh;
                scratch.host[1] = requesterLow;
                requesters.giveBack(scratch.host);
                return false;
            }
        }
        counters.countCreated(stream);
        return true;
    }

    private boolean insert(
            final long[] key,
            final long hash,
            final StreamName stream,
            final long owner,
            final long deadlineNanos,
            final long nowNanos) {
        slots.lock(hash);
        try {
            final int slot = slots.insertLocked(key, hash);
            if (slot == SlotTable.NONE) {
                return false;
            }
            slots.setValue(slot, SlotTable.DEADLINE, deadlineNanos);
            slots.setValue(slot, SlotTable.META, (long) stream.ordinal() << STREAM_SHIFT);
            slots.setValue(slot, OWNER, owner);
            slots.setValue(slot, CREATED, nowNanos);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    private void ended(final long[] charged, final Removal cause) {
        requesters.giveBack(charged);
        counters.countRemoved(cause);
    }

    /** Gives a pending expectation of that owner a new deadline; false if there is none any more. */
    public boolean refresh(
            final Scratch scratch,
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final int port,
            final long owner,
            final long deadlineNanos,
            final long nowNanos) {
        final long[] key = scratch.key;
        FlowKey.set(key, requesterHigh, requesterLow, responderHigh, responderLow, port);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || slots.value(slot, OWNER) != owner || slots.expired(slot, nowNanos)) {
                return false;
            }
            slots.setValue(slot, SlotTable.DEADLINE, deadlineNanos);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    /** Whether that owner's expectation is still waiting. */
    public boolean isPending(
            final Scratch scratch,
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final int port,
            final long owner,
            final long nowNanos) {
        final long[] key = scratch.key;
        FlowKey.set(key, requesterHigh, requesterLow, responderHigh, responderLow, port);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            return slot != SlotTable.NONE && slots.value(slot, OWNER) == owner && !slots.expired(slot, nowNanos);
        } finally {
            slots.unlock(hash);
        }
    }

    /** Takes back an expectation of that owner, if it is still waiting. */
    public void revoke(
            final Scratch scratch,
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final int port,
            final long owner) {
        final long[] key = scratch.key;
        FlowKey.set(key, requesterHigh, requesterLow, responderHigh, responderLow, port);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || slots.value(slot, OWNER) != owner) {
                return;
            }
            slots.removeLocked(slot, hash);
        } finally {
            slots.unlock(hash);
        }
        scratch.host[0] = requesterHigh;
        scratch.host[1] = requesterLow;
        ended(scratch.host, Removal.REVOKED);
    }

    /**
     * Takes the expectation that this SYN matches, so that no other SYN can. On success the scratch has its stream, its
     * owner and how long it waited.
     */
    public boolean consume(
            final Scratch scratch,
            final long sourceHigh,
            final long sourceLow,
            final long destinationHigh,
            final long destinationLow,
            final int destinationPort,
            final long nowNanos) {
        final long[] key = scratch.key;
        FlowKey.set(key, sourceHigh, sourceLow, destinationHigh, destinationLow, destinationPort);
        final long hash = slots.hash(key);
        return slots.find(key, hash) != SlotTable.NONE && consumeFound(scratch, hash, nowNanos);
    }

    private boolean consumeFound(final Scratch scratch, final long hash, final long nowNanos) {
        final long[] key = scratch.key;
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {
                return false;
            }
            scratch.stream = (int) (slots.value(slot, SlotTable.META) >>> STREAM_SHIFT);
            scratch.owner = slots.value(slot, OWNER);
            scratch.sinceNanos = nowNanos - slots.value(slot, CREATED);
            slots.removeLocked(slot, hash);
        } finally {
            slots.unlock(hash);
        }
        scratch.host[0] = key[0];
        scratch.host[1] = key[1];
        ended(scratch.host, Removal.MATCHED);
        counters.countWait(scratch.stream, scratch.sinceNanos);
        return true;
    }

    /**
     * The expected port of that pair of hosts that is nearest to {@code port}, at most {@code distance} away; 0 if there
     * is none. Costs two look-ups per step, so it is for reports, not for every packet.
     */
    public int nearestPort(
            final Scratch scratch,
            final long sourceHigh,
            final long sourceLow,
            final long destinationHigh,
            final long destinationLow,
            final int port,
            final int distance) {
        final long[] key = scratch.key;
        FlowKey.set(key, sourceHigh, sourceLow, destinationHigh, destinationLow, port);
        for (int i = 1; i <= distance; i++) {
            key[FlowKey.WORDS - 1] = (long) port + i;
            if (slots.find(key, slots.hash(key)) != SlotTable.NONE) {
                return port + i;
            }
            key[FlowKey.WORDS - 1] = (long) port - i;
            if (slots.find(key, slots.hash(key)) != SlotTable.NONE) {
                return port - i;
            }
        }
        return 0;
    }

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            if (slots.expireNext(nowNanos, scratch.host)) {
                ended(scratch.host, Removal.EXPIRED);
            }
        }
    }

    /** Removes every expectation; for the operator. */
    public void flush(final Scratch scratch) {
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.live(slot) && slots.removeSlot(slot, false, 0, scratch.host)) {
                ended(scratch.host, Removal.FLUSHED);
            }
        }
    }

    /** Tells a report of one expectation. */
    @FunctionalInterface
    public interface Visitor {
        void visit(
                long requesterHigh,
                long requesterLow,
                long responderHigh,
                long responderLow,
                int port,
                StreamName stream,
                long owner,
                long deadlineNanos);
    }

    /** Visits what is there at about this moment; for reports, from any thread. */
    public void forEach(final Visitor visitor) {
        for (int slot = 0; slot < slots.capacity(); slot++) {
            final long[] key = new long[FlowKey.WORDS];
            final long hash = slots.hashOf(slot);
            if (!slots.live(slot)) {
                continue;
            }
            slots.lock(hash);
            final long meta;
            final long owner;
            final long deadline;
            try {
                if (!slots.live(slot) || slots.hashOf(slot) != hash) {
                    continue;
                }
                slots.copyKey(slot, key);
                meta = slots.value(slot, SlotTable.META);
                owner = slots.value(slot, OWNER);
                deadline = slots.value(slot, SlotTable.DEADLINE);
            } finally {
                slots.unlock(hash);
            }
            visitor.visit(
                    key[0],
                    key[1],
                    key[2],
                    key[3],
                    (int) key[4],
                    STREAMS[(int) (meta >>> STREAM_SHIFT)],
                    owner,
                    deadline);
        }
    }

    public int size() {
        return slots.size();
    }

    public int capacity() {
        return slots.capacity();
    }
}
