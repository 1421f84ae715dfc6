package org.amverdict.track;

import static org.amverdict.track.ExpectationRecord.CREATED;
import static org.amverdict.track.ExpectationRecord.INTERFACES;
import static org.amverdict.track.ExpectationRecord.OWNER;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;
import org.jspecify.annotations.Nullable;

/**
 * The connections that replies announced and no host has made yet: requester to responder:port over TCP, for a limited
 * time, for one SYN.
 *
 * <p>Any worker may call anything. A look-up takes no lock; {@link #consume} has exactly one winner. An expectation
 * made by {@link #expect} is visible to every worker when the call returns: that is what lets a REP be released after
 * it.
 */
public final class ExpectationTable implements SavedRows {
    /** The longest lifetime that can be configured. */
    public static final long LIFETIME_MAX_NANOS = ExpectationRecord.LIFETIME_MAX_NANOS;
    /** No owner: nothing is expected there. */
    public static final long NOBODY = -1;

    private final SlotTable slots;
    private final ChargedTable<Scratch> charged;
    private final NearExpectations near;

    private final TableCounters counters;
    private final Interfaces interfaces;

    /**
     * @param capacity most expectations
     * @param perRequester most expectations of one requester
     * @param seed of the hash
     */
    public ExpectationTable(final int capacity, final int perRequester, final long seed, final TableCounters counters) {
        this(capacity, perRequester, seed, counters, new Interfaces());
    }

    ExpectationTable(
            final int capacity,
            final int perRequester,
            final long seed,
            final TableCounters counters,
            final Interfaces interfaces) {
        this.interfaces = interfaces;
        slots = new SlotTable(TableKey.WORDS, ExpectationRecord.VALUE_WORDS, capacity, seed);
        charged = new ChargedTable<>(slots, seed, counters.limitsOf(TableName.EXPECTATIONS), perRequester, new Owner());
        near = new NearExpectations(slots, seed);
        this.counters = counters;
    }

    /** Decides which expectation yields to another. */
    private final class Owner implements ChargedTable.Owner<Scratch> {
        /**
         * Another worker may have entered that key since the caller looked: a new announcement takes it over, a rearmed
         * one gives way.
         */
        @Override
        public boolean givesWay(final int slot, final Scratch scratch, final long nowNanos) {
            return !ExpectationRecord.isRearmed(ExpectationRecord.meta(scratch.entry));
        }

        /** One of the same reply: evicting it would leave the reply announced in part. */
        @Override
        public boolean isSpared(final int slot, final Scratch scratch) {
            return slots.value(slot, OWNER) == RecordWords.value(scratch.entry, OWNER);
        }

        @Override
        public void gone(final Scratch scratch, final ChargedTable.Cause cause) {
            endedUnused(
                    scratch,
                    switch (cause) {
                        case REPLACED -> Removal.REVOKED;
                        case EVICTED -> Removal.EVICTED;
                        case EXPIRED -> Removal.EXPIRED;
                    });
        }
    }

    /**
     * Expects one connection, from the source to the port of the destination. If this pair of hosts already expects
     * that port, the new owner takes it over: the responder has closed the earlier listener, or it could not listen
     * there again.
     *
     * @return false if the requester's quota is used up; an earlier expectation of that port is gone even so
     */
    public boolean expect(
            final Scratch scratch, final Tuple tuple, final Announcement announcement, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        // Usually there is nothing; what another worker enters meanwhile is taken over below.
        if (slots.find(key, hash) != SlotTable.NONE && charged.removeKey(scratch, hash)) {
            endedUnused(scratch, Removal.REVOKED);
        }
        return enter(scratch, tuple, announcement, nowNanos);
    }

    /**
     * Expects again what {@link FlowTable#follow} has just found refused: a connection that was refused or forged. It
     * ends when the first one would have, and is not rearmed.
     *
     * @param tuple from the host that connected, even if that host refused
     */
    public void rearm(final Scratch scratch, final Tuple tuple, final Followed refused, final long nowNanos) {
        TableKey.setListener(scratch.key, tuple);
        if (slots.find(scratch.key, slots.hash(scratch.key)) != SlotTable.NONE) {
            return; // announced again meanwhile
        }
        final Announcement announcement = scratch.announcement;
        announcement.stream = refused.stream();
        announcement.announcedBy = refused.announcedBy;
        announcement.privilegedSource = refused.privilegedSource;
        announcement.again = true;
        announcement.owner = refused.owner;
        announcement.sides = refused.sides;
        announcement.deadlineNanos = refused.armedUntilNanos;
        if (enter(scratch, tuple, announcement, nowNanos)) {
            counters.countRearmed();
        }
    }

