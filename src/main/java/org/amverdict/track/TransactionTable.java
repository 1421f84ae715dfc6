package org.amverdict.track;

import io.netty.buffer.ByteBuf;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamLists;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;

/**
 * The control exchanges under way: one record for each (requester, its port, responder, control port, HANDLE, SEQ), kept
 * for as long as Amanda waits for the reply. A record opens no port; it is what a REP must match to open any.
 *
 * <p>Not thread-safe: all calls but {@link #knows} and {@link #size} are made under {@link Tables#control()}. Control
 * datagrams are rare, and one lock over the whole exchange is simpler to be sure of than many small ones.
 *
 * <p>A record at its end stays as a tombstone for a while, so that a late or forged REP finds it closed.
 *
 * <p>Anybody can forge a REQ in a requester's name. So what is given up when there is no room is what costs least: first
 * what is over, then what nobody answered or acknowledged, see {@link RequesterLists}; never an exchange that its
 * responder has acknowledged and whose REP is awaited, for that is an estimate of hours, and Amanda does not ask anew for
 * one that is lost. A responder vouches for few at a time, {@link #KEPT_PER_PAIR_MAX}, since it can be made to acknowledge
 * what is forged; and some room is never for those that are kept.
 */
public final class TransactionTable implements SavedRows {
    /** No such transaction. */
    public static final int NONE = SlotTable.NONE;

    /** Most different REPs of one transaction: the requester sends its REQ anew twice, see RESET_TRIES in protocol.c. */
    public static final int REPLIES_MAX = 3;

    /**
     * Most acknowledged exchanges of one pair of hosts that are kept whatever comes; further ones are given up like those
     * that nobody answered. A real responder has few: its dumps reply within seconds, and it makes one estimate at a time.
     */
    public static final int KEPT_PER_PAIR_MAX = 16;

    /** Of the quota, and of the table, one part in so many is never for records that are kept. */
    private static final int TURNOVER_PART = 8;

    /** First, second address, ports and lengths, HANDLE, SEQ. */
    private static final int KEY_WORDS = 15;

    private static final int PORTS_WORD = 4;
    private static final int HANDLE_WORD = 5;
    private static final int SEQUENCE_WORD = 13;

    private static final int NUMBER = 2;
    private static final int OPENED = 3;
    /** Until when what the last REP announced is expected. */
    private static final int ANNOUNCED_UNTIL = 4;

    private static final int SIDES = 5;
    /** First of the words with the announced streams. */
    private static final int STREAMS = 6;

    private static final int STREAM_WORDS = 3;
    /** Bits of the packet mark that name the published host the REQ was sent to, 0 for none. */
    private static final int PUBLISHED = STREAMS + STREAM_WORDS;

    private static final int VALUE_WORDS = PUBLISHED + 1;

    private static final int SERVICE_SHIFT = 8;
    private static final int TRAITS_SHIFT = 16;
    private static final int STATE_SHIFT = 24;
    private static final int REPLIES_SHIFT = 32;
    private static final int STREAM_COUNT_SHIFT = 40;
    private static final long BYTE = 0xFF;
    /** The longest wait for a REP that can be configured: a week. */
    public static final long REPLY_WITHIN_MAX_NANOS = 7 * 86_400_000_000_000L;
    /** A request is kept some minutes longer than the wait, see the configuration; this is more than any is kept. */
    public static final long LIFETIME_MAX_NANOS = REPLY_WITHIN_MAX_NANOS + 86_400_000_000_000L;

    /** Slots that {@link #open} sweeps: more than it fills, so that what is over goes although nobody keeps house. */
    private static final int SWEPT_PER_REQUEST = 2;

    private static final int ASKED = 0;
    private static final int REPLIED = 1;
    private static final int CLOSED = 2;
    /** The responder has said that it is at work. */
    private static final int ACKNOWLEDGED = 3;

    private static final int STATE_MAX = ACKNOWLEDGED;

    /** Records looked at to find one to give up, where the first {@link SlotTable#VICTIM_SAMPLE} have nothing to give. */
    private static final int VICTIM_SAMPLE_MAX = 256;

    /** Exchanges of each kind looked at to find one that announces. */
    private static final int ANNOUNCERS_MAX = 32;

