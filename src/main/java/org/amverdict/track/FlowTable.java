package org.amverdict.track;

import static org.amverdict.track.Durations.NANOS_PER_MILLI;
import static org.amverdict.track.FlowRecord.ARMED_UNTIL;
import static org.amverdict.track.FlowRecord.INTERFACES;
import static org.amverdict.track.FlowRecord.OPENED;
import static org.amverdict.track.FlowRecord.OWNER;
import static org.amverdict.track.FlowRecord.PRIVILEGED;
import static org.amverdict.track.TcpState.CLOSING;
import static org.amverdict.track.TcpState.ESTABLISHED;
import static org.amverdict.track.TcpState.REFUSED;
import static org.amverdict.track.TcpState.SYN_SENT;

import java.util.function.LongPredicate;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;
import org.jspecify.annotations.Nullable;

/**
 * The TCP connections that were let in, with just enough state to know when they end and what they carried. Any worker
 * may call anything; the packet path of a known flow takes no lock unless the state changes.
 *
 * <p>An established flow ends only after {@code flows.idle}: Amanda's MESG and INDEX streams are silent for hours
 * during a long dump. In gate placement only SYNs come here, so flows stay in SYN_SENT and go two minutes after the
 * first SYN, which is long enough for its repetitions. No repetition gives them more time: otherwise one announcement
 * would admit connections without end.
 *
 * <p>The flow of an announced connection replaces an earlier one of the same addresses and ports. Nothing
 * else replaces a flow that is not over: {@link ChargedTable#enter} checks that under the lock of the record.
 */
public final class FlowTable implements SavedRows {
    /** What a packet is to the table. */
    public static final int UNKNOWN = 0;
    /** Part of a known flow: accept. */
    public static final int KNOWN = 1;
    /** A SYN on a known flow that does not repeat its first one. */
    public static final int STALE_SYN = 2;
    /** Has the addresses and ports of a known flow, but came in where none of its packets can. */
    public static final int MISPLACED = 3;

    /** Outcome of a SYN that may open a flow: it did. */
    public static final int ENTERED = 0;
    /** An unfinished flow exists. The SYN was noted; if the responder answers it, the flow begins again. */
    public static final int CHALLENGES = 1;
    /** An unfinished flow exists, and a SYN from there cannot restart it. Nothing changed. */
    public static final int STANDS = 2;

    /** Only longer silences are noted, so a busy flow does not even read the noted one. */
    public static final long GAP_MIN_NANOS = 10_000_000;

    private final SlotTable slots;
    private final ChargedTable<Scratch> charged;
    private final TcpTracker tcp;
    private final FlowInterfaces places;
    private final FlowEnds ends;
    private final FlowChanges changes;

    /**
     * @param seed of the hash
     */
    public FlowTable(final TableLimits.Flows limits, final long seed, final TableCounters counters) {
        this(limits, seed, counters, new Interfaces());
    }

    FlowTable(
            final TableLimits.Flows limits,
            final long seed,
            final TableCounters counters,
            final Interfaces interfaces) {
        slots = new SlotTable(TableKey.WORDS, FlowRecord.VALUE_WORDS, limits.capacity(), seed);
        charged = new ChargedTable<>(
                slots, seed, counters.limitsOf(TableName.FLOWS), ChargedTable.UNLIMITED, new Owner());
        tcp = new TcpTracker(slots, limits.idleNanos());
        places = new FlowInterfaces(slots, tcp, interfaces);
        ends = new FlowEnds(slots, tcp);
        changes = new FlowChanges(slots, charged, tcp, ends);
    }

    /** Decides which flow yields to another. */
    private final class Owner implements ChargedTable.Owner<Scratch> {
        /** A flow of an announced connection replaces any other, another flow only one that is over. */
        @Override
        public boolean givesWay(final int slot, final Scratch scratch, final long nowNanos) {
            return RecordWords.value(scratch.entry, OWNER) != 0 || !isUnderWay(slot, nowNanos);
        }

        /** Anyone can forge a SYN to a control port in any host's name, and make a client answer it. */
        @Override
        public LongPredicate cheap() {
            return meta -> !FlowRecord.isUnderWay(meta);
        }

        @Override
        public void gone(final Scratch scratch, final ChargedTable.Cause cause) {
            ends.removed(
                    scratch,
                    switch (cause) {
                        case REPLACED -> FlowEnd.REPLACED;
                        case EVICTED -> FlowEnd.EVICTED;
                        case EXPIRED -> FlowEnd.IDLE;
                    });
        }
    }

