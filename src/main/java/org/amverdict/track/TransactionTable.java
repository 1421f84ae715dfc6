package org.amverdict.track;

import static org.amverdict.track.TransactionRecord.ACKNOWLEDGED;
import static org.amverdict.track.TransactionRecord.CLOSED;
import static org.amverdict.track.TransactionRecord.REPLIED;
import static org.amverdict.track.TransactionRecord.STATE;

import io.netty.buffer.ByteBuf;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamLists;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.amverdict.table.SlotHints;
import org.amverdict.table.SlotTable;

/**
 * The control exchanges under way: one record for each (requester, its port, responder, control port, HANDLE, SEQ),
 * kept for as long as Amanda waits for the reply. A record opens no port; it is what a REP must match to open any.
 *
 * <p>Not thread-safe: all calls but {@link #knows} and {@link #size} are made under {@link Tables#control()}. Control
 * datagrams are rare, and one lock over the whole exchange is easier to get right than many small ones.
 *
 * <p>A record at its end stays as a tombstone for a while, so that a late or forged REP finds it closed.
 *
 * <p>Anyone can forge a REQ in a requester's name. So when room runs out, what costs least goes first: what is over,
 * then what is unanswered or unacknowledged, see {@link RequesterLists}; never an exchange that its responder has
 * acknowledged but not answered: an estimate takes hours, and Amanda does not repeat a lost one. A responder can be
 * tricked into acknowledging forgeries, so few of a pair are kept, and kept records never fill all the room.
 */
public final class TransactionTable implements SavedRows {
    /** No such transaction. */
    public static final int NONE = SlotTable.NONE;

    /** Most different REPs of one transaction. */
    public static final int REPLIES_MAX = TransactionRecord.REPLIES_MAX;

    /**
     * Most acknowledged exchanges of one pair of hosts that are always kept; further ones are given up like unanswered
     * ones. A real responder has few: its dumps reply within seconds, and it makes one estimate at a time.
     */
    public static final int KEPT_PER_PAIR_MAX = 16;

    /** The longest wait for a REP that can be configured: a week. */
    public static final long REPLY_WITHIN_MAX_NANOS = TransactionRecord.REPLY_WITHIN_MAX_NANOS;
    /** A request is kept some minutes longer than the wait, see the configuration; none is kept this long. */
    public static final long LIFETIME_MAX_NANOS = TransactionRecord.LIFETIME_MAX_NANOS;

    /** Slots that {@link #open} sweeps: more than it fills, so that ended ones go even without housekeeping. */
    private static final int SWEPT_PER_REQUEST = 2;

    private final SlotTable slots;
    private final TransactionTurnover turnover;
    private final ExchangeCounts exchanges;
    /** By the whole key except the responder's address. */
    private final SlotHints byRequest;

    private final TableCounters counters;
    private final long[] key = new long[TransactionKey.WORDS];
    private long hash;
    private long lastNumber;

    /**
     * @param capacity most transactions
     * @param perRequester most transactions of one requester
     * @param seed of the hash
     */
    public TransactionTable(final int capacity, final int perRequester, final long seed, final TableCounters counters) {
        slots = new SlotTable(TransactionKey.WORDS, TransactionRecord.VALUE_WORDS, capacity, seed);
        turnover = new TransactionTurnover(slots, perRequester, seed);
        exchanges = new ExchangeCounts(capacity, seed);
        byRequest = new SlotHints(capacity, seed);
        this.counters = counters;
    }

    /**
     * Finds the transaction of a control datagram.
     *
     * @param tuple from the requester, whichever way the datagram goes
     * @return its slot, or {@link #NONE}; good until the next {@link #open} or {@link #expire}. The caller checks
     *     whether the packet came in where it should, see {@link #sides}
     */
    public int find(
            final Scratch scratch,
            final Tuple tuple,
            final ByteBuf buffer,
            final ControlHeader header,
            final long nowNanos) {
        TransactionKey.set(key, tuple, buffer, header);
        hash = slots.hash(key);
        final int slot = slots.findLocked(key, hash);
        if (slot == NONE || !slots.expired(slot, nowNanos)) {
            return slot;
        }
        remove(scratch, slot, Removal.EXPIRED);
        return NONE;
    }