    /** Numbers count on from here without ever running over. */
    private static final long NUMBER_MAX = 1L << 53;

    private static final int PORT_BITS = 16;
    /** A port and the name of its stream. */
    private static final int STREAM_BITS = 24;

    private static final int STREAMS_PER_WORD = 2;
    private static final int PORT_MASK = 0xFFFF;
    private static final Service[] SERVICES = Service.values();

    private final SlotTable slots;
    private final RequesterLists requesters;
    private final ExchangeCounts exchanges;
    /** By all of the key but the responder's address. */
    private final SlotHints byRequest;

    private final PairCounts keptPairs;
    private final int perRequester;
    private final int keptPerRequesterMax;
    private final int keptMax;
    private final TableCounters counters;
    private final long[] key = new long[KEY_WORDS];
    private long hash;
    private long lastNumber;
    private int kept;

    /**
     * @param capacity most transactions
     * @param perRequester most transactions of one requester
     * @param seed of the hash
     */
    public TransactionTable(final int capacity, final int perRequester, final long seed, final TableCounters counters) {
        slots = new SlotTable(KEY_WORDS, VALUE_WORDS, capacity, seed);
        requesters = new RequesterLists(capacity, seed);
        exchanges = new ExchangeCounts(capacity, seed);
        byRequest = new SlotHints(capacity, seed);
        keptPairs = new PairCounts(capacity, seed);
        this.perRequester = perRequester;
        keptPerRequesterMax = perRequester - Math.max(1, perRequester / TURNOVER_PART);
        keptMax = capacity - Math.max(1, capacity / TURNOVER_PART);
        this.counters = counters;
    }

    /**
     * Finds the transaction of a control datagram.
     *
     * @param tuple from the requester, whichever way the datagram goes
     * @return its slot, or {@link #NONE}; good until the next {@link #open} or {@link #expire}. Whether the packet came in
     *     where it should is for the caller to ask, see {@link #sides}
     */
    public int find(
            final Scratch scratch,
            final Tuple tuple,
            final ByteBuf buffer,
            final ControlHeader header,
            final long nowNanos) {
        TableKey.setDirected(key, tuple);
        key[PORTS_WORD] |=
                (long) header.handleLength() << (2 * PORT_BITS) | (long) header.sequenceLength() << (3 * PORT_BITS);
        pack(buffer, header.handleOffset(), header.handleLength(), HANDLE_WORD, SEQUENCE_WORD);
        pack(buffer, header.sequenceOffset(), header.sequenceLength(), SEQUENCE_WORD, KEY_WORDS);
        hash = slots.hash(key);
        final int slot = slots.findLocked(key, hash);
        if (slot == NONE || !slots.expired(slot, nowNanos)) {
            return slot;
        }
        remove(scratch, slot, Removal.EXPIRED);
        return NONE;
    }

    /** Whether that slot still has the transaction with this number. */
    public boolean isStill(final int slot, final long number, final long nowNanos) {
        return slots.live(slot) && number(slot) == number && !slots.expired(slot, nowNanos);
    }

    /** Packs text into the key words from {@code first} to {@code end}, the rest zeros. */
    private void pack(final ByteBuf buffer, final int offset, final int length, final int first, final int end) {
        for (int word = first; word < end; word++) {
            final int start = (word - first) * Long.BYTES;
            long packed = 0;
            for (int i = start; i < start + Long.BYTES && i < length; i++) {
                packed = packed << Byte.SIZE | buffer.getUnsignedByte(offset + i);
            }
            key[word] = packed;
        }
    }