    /**
     * Follows a TCP packet. If its flow is known, {@link Scratch#followed} has the stream, the owner and the direction,
     * and whether the packet ended the flow before it began, see {@link Followed#refused}; such a flow is forgotten at
     * once.
     *
     * <p>A RST or FIN counts only if its numbers are those that the side could have sent (RFC 5961): otherwise anyone
     * with the addresses and ports could shorten how long a silent stream is remembered. A SYN is of the flow only if
     * it repeats the first one. And a packet must come in where those of the other direction go out; one that does not
     * changes nothing.
     *
     * @return {@link #UNKNOWN}, {@link #KNOWN}, {@link #STALE_SYN} or {@link #MISPLACED}
     */
    public int follow(final Scratch scratch, final Tuple tuple, final Segment segment, final long nowNanos) {
        final long[] key = scratch.key;
        final boolean sourceIsSecond = TableKey.setBothWays(key, tuple);
        final long hash = slots.hash(key);
        final int slot = slots.find(key, hash);
        if (slot == SlotTable.NONE) {
            return UNKNOWN;
        }
        if (segment.isPlainSyn()) {
            return followSyn(scratch, hash, sourceIsSecond, segment, nowNanos);
        }
        long deadlineNanos = slots.value(slot, SlotTable.DEADLINE);
        if (deadlineNanos - nowNanos <= 0) {
            return UNKNOWN;
        }
        final long meta = slots.value(slot, SlotTable.META);
        final boolean reply = sourceIsSecond != FlowRecord.isSwapped(meta);
        final int state = FlowRecord.state(meta);
        final long pair = segment.sides(reply);
        if (pair != slots.value(slot, INTERFACES)
                && pair != InterfacePair.UNKNOWN
                && !places.keeps(slot, reply, state, segment)) {
            return MISPLACED;
        }
        final Followed followed = scratch.followed;
        followed.stream = FlowRecord.streamOrdinal(meta);
        followed.owner = slots.value(slot, OWNER);
        followed.reply = reply;
        followed.refused = false;
        final int next = tcp.next(slot, reply, state, segment);
        int newState = next & TcpState.STATE_MASK;
        if (newState == REFUSED) {
            changes.refuse(scratch, hash, state, segment, nowNanos);
            followed.flowEndNanos = nowNanos;
            return KNOWN;
        }
        if (newState != state) {
            newState = changes.state(scratch, hash, state, newState);
            deadlineNanos += tcp.timeoutNanos(newState) - tcp.timeoutNanos(state);
        }
        if (FlowCounts.add(slots, slot, reply, segment.bytes)) {
            changes.carry(hash, scratch, reply);
        }
        if (next == state) {
            followed.flowEndNanos = deadlineNanos;
        } else {
            followed.flowEndNanos = nowNanos + tcp.timeoutNanos(newState);
            slots.setValue(slot, SlotTable.DEADLINE, followed.flowEndNanos);
            // The deadline is this far from the last packet that moved it, so this is how long ago that was.
            final long gapNanos = followed.flowEndNanos - deadlineNanos;
            if (gapNanos >= GAP_MIN_NANOS && gapNanos / NANOS_PER_MILLI > FlowRecord.gapMillis(meta)) {
                changes.gap(hash, scratch, gapNanos / NANOS_PER_MILLI);
            }
        }
        if (newState >= CLOSING) {
            ends.over(scratch, hash, newState);
        }
        return KNOWN;
    }