    /** Whether that slot still has the transaction with this number. */
    public boolean isStill(final long number, final int slot, final long nowNanos) {
        return slots.live(slot) && number(slot) == number && !slots.expired(slot, nowNanos);
    }

    /**
     * Enters the transaction that the {@link #find} just before did not find. A requester at its quota gives up one of
     * its own; a full table gives up one of the requester that has most to give. It has no deadline yet, see {@link
     * #setDeadline}, and knows no interfaces, see {@link #setSides}.
     *
     * @param traits {@link org.amverdict.amanda.RequestParser#traits()}
     * @return its slot, or {@link #NONE} if no requester has a record to give up
     */
    public int open(final Scratch scratch, final Service service, final int traits, final long nowNanos) {
        expire(scratch, nowNanos, SWEPT_PER_REQUEST);
        final int slot = makesRoom(scratch, key) ? slots.insertLocked(key, hash) : NONE;
        if (slot == NONE) {
            return NONE;
        }
        lastNumber++;
        slots.setValue(slot, SlotTable.META, TransactionRecord.meta(service, traits));
        slots.setValue(slot, TransactionRecord.NUMBER, lastNumber);
        slots.setValue(slot, TransactionRecord.OPENED, nowNanos);
        addToLists(slot, key);
        return slot;
    }

    private void addToLists(final int slot, final long[] ofRecord) {
        turnover.add(slot);
        exchanges.add(slots, slot);
        byRequest.put(TransactionKey.requestHash(ofRecord, byRequest.start()), slot);
    }

    /**
     * The transaction that the datagram of the last {@link #find} would belong to had it come from another responder:
     * same requester, ports, HANDLE and SEQ. For reports: with several it may find none.
     *
     * @return its slot, or {@link #NONE}
     */
    public int findOtherResponder(final long nowNanos) {
        final int slot = byRequest.get(TransactionKey.requestHash(key, byRequest.start()));
        final boolean found = slot != NONE
                && slots.live(slot)
                && !slots.expired(slot, nowNanos)
                && TransactionKey.isSameRequest(slots, slot, key);
        return found ? slot : NONE;
    }

    /** Address of the responder, upper half. */
    public long responderHigh(final int slot) {
        return slots.key(slot, 2);
    }

    public long responderLow(final int slot) {
        return slots.key(slot, 3);
    }

    private void remove(final Scratch scratch, final int slot, final Removal cause) {
        final Service unanswered = closed(slot) || replied(slot) ? null : service(slot);
        scratch.ending.figures.owner = number(slot);
        exchanges.remove(slots, slot);
        turnover.remove(slot);
        slots.removeLocked(slot, slots.hashOf(slot));
        if (unanswered != null) {
            counters.countUnanswered(unanswered, cause);
            scratch.ending.kind = Ending.Kind.TRANSACTION;
            scratch.ending.removal = cause;
            scratch.tell();
        }
    }

    /** The exchange goes on: a REQ was repeated, or the responder said something. */
    public void touch(final int slot) {
        turnover.touch(slot);
    }

    /**
     * The responder has said, on its own interface, that it is at work on it: kept from now on until the REP, unless
     * its responder or requester has too many of that kind. An answered one does not change.
     */
    public void setAcknowledged(final int slot) {
        if (closed(slot) || replied(slot)) {
            return;
        }
        setPart(slot, STATE, ACKNOWLEDGED);
        turnover.keep(slot);
    }

    /** Whether the responder has acknowledged the REQ and not answered it. */
    public boolean acknowledged(final int slot) {
        return part(slot, STATE) == ACKNOWLEDGED;
    }

    /** Sets when the record ends. */
    public void setDeadline(final int slot, final long deadlineNanos) {
        slots.setValue(slot, SlotTable.DEADLINE, deadlineNanos);
    }

    /** A REP has gone to the requester; a closed transaction does not change. */
    public void setReplied(final int slot) {
        if (!closed(slot) && !replied(slot)) {
            setPart(slot, STATE, REPLIED);
            turnover.letGo(slot, RequesterLists.REPLIED);
        }
    }