    /**
     * Enters the transaction that the {@link #find} just before did not find. A requester at its quota gives up one of its
     * own; a full table gives up one of the requester that has most to give. It has no deadline yet, see
     * {@link #setDeadline}, and knows no interfaces, see {@link #setSides}.
     *
     * @param traits {@link org.amverdict.amanda.RequestParser#traits()}
     * @return its slot, or {@link #NONE} if nobody has anything to give
     */
    public int open(final Scratch scratch, final Service service, final int traits, final long nowNanos) {
        expire(scratch, nowNanos, SWEPT_PER_REQUEST);
        if (requesters.count(key[0], key[1]) >= perRequester) {
            counters.countLimit(TableName.TRANSACTIONS, LimitScope.REQUESTER);
            remove(scratch, requesters.victim(key[0], key[1]), Removal.QUOTA);
        }
        int slot = slots.insertLocked(key, hash);
        if (slot == NONE) {
            counters.countLimit(TableName.TRANSACTIONS, LimitScope.GLOBAL);
            final int victim = victim();
            if (victim == NONE) {
                return NONE;
            }
            remove(scratch, victim, Removal.EVICTED);
            slot = slots.insertLocked(key, hash);
        }
        if (slot == NONE) {
            return NONE;
        }
        requesters.append(slot, key[0], key[1], RequesterLists.UNANSWERED);
        lastNumber++;
        final long state = (long) ASKED << STATE_SHIFT;
        slots.setValue(
                slot,
                SlotTable.META,
                (long) service.ordinal() << SERVICE_SHIFT | (long) traits << TRAITS_SHIFT | state);
        slots.setValue(slot, NUMBER, lastNumber);
        slots.setValue(slot, OPENED, nowNanos);
        exchanges.add(slots, slot);
        byRequest.put(request(key), slot);
        return slot;
    }

    /** Of what tells requests apart, enough for a hint: requester, ports, and the first bytes of HANDLE and SEQ. */
    private long request(final long[] words) {
        long part = SlotHints.with(byRequest.start(), Long.rotateLeft(words[0], Integer.SIZE) ^ words[1]);
        part = SlotHints.with(part, words[PORTS_WORD] ^ Long.rotateLeft(words[SEQUENCE_WORD], 1));
        return SlotHints.with(part, words[HANDLE_WORD] ^ Long.rotateLeft(words[HANDLE_WORD + 1], 1));
    }

    private static boolean isResponder(final int keyWord) {
        return keyWord == 2 || keyWord == 3;
    }

    /**
     * The transaction that the datagram of the {@link #find} just before would be of, had it come from another responder:
     * same requester, ports, HANDLE and SEQ. For reports: of several it may know none.
     *
     * @return its slot, or {@link #NONE}
     */
    public int findOtherResponder(final long nowNanos) {
        final int slot = byRequest.get(request(key));
        if (slot == NONE || !slots.live(slot) || slots.expired(slot, nowNanos)) {
            return NONE;
        }
        for (int i = 0; i < KEY_WORDS; i++) {
            if (!isResponder(i) && slots.key(slot, i) != key[i]) {
                return NONE;
            }
        }
        return slot;
    }

    /** Address of the responder, upper half. */
    public long responderHigh(final int slot) {
        return slots.key(slot, 2);
    }

    public long responderLow(final int slot) {
        return slots.key(slot, 3);
    }

    /**
     * What the requester gives up that has most to give, among those of a few random records. One in eight can be given up
     * at least, so it is found almost always; NONE otherwise.
     */
    private int victim() {
        int victim = NONE;
        int most = 0;
        for (int i = 0; i < VICTIM_SAMPLE_MAX && (i < SlotTable.VICTIM_SAMPLE || victim == NONE); i++) {
            final int slot = slots.nextSample();
            if (slots.live(slot)) {
                final int spare = requesters.spare(slots.key(slot, 0), slots.key(slot, 1));
                if (spare > most) {
                    victim = slot;
                    most = spare;
                }
            }
        }
        return victim == NONE ? NONE : requesters.victim(slots.key(victim, 0), slots.key(victim, 1));
    }

    private void remove(final Scratch scratch, final int slot, final Removal cause) {
        final boolean unanswered = !closed(slot) && !replied(slot);
        final long number = number(slot);
        forgetKept(slot);
        exchanges.remove(slots, slot);
        requesters.remove(slot);
        slots.removeLocked(slot, slots.hashOf(slot));
        if (unanswered) {
            scratch.ending.kind = Ending.Kind.TRANSACTION;
            scratch.ending.removal = cause;
            scratch.ending.owner = number;
            scratch.tell();
        }
    }

    /** The exchange goes on: a REQ was repeated, or the responder said something. */
    public void touch(final int slot) {
        requesters.touch(slot);
    }

