package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The connections that replies announced and nobody has made yet: requester to responder:port over TCP, for a limited
 * time, for one SYN.
 *
 * <p>Any worker may call anything. A look-up takes no lock; {@link #consume} has exactly one winner. An expectation made
 * by {@link #expect} is visible to every worker when the call returns: that is what lets a REP be released after it.
 */
public final class ExpectationTable implements SavedRows {
    private static final int OWNER = 2;
    private static final int CREATED = 3;
    private static final int SIDES = 4;
    private static final int VALUE_WORDS = 5;
    private static final int STREAM_SHIFT = 8;
    private static final long STREAM_MASK = 0xFF;
    /** The SYN must come from a privileged port, else from one that is not. */
    private static final long PRIVILEGED = 1L << 16;
    /** It was taken once, and the connection was refused. */
    private static final long REARMED = 1L << 17;
    /** It was taken up from before a restart. */
    private static final long RESTORED = 1L << 18;
    /** {@link AnnouncedBy}. */
    private static final int SERVICE_SHIFT = 24;

    private static final long SERVICE_MASK = AnnouncedBy.MAX;
    /** All that a saved META can have. */
    private static final long META_MASK =
            STREAM_MASK << STREAM_SHIFT | PRIVILEGED | REARMED | SERVICE_MASK << SERVICE_SHIFT;

    private static final int UNPRIVILEGED_PORT_MIN = 1024;
    /** Below it are ports of well-known services, and 20 is FTP's, which the responder refuses. */
    private static final int PRIVILEGED_PORT_MIN = 512;

    private static final int PORT_MAX = 65_535;
    /** The longest lifetime that can be configured. */
    public static final long LIFETIME_MAX_NANOS = 3600_000_000_000L;

    private static final StreamName[] STREAMS = StreamName.values();

    private static final int ENTERED = 0;
    /** In place of one that another worker had just entered. */
    private static final int TAKEN_OVER = 1;
    /** To one that another worker had just entered. */
    private static final int GAVE_WAY = 2;

    private static final int FULL = 3;

    /** No owner: nothing is expected there. */
    public static final long NOBODY = -1;

    private final SlotTable slots;
    private final HostCounts requesters;
    /** By responder and port, whoever the requester is. */
    private final SlotHints byListener;

    private final int perRequester;
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
        slots = new SlotTable(TableKey.WORDS, VALUE_WORDS, capacity, seed);
        requesters = new HostCounts(capacity, seed);
        byListener = new SlotHints(capacity, seed);
        this.perRequester = perRequester;
        this.counters = counters;
    }

    /**
     * Expects one connection, from the source to the port of the destination. If this pair of hosts already expects that
     * port, the new owner takes it over: the responder has closed the earlier listener, or it could not listen there
     * again.
     *
     * @return false if the requester's quota is used up; an earlier expectation of that port is gone even so
     */
    public boolean expect(
            final Scratch scratch, final Tuple tuple, final Announcement announcement, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        // Most often nothing is there; what another worker enters meanwhile is taken over below.
        if (slots.find(key, hash) != SlotTable.NONE && slots.removeKey(key, hash, scratch)) {
            endedUnused(scratch, Removal.REVOKED);
        }
        return enter(scratch, hash, announcement, nowNanos);
    }

    /**
     * Expects once more what {@link FlowTable#follow} has just found refused: a connection that was refused, or that
     * somebody forged. It ends when the first one would have, and is not armed again.
     *
     * @param tuple from the host that connected, also if it was the one who refused
     */
    public void rearm(final Scratch scratch, final Tuple tuple, final Followed refused, final long nowNanos) {
        TableKey.setListener(scratch.key, tuple);
        final long hash = slots.hash(scratch.key);
        if (slots.find(scratch.key, hash) != SlotTable.NONE) {
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
        if (enter(scratch, hash, announcement, nowNanos)) {
            counters.countRearmed();
        }
    }

    /**
     * Enters the expectation whose key is in the scratch. Another worker may have entered that key since the caller
     * looked: a new announcement takes it over, one that is armed again gives way.
     */
    private boolean enter(
            final Scratch scratch, final long hash, final Announcement announcement, final long nowNanos) {
        final long[] key = scratch.key;
        if (!requesters.take(key[0], key[1], perRequester, scratch.host)) {
            counters.countLimit(TableName.EXPECTATIONS, LimitScope.REQUESTER);
            return false;
        }
        int outcome = insert(scratch, hash, announcement, nowNanos);
        if (outcome == FULL) {
            counters.countLimit(TableName.EXPECTATIONS, LimitScope.GLOBAL);
            // Never one of the same reply, which would be announced in part.
            if (slots.evict(requesters, OWNER, announcement.owner, scratch)) {
                endedUnused(scratch, Removal.EVICTED);
            }
            outcome = insert(scratch, hash, announcement, nowNanos);
        }
        scratch.host[0] = key[0];
        scratch.host[1] = key[1];
        if (outcome == TAKEN_OVER) {
            endedUnused(scratch, Removal.REVOKED);
        } else if (outcome != ENTERED) {
            requesters.giveBack(scratch.host);
            return false;
        }
        counters.countCreated(announcement.stream);
        return true;
    }

    /** @return {@link #ENTERED}, {@link #TAKEN_OVER}, {@link #GAVE_WAY} or {@link #FULL} */
    private int insert(final Scratch scratch, final long hash, final Announcement announcement, final long nowNanos) {
        slots.lock(hash);
        try {
            final int earlier = slots.findLocked(scratch.key, hash);
            if (earlier != SlotTable.NONE && announcement.again) {
                return GAVE_WAY;
            }
            final int slot = earlier == SlotTable.NONE ? slots.insertLocked(scratch.key, hash) : earlier;
            if (slot == SlotTable.NONE) {
                return FULL;
            }
            if (earlier != SlotTable.NONE) {
                slots.copyRecord(earlier, scratch.record);
            }
            slots.setValue(slot, SlotTable.DEADLINE, announcement.deadlineNanos);
            slots.setValue(slot, SlotTable.META, meta(announcement));
            slots.setValue(slot, OWNER, announcement.owner);
            slots.setValue(slot, CREATED, nowNanos);
            slots.setValue(slot, SIDES, announcement.sides);
            byListener.put(listener(scratch.key), slot);
            return earlier == SlotTable.NONE ? ENTERED : TAKEN_OVER;
        } finally {
            slots.unlock(hash);
        }
    }

    private static long meta(final Announcement announcement) {
        return (long) announcement.stream.ordinal() << STREAM_SHIFT
                | (long) announcement.announcedBy << SERVICE_SHIFT
                | (announcement.again ? REARMED : 0)
                | (announcement.privilegedSource ? PRIVILEGED : 0);
    }

    private long listener(final long[] key) {
        final long host = SlotHints.with(byListener.start(), Long.rotateLeft(key[2], Integer.SIZE) ^ key[3]);
        return SlotHints.with(host, key[TableKey.LAST]);
    }

    private void ended(final long[] charged, final Removal cause) {
        requesters.giveBack(charged);
        counters.countRemoved(cause);
    }

    /** The expectation in the scratch ended, and nobody had connected. */
    private void endedUnused(final Scratch scratch, final Removal cause) {
        ended(scratch.host, cause);
        if (cause == Removal.EXPIRED && (scratch.record[TableKey.WORDS + SlotTable.META] & RESTORED) != 0) {
            counters.countRestoredExpired();
        }
        if (!scratch.heard()) {
            return;
        }
        final long[] record = scratch.record;
        final Ending ending = scratch.ending;
        ending.kind = Ending.Kind.EXPECTATION;
        ending.removal = cause;
        ending.stream = STREAMS[(int) (record[TableKey.WORDS + SlotTable.META] >>> STREAM_SHIFT & STREAM_MASK)];
        ending.owner = record[TableKey.WORDS + OWNER];
        ending.originatorHigh = record[0];
        ending.originatorLow = record[1];
        ending.originatorPort = 0;
        ending.responderHigh = record[2];
        ending.responderLow = record[3];
        ending.responderPort = (int) record[TableKey.LAST];
        ending.openedNanos = record[TableKey.WORDS + CREATED];
        scratch.tell();
    }

    /** Whether the quota of the requester, the source, has room for so many more at this moment. */
    public boolean hasRoom(final Scratch scratch, final Tuple tuple, final int count) {
        return requesters.count(tuple.sourceHigh(), tuple.sourceLow(), scratch.host) + count <= perRequester;
    }

    /**
     * Gives a pending expectation of that announcement's owner the deadline of the announcement; false if there is none
     * any more.
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
     * Whose the expectation is that the source connects to the port of the destination.
     *
     * @return number of the owner, or {@link #NOBODY}; the scratch has the {@link Sides}
     */
    public long owner(final Scratch scratch, final Tuple tuple, final long nowNanos) {
        final long[] key = scratch.key;
        TableKey.setListener(key, tuple);
        final long hash = slots.hash(key);
        final long[] record = scratch.record;
        if (!slots.read(key, hash, record) || record[TableKey.WORDS + SlotTable.DEADLINE] - nowNanos <= 0) {
            return NOBODY;
        }
        scratch.ownersSides = record[TableKey.WORDS + SIDES];
        return record[TableKey.WORDS + OWNER];
    }

    /**
     * Whether this connection is expected. Changes nothing.
     *
     * @param tuple its source port must be of the kind that is expected
     * @param responderInterface where something came in that must be from the responder's side, 0 if not known
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
                    && isFromExpectedPort(slots.value(slot, SlotTable.META), tuple.sourcePort())
                    && Sides.responderFits(slots.value(slot, SIDES), responderInterface, interfaces);
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Takes back an expectation of that owner; false if it is not waiting any more.
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
            slots.takeOut(slot, hash, scratch);
        } finally {
            slots.unlock(hash);
        }
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
                    && revoke(scratch, tuple, record[TableKey.WORDS + OWNER], Removal.RELOADED)) {
                revoked++;
            }
        }
        return revoked;
    }

    /** @param tuple gets that of the record */
    private static boolean permits(final Permission permission, final long[] record, final Tuple tuple) {
        TableKey.getListener(record, tuple);
        final long meta = record[TableKey.WORDS + SlotTable.META];
        return permission.permits(
                tuple, streamOf(meta), AnnouncedBy.service(announcedBy(meta)), record[TableKey.WORDS + OWNER]);
    }

    private static StreamName streamOf(final long meta) {
        return STREAMS[(int) (meta >>> STREAM_SHIFT & STREAM_MASK)];
    }

    private static int announcedBy(final long meta) {
        return (int) (meta >>> SERVICE_SHIFT & SERVICE_MASK);
    }

    /** Whether a connection that was announced may still be made. */
    @FunctionalInterface
    public interface Permission {
        /** Asks for the connection from the source, whose port is not known, to the port of the destination. */
        boolean permits(Tuple tuple, StreamName stream, @Nullable Service service, long owner);
    }

    /**
     * Takes the expectation that this SYN matches, so that no other SYN can. On success {@link Scratch#taken} has what it
     * was.
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
        scratch.host[0] = key[0];
        scratch.host[1] = key[1];
        ended(scratch.host, Removal.MATCHED);
        counters.countWait(scratch.taken.stream, scratch.taken.waitedNanos);
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
            final long meta = slots.value(slot, SlotTable.META);
            final long sides = slots.value(slot, SIDES);
            if (!isFromExpectedPort(meta, sourcePort) || !Sides.requesterFits(sides, inInterface, interfaces)) {
                return false;
            }
            final Taken taken = scratch.taken;
            taken.stream = streamOf(meta);
            taken.announcedBy = announcedBy(meta);
            taken.owner = slots.value(slot, OWNER);
            taken.waitedNanos = nowNanos - slots.value(slot, CREATED);
            taken.privilegedSource = (meta & PRIVILEGED) != 0;
            taken.armedUntilNanos = (meta & REARMED) != 0 ? 0 : slots.value(slot, SlotTable.DEADLINE);
            taken.sides = sides;
            slots.removeLocked(slot, hash);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    private static boolean isFromExpectedPort(final long meta, final int sourcePort) {
        return ((meta & PRIVILEGED) != 0) == (sourcePort < UNPRIVILEGED_PORT_MIN) && sourcePort >= PRIVILEGED_PORT_MIN;
    }

    /** Why {@link #consume} did not take an expectation of exactly that connection. */
    public enum Miss {
        /** There is none. */
        NOT_EXPECTED,
        /** Its time is over; {@link Scratch#missed} has since when. */
        EXPIRED,
        /** The SYN is from a port of the other kind. */
        SOURCE_PORT,
        /** The SYN came in elsewhere; {@link Scratch#missed} has the {@link Sides} of the expectation. */
        INTERFACE
    }

    /** What kept {@link #consume} from taking what this SYN matches by its addresses and port; for reports. */
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
            scratch.missed.sides = slots.value(slot, SIDES);
            scratch.missed.expiredNanos = nowNanos - slots.value(slot, SlotTable.DEADLINE);
            if (slots.expired(slot, nowNanos)) {
                return Miss.EXPIRED;
            }
            return isFromExpectedPort(slots.value(slot, SlotTable.META), tuple.sourcePort())
                    ? Miss.INTERFACE
                    : Miss.SOURCE_PORT;
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Whether the port of the destination is expected from another requester; then {@link Scratch#missed} has its address.
     * For reports: of several requesters it may know none.
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
     * The expected port of that pair of hosts that is nearest to that of the destination, at most {@code distance} away; 0
     * if there is none. Costs two look-ups per step, so it is for reports, not for every packet.
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

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            if (slots.expireNext(nowNanos, scratch)) {
                endedUnused(scratch, Removal.EXPIRED);
            }
        }
    }

    /**
     * Removes every expectation; for the operator.
     *
     * @return how many
     */
    public int flush(final Scratch scratch) {
        int flushed = 0;
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.live(slot) && slots.removeSlot(slot, false, 0, scratch)) {
                endedUnused(scratch, Removal.FLUSHED);
                flushed++;
            }
        }
        return flushed;
    }

    /** Tells a report of one expectation. */
    @FunctionalInterface
    public interface Visitor {
        /** Is told of one; the argument is reused for the next. */
        void visit(ExpectationSnapshot expectation);
    }

    /** Visits what is there at about this moment; for reports, from any thread. */
    public void forEach(final Visitor visitor) {
        final long[] record = new long[slots.recordWords()];
        final ExpectationSnapshot snapshot = new ExpectationSnapshot();
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, record)) {
                TableKey.getListener(record, snapshot.tuple);
                snapshot.stream = streamOf(record[TableKey.WORDS + SlotTable.META]);
                snapshot.owner = record[TableKey.WORDS + OWNER];
                snapshot.createdNanos = record[TableKey.WORDS + CREATED];
                snapshot.deadlineNanos = record[TableKey.WORDS + SlotTable.DEADLINE];
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
            if (slots.copyLive(slot, row) && row[TableKey.WORDS + SlotTable.DEADLINE] - nowNanos > 0) {
                row[TableKey.WORDS + SlotTable.DEADLINE] -= nowNanos;
                row[TableKey.WORDS + CREATED] = nowNanos - row[TableKey.WORDS + CREATED];
                row[TableKey.WORDS + SlotTable.META] &= META_MASK;
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
        final long[] record = row.clone();
        final long left = Durations.leftAfter(record[TableKey.WORDS + SlotTable.DEADLINE], elapsedNanos);
        if (left <= 0 || left > LIFETIME_MAX_NANOS || !isSound(record)) {
            return false;
        }
        record[TableKey.WORDS + SlotTable.DEADLINE] = nowNanos + left;
        record[TableKey.WORDS + SlotTable.META] |= RESTORED;
        record[TableKey.WORDS + CREATED] = Durations.before(record[TableKey.WORDS + CREATED], elapsedNanos, nowNanos);
        if (!keepSides) {
            record[TableKey.WORDS + SIDES] = Sides.UNKNOWN;
        }
        if (!requesters.take(record[0], record[1], perRequester, scratch.host)) {
            counters.countLimit(TableName.EXPECTATIONS, LimitScope.REQUESTER);
            return false;
        }
        if (!insertRecord(scratch, record)) {
            scratch.host[0] = record[0];
            scratch.host[1] = record[1];
            requesters.giveBack(scratch.host);
            return false;
        }
        counters.countRestored(streamOf(record[TableKey.WORDS + SlotTable.META]));
        byListener.put(listener(record), slots.find(record, slots.hash(record)));
        return true;
    }

    /** Whether this table can have made the record. */
    private static boolean isSound(final long[] record) {
        final long meta = record[TableKey.WORDS + SlotTable.META];
        final long stream = meta >>> STREAM_SHIFT & STREAM_MASK;
        final long port = record[TableKey.LAST];
        final boolean announced =
                stream < StreamName.CONTROL.ordinal() && AnnouncedBy.service(announcedBy(meta)) != null;
        final boolean legacy = stream == StreamName.LEGACY.ordinal() && announcedBy(meta) == 0;
        return (meta & ~META_MASK) == 0 && (announced || legacy) && port >= UNPRIVILEGED_PORT_MIN && port <= PORT_MAX;
    }

    /** Enters a whole record that has been charged to its host; a full table gives up one of the host that has most. */
    private boolean insertRecord(final Scratch scratch, final long[] record) {
        if (slots.insertRecord(record)) {
            return true;
        }
        if (slots.find(record, slots.hash(record)) != SlotTable.NONE) {
            return false;
        }
        counters.countLimit(TableName.EXPECTATIONS, LimitScope.GLOBAL);
        if (slots.evict(requesters, OWNER, record[TableKey.WORDS + OWNER], scratch)) {
            endedUnused(scratch, Removal.EVICTED);
        }
        return slots.insertRecord(record);
    }
}