    public boolean replied(final int slot) {
        return part(slot, STATE) == REPLIED;
    }

    /** Nothing may be opened any more; the record stays until {@code deadlineNanos}. */
    public void close(final int slot, final long deadlineNanos) {
        setPart(slot, STATE, CLOSED);
        turnover.letGo(slot, RequesterLists.ENDED);
        setDeadline(slot, deadlineNanos);
    }

    public boolean closed(final int slot) {
        return part(slot, STATE) == CLOSED;
    }

    public Service service(final int slot) {
        return TransactionRecord.service(slots.value(slot, SlotTable.META));
    }

    public int traits(final int slot) {
        return part(slot, TransactionRecord.TRAITS);
    }

    /** Number of the transaction, from 1, never used again: the owner of its expectations. */
    public long number(final int slot) {
        return slots.value(slot, TransactionRecord.NUMBER);
    }

    /** When the REQ was first seen. */
    public long openedNanos(final int slot) {
        return slots.value(slot, TransactionRecord.OPENED);
    }

    /** How many different REPs have opened ports, at most {@link #REPLIES_MAX}. */
    public int replies(final int slot) {
        return part(slot, TransactionRecord.REPLIES);
    }

    /** The interfaces that the exchange uses, {@link InterfacePair}. */
    public long sides(final int slot) {
        return slots.value(slot, TransactionRecord.INTERFACES);
    }

    public void setSides(final int slot, final long sides) {
        slots.setValue(slot, TransactionRecord.INTERFACES, sides);
    }

    /** The packet mark bits of the REQ, if the requester reaches the responder at a public address; else 0. */
    public long published(final int slot) {
        return slots.value(slot, TransactionRecord.PUBLISHED);
    }

    public void setPublished(final int slot, final long bits) {
        slots.setValue(slot, TransactionRecord.PUBLISHED, bits);
    }

    /**
     * Whether any exchange between these two ends, the requester first, is known, whatever its HANDLE and SEQ, and
     * still in the table. Any thread, without the lock.
     */
    public boolean knows(final Scratch scratch, final Tuple tuple) {
        return exchanges.contains(scratch, tuple);
    }

    /**
     * Remembers that a REP announced these streams, instead of those of an earlier one.
     *
     * @param untilNanos when they are expected no longer
     */
    public void setStreams(
            final int slot, final StreamName[] names, final int[] ports, final int count, final long untilNanos) {
        setPart(slot, TransactionRecord.REPLIES, replies(slot) + 1);
        setPart(slot, TransactionRecord.STREAM_COUNT, count);
        setAnnouncedUntil(slot, untilNanos);
        for (int word = 0; word < TransactionRecord.STREAM_WORDS; word++) {
            slots.setValue(slot, TransactionRecord.STREAMS + word, 0);
        }
        for (int i = 0; i < count; i++) {
            final int word = TransactionRecord.streamWord(i);
            slots.setValue(slot, word, slots.value(slot, word) | TransactionRecord.stream(i, names[i], ports[i]));
        }
    }

    /** What was announced is expected until then. */
    public void setAnnouncedUntil(final int slot, final long untilNanos) {
        slots.setValue(slot, TransactionRecord.ANNOUNCED_UNTIL, untilNanos);
    }

    /** When what the last REP announced was, or will be, expected no longer. */
    public long announcedUntil(final int slot) {
        return slots.value(slot, TransactionRecord.ANNOUNCED_UNTIL);
    }

    /**
     * The exchange of the requester, the source, whose announcement costs least to take back: the oldest unacknowledged
     * one, or else the one acknowledged longest ago. A bounded search; the next call continues where it ended.
     *
     * @return its slot, or {@link #NONE}
     */
    public int oldestAnnouncer(final Tuple tuple, final long nowNanos) {
        return turnover.oldestAnnouncer(tuple, nowNanos);
    }

    /** How many streams the last REP announced, at most {@link StreamLists#STREAMS_MAX}. */
    public int streamCount(final int slot) {
        return part(slot, TransactionRecord.STREAM_COUNT);
    }

    public int port(final int slot, final int i) {
        return TransactionRecord.port(slots.value(slot, TransactionRecord.streamWord(i)), i);
    }