    /**
     * The responder has said, on its own interface, that it is at work on it: kept from now on until the REP, if its
     * responder and requester have not too many of that kind. Of one that is answered nothing changes.
     */
    public void setAcknowledged(final int slot) {
        if (closed(slot) || replied(slot)) {
            return;
        }
        setMeta(slot, STATE_SHIFT, ACKNOWLEDGED);
        if (requesters.kind(slot) != RequesterLists.KEPT
                && kept < keptMax
                && requesters.kept(slot) < keptPerRequesterMax
                && keptPairs.add(slots, slot, KEPT_PER_PAIR_MAX)) {
            requesters.move(slot, RequesterLists.KEPT);
            kept++;
        }
    }

    /** Whether the responder has acknowledged the REQ and not answered it. */
    public boolean acknowledged(final int slot) {
        return meta(slot, STATE_SHIFT) == ACKNOWLEDGED;
    }

    /** The record is of another kind from now on, and kept no longer. */
    private void letGo(final int slot, final int kind) {
        forgetKept(slot);
        requesters.move(slot, kind);
    }

    private void forgetKept(final int slot) {
        if (requesters.kind(slot) == RequesterLists.KEPT) {
            keptPairs.remove(slots, slot);
            kept--;
        }
    }

    /** The record ends then. */
    public void setDeadline(final int slot, final long deadlineNanos) {
        slots.setValue(slot, SlotTable.DEADLINE, deadlineNanos);
    }

    /** A REP has gone to the requester; of a closed transaction nothing changes. */
    public void setReplied(final int slot) {
        if (!closed(slot) && !replied(slot)) {
            setMeta(slot, STATE_SHIFT, REPLIED);
            letGo(slot, RequesterLists.REPLIED);
        }
    }

    public boolean replied(final int slot) {
        return meta(slot, STATE_SHIFT) == REPLIED;
    }

    /** Nothing may be opened any more; the record stays until {@code deadlineNanos}. */
    public void close(final int slot, final long deadlineNanos) {
        setMeta(slot, STATE_SHIFT, CLOSED);
        letGo(slot, RequesterLists.ENDED);
        setDeadline(slot, deadlineNanos);
    }

    public boolean closed(final int slot) {
        return meta(slot, STATE_SHIFT) == CLOSED;
    }

    public Service service(final int slot) {
        return SERVICES[meta(slot, SERVICE_SHIFT)];
    }

    public int traits(final int slot) {
        return meta(slot, TRAITS_SHIFT);
    }

    /** Number of the transaction, from 1, never used again: the owner of its expectations. */
    public long number(final int slot) {
        return slots.value(slot, NUMBER);
    }

    /** When the REQ was first seen. */
    public long openedNanos(final int slot) {
        return slots.value(slot, OPENED);
    }

    /** How many different REPs have opened ports, at most {@link #REPLIES_MAX}. */
    public int replies(final int slot) {
        return meta(slot, REPLIES_SHIFT);
    }

    /** The interfaces that the exchange uses, {@link Sides}. */
    public long sides(final int slot) {
        return slots.value(slot, SIDES);
    }

    public void setSides(final int slot, final long sides) {
        slots.setValue(slot, SIDES, sides);
    }

    /** The bits of the packet mark that the REQ came with, if the requester knows the responder by a public address; else 0. */
    public long published(final int slot) {
        return slots.value(slot, PUBLISHED);
    }

    public void setPublished(final int slot, final long bits) {
        slots.setValue(slot, PUBLISHED, bits);
    }

    /**
     * Whether any exchange between these two ends, the requester first, is known, whatever its HANDLE and SEQ, and not yet swept out. Any thread,
     * without the lock.
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
        setMeta(slot, REPLIES_SHIFT, replies(slot) + 1);
        setMeta(slot, STREAM_COUNT_SHIFT, count);
        setAnnouncedUntil(slot, untilNanos);
        for (int word = 0; word < STREAM_WORDS; word++) {
            slots.setValue(slot, STREAMS + word, 0);
        }
        for (int i = 0; i < count; i++) {
            final int word = STREAMS + i / STREAMS_PER_WORD;
            final long stream = (long) names[i].ordinal() << PORT_BITS | ports[i];
            slots.setValue(slot, word, slots.value(slot, word) | stream << (i % STREAMS_PER_WORD * STREAM_BITS));
        }
    }

    /** What was announced is expected until then. */
    public void setAnnouncedUntil(final int slot, final long untilNanos) {
        slots.setValue(slot, ANNOUNCED_UNTIL, untilNanos);
    }