    private boolean enter(
            final Scratch scratch, final Tuple tuple, final Announcement announcement, final long nowNanos) {
        final long[] entry = scratch.entry;
        TableKey.setListener(entry, tuple);
        ExpectationRecord.set(entry, announcement, nowNanos);
        final int slot = charged.enter(scratch, nowNanos);
        if (slot < 0) {
            return false;
        }
        near.note(entry, slot);
        counters.countCreated(announcement.stream);
        return true;
    }

    /** The expectation in the scratch ended unused. */
    private void endedUnused(final Scratch scratch, final Removal cause) {
        final long[] record = scratch.record;
        counters.countRemoved(cause);
        if (cause == Removal.EXPIRED && ExpectationRecord.isRestored(ExpectationRecord.meta(record))) {
            counters.countRestoredExpired();
        }
        if (!scratch.heard()) {
            return;
        }
        final Ending ending = scratch.ending;
        ending.kind = Ending.Kind.EXPECTATION;
        ending.removal = cause;
        TableKey.getListener(record, ending.figures.tuple);
        ending.figures.stream = ExpectationRecord.stream(ExpectationRecord.meta(record));
        ending.figures.owner = RecordWords.value(record, OWNER);
        ending.figures.openedNanos = RecordWords.value(record, CREATED);
        scratch.tell();
    }

    /** Whether the quota of the requester, the source, has room for this many more right now. */
    public boolean hasRoom(final Scratch scratch, final Tuple tuple, final int count) {
        return charged.hasRoom(tuple, count, scratch);
    }