    /** A plain SYN: known if it repeats the one that the flow began with. It moves and prolongs nothing. */
    private int followSyn(
            final Scratch scratch,
            final long hash,
            final boolean sourceIsSecond,
            final Segment syn,
            final long nowNanos) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {
                return UNKNOWN;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final boolean reply = sourceIsSecond != FlowRecord.isSwapped(meta);
            final long pair = slots.value(slot, INTERFACES);
            final long sinceNanos = nowNanos - slots.value(slot, OPENED);
            final boolean repeats =
                    !reply && syn.payload == 0 && tcp.repeatsSyn(slot, syn, FlowRecord.state(meta), sinceNanos);
            if (!places.admits(pair, reply, syn, repeats)) {
                return MISPLACED;
            }
            if (!repeats) {
                return STALE_SYN;
            }
            slots.setValue(slot, INTERFACES, InterfacePair.learn(pair, syn.sides(false)));
            final Followed followed = scratch.followed;
            followed.stream = FlowRecord.streamOrdinal(meta);
            followed.owner = slots.value(slot, OWNER);
            followed.reply = false;
            followed.refused = false;
            followed.flowEndNanos = slots.value(slot, SlotTable.DEADLINE);
            FlowCounts.add(slots, slot, false, syn.bytes);
            return KNOWN;
        } finally {
            slots.unlock(hash);
        }
    }

    /** Sees flows for a report, with figures of about this moment. */
    @FunctionalInterface
    public interface Visitor {
        /** Sees one; the argument is reused for the next. */
        void visit(FlowSnapshot flow);
    }

    /**
     * Visits the current flows; for reports, from any thread.
     *
     * @param scratch of the caller's own
     */
    public void forEach(final Scratch scratch, final Visitor visitor) {
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, scratch.record)) {
                ends.fill(scratch.flow, scratch.record);
                visitor.visit(scratch.flow);
            }
        }
    }

    /**
     * The figures of one flow at about this moment; for reports, from any thread.
     *
     * @param scratch of the caller's own
     * @return the snapshot of the scratch, good until its next use; null if there is no such flow
     */
    public @Nullable FlowSnapshot look(final Scratch scratch, final Tuple tuple) {
        final long[] key = scratch.key;
        TableKey.setBothWays(key, tuple);
        if (!slots.read(key, slots.hash(key), scratch.record)) {
            return null;
        }
        ends.fill(scratch.flow, scratch.record);
        return scratch.flow;
    }

    /**
     * Notes a SYN on a flow that is under way: its sender may have lost the connection, or it is forged. Only the
     * responder's answer to it makes the flow begin again. One in the responder's name, or from where the originator is
     * not, is not even noted.
     */
    private int challenge(final Scratch scratch, final Tuple tuple, final Segment syn, final long nowNanos) {
        final long[] key = scratch.key;
        final boolean sourceIsSecond = TableKey.setBothWays(key, tuple);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || !isUnderWay(slot, nowNanos)) {
                return STANDS;
            }
            final boolean reply = sourceIsSecond != FlowRecord.isSwapped(slots.value(slot, SlotTable.META));
            if (reply || !places.isFromOriginator(slots.value(slot, INTERFACES), syn)) {
                return STANDS;
            }
            tcp.notePending(slot, syn);
            scratch.followed.flowEndNanos = slots.value(slot, SlotTable.DEADLINE);
            return CHALLENGES;
        } finally {
            slots.unlock(hash);
        }
    }

    private boolean isUnderWay(final int slot, final long nowNanos) {
        return !slots.expired(slot, nowNanos) && !tcp.isOver(slot, slots.value(slot, SlotTable.META));
    }

    /**
     * Whether a segment that an ICMP error quotes can be one that this table has let through lately: it is of a known
     * flow, and its sender has sent that sequence number and may still wait for its acknowledgment (RFC 5927). Changes
     * nothing.
     *
     * @param inInterface where the error came in, 0 if not known; the segment must have gone out there
     * @param tuple of the quoted segment
     * @param sequence of the quoted segment
     */
    public boolean outstanding(
            final Scratch scratch, final int inInterface, final Tuple tuple, final int sequence, final long nowNanos) {
        final long[] key = scratch.key;
        final boolean sourceIsSecond = TableKey.setBothWays(key, tuple);
        final long hash = slots.hash(key);
        if (slots.find(key, hash) == SlotTable.NONE) {
            return false;
        }
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {
                return false;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final boolean reply = sourceIsSecond != FlowRecord.isSwapped(meta);
            final boolean ofSender = FlowRecord.state(meta) == SYN_SENT
                    ? !reply && tcp.isItsSyn(slot, sequence)
                    : tcp.isUnderWay(slot, reply, sequence);
            return ofSender && places.mayQuote(slots.value(slot, INTERFACES), reply, inInterface);
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Enters the flow of a SYN that took an expectation. An earlier flow of the same addresses and ports goes. A full
     * table gives up a flow of the host that has most.
     *
     * @param tuple of the flow, which is not the packet's where the responder is known by a public address
     * @param taken the expectation; if the responder refuses, it may be rearmed
     */
    public void openExpected(
            final Scratch scratch, final Tuple tuple, final Segment syn, final Taken taken, final long nowNanos) {
        final long meta = FlowRecord.meta(taken.stream, SYN_SENT) | (taken.privilegedSource ? PRIVILEGED : 0);
        final int announcedBy = taken.armedUntilNanos == 0 ? 0 : taken.announcedBy;
        begin(scratch, tuple, FlowRecord.withAnnouncedBy(meta, announcedBy), syn, nowNanos);
        final long[] entry = scratch.entry;
        RecordWords.setValue(entry, OWNER, taken.owner);
        RecordWords.setValue(entry, INTERFACES, InterfacePair.learn(taken.sides, syn.sides(false)));
        RecordWords.setValue(entry, ARMED_UNTIL, taken.armedUntilNanos);
        charged.enter(scratch, nowNanos);
    }

    /**
     * Enters the flow of a SYN that the policy permits without any announcement. An earlier flow of the same addresses
     * and ports goes if it is over; else it stays, and the responder's answer decides. A full table gives up a flow of
     * the host that has most.
     *
     * @return {@link #ENTERED}, also if there was no room, {@link #CHALLENGES} or {@link #STANDS}
     */
    public int openPermitted(
            final Scratch scratch, final Tuple tuple, final Segment syn, final StreamName stream, final long nowNanos) {
        begin(scratch, tuple, FlowRecord.meta(stream, SYN_SENT), syn, nowNanos);
        RecordWords.setValue(scratch.entry, INTERFACES, syn.sides(false));
        final boolean stands = charged.enter(scratch, nowNanos) == ChargedTable.STANDS;
        return stands ? challenge(scratch, tuple, syn, nowNanos) : ENTERED;
    }

    /** Begins the record that a SYN makes. */
    private void begin(
            final Scratch scratch, final Tuple tuple, final long meta, final Segment syn, final long nowNanos) {
        final long[] entry = scratch.entry;
        scratch.followed.flowEndNanos = nowNanos + tcp.timeoutNanos(SYN_SENT);
        FlowRecord.begin(entry, tuple, meta, nowNanos);
        RecordWords.setValue(entry, SlotTable.DEADLINE, scratch.followed.flowEndNanos);
        RecordWords.setValue(entry, FlowCounts.word(false), FlowCounts.one(syn.bytes));
        TcpTracker.begin(entry, syn);
    }

    /**
     * Enters a connection that was under way before it was first seen.
     *
     * @param tuple of the connection: from its originator
     * @param reply the packet goes from the responder to the originator
     * @return false if an unfinished flow of these addresses and ports exists; it stays as it is
     */
    public boolean adopt(
            final Scratch scratch, final Tuple tuple, final Segment segment, final boolean reply, final long nowNanos) {
        final long[] entry = scratch.entry;
        FlowRecord.begin(entry, tuple, FlowRecord.meta(StreamName.ADOPTED, ESTABLISHED), nowNanos);
        RecordWords.setValue(entry, SlotTable.DEADLINE, nowNanos + tcp.timeoutNanos(ESTABLISHED));
        RecordWords.setValue(entry, FlowCounts.word(reply), FlowCounts.one(segment.bytes));
        TcpTracker.resume(entry, reply, segment);
        return charged.enter(scratch, nowNanos) != ChargedTable.STANDS;
    }

    /**
     * Forgets a flow that a RST ended before its handshake was complete, where that RST was not seen, if the expectation
     * that let it in may be rearmed: {@link Followed#refused}, and {@link ExpectationTable#rearm} does it. Any thread.
     *
     * @param tuple from the originator
     */
    public void refuseUnseen(final Scratch scratch, final Tuple tuple, final long nowNanos) {
        final boolean swapped = TableKey.setBothWays(scratch.key, tuple);
        changes.refuseUnseen(scratch, slots.hash(scratch.key), swapped, nowNanos);
    }

    /**
     * Bars rearming the expectations of flows that the policy no longer permits. The flows themselves stay: what was
     * let in is not cut off.
     */
    public void disarmUnless(final ExpectationTable.Permission permission) {
        changes.disarmUnless(permission);
    }

    /** Checks the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        charged.expire(scratch, nowNanos, steps);
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
                FlowRecord.toRow(row, nowNanos);
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
        final long left = Durations.leftAfter(RecordWords.value(entry, SlotTable.DEADLINE), elapsedNanos);
        if (left <= 0 || !FlowRecord.isSound(entry)) {
            return false;
        }
        final long longest = tcp.timeoutNanos(FlowRecord.state(FlowRecord.meta(entry)));
        RecordWords.setValue(entry, SlotTable.DEADLINE, nowNanos + Math.min(left, longest));
        FlowRecord.fromRow(entry, elapsedNanos, keepSides, nowNanos);
        return charged.restore(scratch, nowNanos) >= 0;
    }
}