    /** Whether stream {@code i} has this name. */
    public boolean isNamed(final int slot, final int i, final StreamName name) {
        return TransactionRecord.name(slots.value(slot, TransactionRecord.streamWord(i)), i) == name.ordinal();
    }

    private int part(final int slot, final int place) {
        return TransactionRecord.part(slots.value(slot, SlotTable.META), place);
    }

    private void setPart(final int slot, final int place, final int value) {
        slots.setValue(slot, SlotTable.META, TransactionRecord.with(place, slots.value(slot, SlotTable.META), value));
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            final int slot = turnover.nextInRound();
            if (slots.live(slot) && slots.expired(slot, nowNanos)) {
                remove(scratch, slot, Removal.EXPIRED);
            }
        }
    }

    /** Whether a transaction may go on. */
    @FunctionalInterface
    public interface Permission {
        /** Asks for the one with that number; the tuple is from the requester. */
        boolean permits(Tuple tuple, Service service, long number);
    }

    /**
     * Removes, among some slots, what a reload forbids.
     *
     * @param from the first slot to look at
     * @param steps how many, at most to the end of the table
     * @return how many transactions were removed that still waited for a reply, or for its acknowledgment
     */
    public int removeUnless(final Scratch scratch, final int from, final Permission permission, final int steps) {
        final Tuple tuple = new Tuple();
        int removed = 0;
        for (int slot = from; slot < from + steps && slot < slots.capacity(); slot++) {
            if (slots.live(slot)
                    && !permission.permits(TransactionKey.getTuple(slots, slot, tuple), service(slot), number(slot))) {
                removed += closed(slot) ? 0 : 1;
                remove(scratch, slot, Removal.RELOADED);
            }
        }
        return removed;
    }

    /** The number of the transaction that was opened last. */
    public long lastNumber() {
        return lastNumber;
    }

    /** Counts on from this number if it is above the last one: expectations, flows and reports name owners by it. */
    public void countOnFrom(final long number) {
        lastNumber = Math.max(lastNumber, Math.min(number, TransactionRecord.NUMBER_MAX));
    }

    /** From any thread. */
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

    /** A requester's least recently used first, so that it is again the first to be given up. */
    @Override
    public void save(final long nowNanos, final Sink sink) {
        final long[] row = new long[rowWords()];
        for (int slot = 0; slot < slots.capacity(); slot++) {
            for (int next = slots.live(slot) && turnover.isOldest(slot) ? slot : NONE;
                    next != NONE;
                    next = turnover.newer(next)) {
                if (!slots.expired(next, nowNanos)) {
                    slots.copyRecord(next, row);
                    TransactionRecord.toRow(row, nowNanos);
                    sink.accept(row);
                }
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
        if (!TransactionRecord.fromRow(record, elapsedNanos, keepSides, nowNanos)) {
            return false;
        }
        final long recordHash = slots.hash(record);
        if (slots.findLocked(record, recordHash) != NONE) {
            return false;
        }
        final int slot = makesRoom(scratch, record) ? slots.insertRecordLocked(record, recordHash) : NONE;
        if (slot == NONE) {
            return false;
        }
        addToLists(slot, record);
        if (acknowledged(slot)) {
            setAcknowledged(slot);
        }
        countOnFrom(number(slot));
        return true;
    }

    /** Makes room for a record with that key; false if no requester has a record to give up. */
    private boolean makesRoom(final Scratch scratch, final long[] ofRecord) {
        if (turnover.isAtQuota(ofRecord) && !givesUp(scratch, LimitScope.REQUESTER, turnover.victimOf(ofRecord))) {
            return false;
        }
        return slots.size() < slots.capacity() || givesUp(scratch, LimitScope.GLOBAL, turnover.victim());
    }

    private boolean givesUp(final Scratch scratch, final LimitScope reached, final int victim) {
        counters.countLimit(TableName.TRANSACTIONS, reached);
        if (victim != NONE) {
            remove(scratch, victim, reached == LimitScope.REQUESTER ? Removal.QUOTA : Removal.EVICTED);
        }
        return victim != NONE;
    }
}