    /**
     * Gives a pending expectation of that announcement's owner the deadline of the announcement; false if none is left.
     */
    public boolean refresh(
            final Scratch scratch, final Tuple tuple, final Announcement announcement, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE
                    || slots.value(slot, OWNER) != announcement.owner
                    || slots.expired(slot, nowNanos)) {
                return false;
            }
            slots.setValue(slot, SlotTable.DEADLINE, announcement.deadlineNanos);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * The owner of the expectation for a connection from the source to the port of the destination.
     *
     * @return its number, or {@link #NOBODY}; the scratch has the {@link InterfacePair}
     */
    public long owner(final Scratch scratch, final Tuple tuple, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        final long[] record = scratch.record;
        if (!slots.read(key, hash, record) || RecordWords.value(record, SlotTable.DEADLINE) - nowNanos <= 0) {
            return NOBODY;
        }
        scratch.ownersSides = RecordWords.value(record, INTERFACES);
        return RecordWords.value(record, OWNER);
    }

    /**
     * Whether this connection is expected. Changes nothing.
     *
     * @param tuple its source port must be of the kind that is expected
     * @param responderInterface where a packet that must be from the responder's side came in, 0 if not known
     */
    public boolean expects(
            final Scratch scratch, final Tuple tuple, final int responderInterface, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        if (slots.find(key, hash) == SlotTable.NONE) {
            return false;
        }
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            return slot != SlotTable.NONE
                    && !slots.expired(slot, nowNanos)
                    && isFromExpectedPort(slot, tuple.sourcePort())
                    && InterfacePair.responderFits(slots.value(slot, INTERFACES), responderInterface, interfaces);
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Takes back an expectation of that owner; false if it is no longer waiting.
     *
     * @param cause what took it back
     */
    public boolean revoke(final Scratch scratch, final Tuple tuple, final long owner, final Removal cause) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || slots.value(slot, OWNER) != owner) {
                return false;
            }
            slots.takeOutLocked(slot, hash, scratch.record);
        } finally {
            slots.unlock(hash);
        }
        charged.giveBack(scratch.record, scratch);
        endedUnused(scratch, cause);
        return true;
    }

    /**
     * Takes back what the configuration forbids since a reload.
     *
     * @return how many
     */
    public int revokeUnless(final Scratch scratch, final Permission permission) {
        final long[] record = new long[slots.recordWords()];
        final Tuple tuple = new Tuple();
        int revoked = 0;
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, record)
                    && !permits(permission, record, tuple)
                    && revoke(scratch, tuple, RecordWords.value(record, OWNER), Removal.RELOADED)) {
                revoked++;
            }
        }
        return revoked;
    }

    /** @param tuple gets that of the record */
    private static boolean permits(final Permission permission, final long[] record, final Tuple tuple) {
        TableKey.getListener(record, tuple);
        final long meta = ExpectationRecord.meta(record);
        return permission.permits(
                tuple,
                ExpectationRecord.stream(meta),
                AnnouncedBy.service(ExpectationRecord.announcedBy(meta)),
                RecordWords.value(record, OWNER));
    }

    /** Whether a connection that was announced may still be made. */
    @FunctionalInterface
    public interface Permission {
        /** Asks about the connection from the source, without its port, to the port of the destination. */
        boolean permits(Tuple tuple, StreamName stream, @Nullable Service service, long owner);
    }

    /**
     * Takes the expectation that this SYN matches, so that no other SYN can. On success {@link Scratch#taken} describes
     * it.
     *
     * @param tuple its source port must be of the kind that is expected
     * @param inInterface where the SYN came in, 0 if not known
     */
    public boolean consume(final Scratch scratch, final Tuple tuple, final int inInterface, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        if (slots.find(key, hash) == SlotTable.NONE
                || !take(scratch, hash, tuple.sourcePort(), nowNanos, inInterface)) {
            return false;
        }
        final Taken taken = scratch.taken;
        ExpectationRecord.get(scratch.record, taken, nowNanos);
        charged.giveBack(scratch.record, scratch);
        counters.countRemoved(Removal.MATCHED);
        counters.countWait(taken.stream, taken.waitedNanos);
        return true;
    }

    private boolean take(
            final Scratch scratch, final long hash, final int sourcePort, final long nowNanos, final int inInterface) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {
                return false;
            }
            final long pair = slots.value(slot, INTERFACES);
            if (!isFromExpectedPort(slot, sourcePort) || !InterfacePair.requesterFits(pair, inInterface, interfaces)) {
                return false;
            }
            slots.takeOutLocked(slot, hash, scratch.record);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    private boolean isFromExpectedPort(final int slot, final int sourcePort) {
        return ExpectationRecord.isFromExpectedPort(slots.value(slot, SlotTable.META), sourcePort);
    }

    /** What nearly matches a SYN that is not expected. */
    public NearExpectations near() {
        return near;
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        charged.expire(scratch, nowNanos, steps);
    }

    /**
     * Removes every expectation; for the operator.
     *
     * @return how many
     */
    public int flush(final Scratch scratch) {
        int flushed = 0;
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.live(slot) && charged.remove(slot, scratch)) {
                endedUnused(scratch, Removal.FLUSHED);
                flushed++;
            }
        }
        return flushed;
    }

    /** Sees expectations for a report. */
    @FunctionalInterface
    public interface Visitor {
        /** Sees one; the argument is reused for the next. */
        void visit(ExpectationSnapshot expectation);
    }

    /** Visits the current expectations, as of about this moment; for reports, from any thread. */
    public void forEach(final Visitor visitor) {
        final long[] record = new long[slots.recordWords()];
        final ExpectationSnapshot snapshot = new ExpectationSnapshot();
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, record)) {
                ExpectationRecord.get(record, snapshot);
                visitor.visit(snapshot);
            }
        }
    }

    public int size() {
        return slots.size();
    }

    public int capacity() {
        return slots.capacity();
    }

    @Override
    public int rowWords() {
        return slots.recordWords();
    }

    @Override
    public void save(final long nowNanos, final Sink sink) {
        final long[] row = new long[rowWords()];
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, row) && RecordWords.value(row, SlotTable.DEADLINE) - nowNanos > 0) {
                ExpectationRecord.toRow(row, nowNanos);
                sink.accept(row);
            }
        }
    }

    @Override
    public boolean restore(
            final Scratch scratch,
            final long[] row,
            final long elapsedNanos,
            final boolean keepSides,
            final long nowNanos) {
        final long[] entry = scratch.entry;
        System.arraycopy(row, 0, entry, 0, rowWords());
        if (!ExpectationRecord.fromRow(entry, elapsedNanos, keepSides, nowNanos)) {
            return false;
        }
        final int slot = charged.restore(scratch, nowNanos);
        if (slot < 0) {
            return false;
        }
        counters.countRestored(ExpectationRecord.stream(ExpectationRecord.meta(entry)));
        near.note(entry, slot);
        return true;
    }
}