    /** When what the last REP announced was, or will be, expected no longer. */
    public long announcedUntil(final int slot) {
        return slots.value(slot, ANNOUNCED_UNTIL);
    }

    /**
     * The exchange of the requester, the source, whose announcement costs least to take back: the one made longest ago that nobody has
     * acknowledged, or else the one that was acknowledged longest ago. A search of bounded length, which goes on at the next
     * call where it ended.
     *
     * @return its slot, or {@link #NONE}
     */
    public int oldestAnnouncer(final Tuple tuple, final long nowNanos) {
        for (int i = 0; i < ANNOUNCERS_MAX; i++) {
            final int oldest = requesters.oldest(tuple.sourceHigh(), tuple.sourceLow(), RequesterLists.REPLIED);
            if (oldest == NONE) {
                break;
            }
            if (announces(oldest, nowNanos)) {
                return oldest;
            }
            requesters.move(oldest, RequesterLists.ENDED);
        }
        for (int i = 0; i < ANNOUNCERS_MAX; i++) {
            final int oldest = requesters.oldest(tuple.sourceHigh(), tuple.sourceLow(), RequesterLists.ENDED);
            if (oldest == NONE || announces(oldest, nowNanos)) {
                return oldest;
            }
            requesters.touch(oldest);
        }
        return NONE;
    }

    /** Whether what the last REP announced may still be expected. */
    private boolean announces(final int slot, final long nowNanos) {
        return streamCount(slot) > 0 && announcedUntil(slot) - nowNanos > 0;
    }

    /** How many streams the last REP announced, at most {@link StreamLists#STREAMS_MAX}. */
    public int streamCount(final int slot) {
        return meta(slot, STREAM_COUNT_SHIFT);
    }

    public int port(final int slot, final int i) {
        return (int) stream(slot, i) & PORT_MASK;
    }

    /** Whether stream {@code i} has this name. */
    public boolean isNamed(final int slot, final int i, final StreamName name) {
        return (int) (stream(slot, i) >>> PORT_BITS & BYTE) == name.ordinal();
    }

    private long stream(final int slot, final int i) {
        return slots.value(slot, STREAMS + i / STREAMS_PER_WORD) >>> (i % STREAMS_PER_WORD * STREAM_BITS);
    }

    private int meta(final int slot, final int shift) {
        return (int) (slots.value(slot, SlotTable.META) >>> shift & BYTE);
    }

    private void setMeta(final int slot, final int shift, final int value) {
        final long others = slots.value(slot, SlotTable.META) & ~(BYTE << shift);
        slots.setValue(slot, SlotTable.META, others | (long) value << shift);
    }

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            final int slot = slots.nextInRound();
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
     * Removes what may not go on since a reload, among some slots.
     *
     * @param from the first slot to look at
     * @param steps how many, as far as there are so many
     * @return how many transactions were removed that still waited for a reply, or for its acknowledgement
     */
    public int removeUnless(final Scratch scratch, final Permission permission, final int from, final int steps) {
        final Tuple tuple = new Tuple();
        int removed = 0;
        for (int slot = from; slot < from + steps && slot < slots.capacity(); slot++) {
            if (slots.live(slot) && !permission.permits(tupleOf(slot, tuple), service(slot), number(slot))) {
                removed += closed(slot) ? 0 : 1;
                remove(scratch, slot, Removal.RELOADED);
            }
        }
        return removed;
    }

    private Tuple tupleOf(final int slot, final Tuple tuple) {
        final int ports = (int) slots.key(slot, PORTS_WORD);
        return tuple.set(
                slots.key(slot, 0),
                slots.key(slot, 1),
                ports >>> PORT_BITS,
                slots.key(slot, 2),
                slots.key(slot, 3),
                ports & PORT_MASK);
    }

    /** The number of the transaction that was opened last. */
    public long lastNumber() {
        return lastNumber;
    }

    /** Counts on from this number, if it is above the last one: expectations, flows and reports name their owner by it. */
    public void countOnFrom(final long number) {
        lastNumber = Math.max(lastNumber, Math.min(number, NUMBER_MAX));
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

    /** The quietest of a requester first, so that it is again the first to be given up. */
    @Override
    public void save(final long nowNanos, final Sink sink) {
        final long[] row = new long[rowWords()];
        for (int slot = 0; slot < slots.capacity(); slot++) {
            for (int next = slots.live(slot) && requesters.isOldest(slot) ? slot : NONE;
                    next != NONE;
                    next = requesters.newer(next)) {
                save(next, row, nowNanos, sink);
            }
        }
    }

    private void save(final int slot, final long[] row, final long nowNanos, final Sink sink) {
        if (!slots.expired(slot, nowNanos)) {
            slots.copyRecord(slot, row);
            row[KEY_WORDS + SlotTable.DEADLINE] -= nowNanos;
            row[KEY_WORDS + OPENED] = nowNanos - row[KEY_WORDS + OPENED];
            row[KEY_WORDS + ANNOUNCED_UNTIL] = Math.max(0, row[KEY_WORDS + ANNOUNCED_UNTIL] - nowNanos);
            sink.accept(row);
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
        final long left = Durations.leftAfter(record[KEY_WORDS + SlotTable.DEADLINE], elapsedNanos);
        if (left <= 0 || left > LIFETIME_MAX_NANOS || !isSound(record)) {
            return false;
        }
        record[KEY_WORDS + SlotTable.DEADLINE] = nowNanos + left;
        record[KEY_WORDS + OPENED] = Durations.before(record[KEY_WORDS + OPENED], elapsedNanos, nowNanos);
        final long announced = Durations.leftAfter(record[KEY_WORDS + ANNOUNCED_UNTIL], elapsedNanos);
        record[KEY_WORDS + ANNOUNCED_UNTIL] = nowNanos + Math.max(0, Math.min(announced, LIFETIME_MAX_NANOS));
        if (!keepSides) {
            record[KEY_WORDS + SIDES] = Sides.UNKNOWN;
        }
        final long recordHash = slots.hash(record);
        if (slots.findLocked(record, recordHash) != NONE) {
            return false;
        }
        if (!makesRoom(scratch, record[0], record[1]) || !slots.insertRecord(record)) {
            return false;
        }
        final int slot = slots.findLocked(record, recordHash);
        requesters.append(slot, record[0], record[1], kindOf(slot));
        exchanges.add(slots, slot);
        if (acknowledged(slot)) {
            setAcknowledged(slot);
        }
        countOnFrom(number(slot));
        byRequest.put(request(record), slot);
        return true;
    }

    /** Whether this table can have made the record. */
    private static boolean isSound(final long[] record) {
        final long meta = record[KEY_WORDS + SlotTable.META];
        final long number = record[KEY_WORDS + NUMBER];
        return (meta & SlotTable.CHARGED_TO_SECOND) == 0
                && (meta >>> SERVICE_SHIFT & BYTE) < SERVICES.length
                && (meta >>> STATE_SHIFT & BYTE) <= STATE_MAX
                && (meta >>> REPLIES_SHIFT & BYTE) <= REPLIES_MAX
                && (meta >>> STREAM_COUNT_SHIFT & BYTE) <= StreamLists.STREAMS_MAX
                && number > 0
                && number <= NUMBER_MAX;
    }

    private boolean makesRoom(final Scratch scratch, final long requesterHigh, final long requesterLow) {
        if (requesters.count(requesterHigh, requesterLow) >= perRequester) {
            counters.countLimit(TableName.TRANSACTIONS, LimitScope.REQUESTER);
            final int own = requesters.victim(requesterHigh, requesterLow);
            if (own == NONE) {
                return false;
            }
            remove(scratch, own, Removal.QUOTA);
        }
        if (slots.size() == slots.capacity()) {
            counters.countLimit(TableName.TRANSACTIONS, LimitScope.GLOBAL);
            final int victim = victim();
            if (victim == NONE) {
                return false;
            }
            remove(scratch, victim, Removal.EVICTED);
        }
        return true;
    }

    /** The kind of a record that is not kept. */
    private int kindOf(final int slot) {
        if (closed(slot)) {
            return RequesterLists.ENDED;
        }
        return replied(slot) ? RequesterLists.REPLIED : RequesterLists.UNANSWERED;
    }
}
