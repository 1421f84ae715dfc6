package org.amverdict.track;

import static org.amverdict.track.Durations.NANOS_PER_MILLI;
import static org.amverdict.track.FlowRecord.ARMED_UNTIL;
import static org.amverdict.track.FlowRecord.BYTES;
import static org.amverdict.track.FlowRecord.OPENED;
import static org.amverdict.track.FlowRecord.OWNER;
import static org.amverdict.track.FlowRecord.PACKETS;
import static org.amverdict.track.FlowRecord.PRIVILEGED;
import static org.amverdict.track.FlowRecord.REPLY;
import static org.amverdict.track.FlowRecord.SIDES;
import static org.amverdict.track.FlowRecord.TOLD;
import static org.amverdict.track.TcpTracker.CLOSING;
import static org.amverdict.track.TcpTracker.ESTABLISHED;
import static org.amverdict.track.TcpTracker.REFUSED;
import static org.amverdict.track.TcpTracker.RESET;
import static org.amverdict.track.TcpTracker.SYN_SENT;

import java.util.function.LongPredicate;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The TCP connections that were let in, with as much of their state as it takes to know when they end, and what they
 * carried. Any worker may call anything; the packet path of a known flow takes no lock unless the state changes.
 *
 * <p>An established flow ends only after {@code flows.idle}: Amanda's MESG and INDEX streams are silent for hours during
 * a long dump. In gate placement only SYNs come here, so flows stay in SYN_SENT and go two minutes after the first SYN,
 * which is long enough for its repetitions. No repetition gives them more time: else one announcement would admit
 * connections without end.
 *
 * <p>The flow of an announced connection takes the place of an earlier one of the same addresses and ports. Nothing else
 * replaces a flow that is not over: {@link #enter} sees to it, under the lock of the record.
 */
public final class FlowTable implements SavedRows {
    /** What a packet is to the table. */
    public static final int UNKNOWN = 0;
    /** Of a known flow: accept. */
    public static final int KNOWN = 1;
    /** A SYN on a known flow that is not the repetition of its first one. */
    public static final int STALE_SYN = 2;
    /** Has the addresses and ports of a known flow, but came in where none of its packets can. */
    public static final int MISPLACED = 3;

    /** What became of a SYN that may open a flow: it did. */
    public static final int ENTERED = 0;
    /** There is a flow that is not over. The SYN was noted, and if the responder answers it the flow begins again. */
    public static final int CHALLENGES = 1;
    /** There is a flow that is not over, which a SYN from there cannot begin again. Nothing was changed. */
    public static final int STANDS = 2;

    /** Of {@link #enter}: there is a flow that is not over. */
    private static final int TAKEN = -2;

    /** A silence is noted from here on; so a busy flow does not even read what is noted. */
    public static final long GAP_MIN_NANOS = 10_000_000;

    /** No expectation is for a port below it. */
    private static final int UNPRIVILEGED_PORT_MIN = 1024;
    /** Anybody can forge a SYN to a control port, and make a client answer it, in whoever's name. */
    private static final LongPredicate UNDER_WAY = FlowRecord::isUnderWay;

    private final SlotTable slots;
    private final TcpTracker tcp;
    private final HostCounts originators;
    private final TableCounters counters;
    private final Interfaces interfaces;

    /**
     * @param capacity most flows
     * @param idleNanos how long an established flow may be silent
     * @param seed of the hash
     */
    public FlowTable(final int capacity, final long idleNanos, final long seed, final TableCounters counters) {
        this(capacity, idleNanos, seed, counters, new Interfaces());
    }

    FlowTable(
            final int capacity,
            final long idleNanos,
            final long seed,
            final TableCounters counters,
            final Interfaces interfaces) {
        this.interfaces = interfaces;
        slots = new SlotTable(TableKey.WORDS, FlowRecord.VALUE_WORDS, capacity, seed);
        tcp = new TcpTracker(slots, idleNanos);
        originators = new HostCounts(capacity, seed);
        this.counters = counters;
    }

    /**
     * Follows a TCP packet. If its flow is known {@link Scratch#followed} has the stream, the owner and the direction,
     * and whether the packet ended the flow before it began, see {@link Followed#refused}; such a flow is forgotten at
     * once.
     *
     * <p>A RST or FIN counts only if its numbers are those that the side could have sent (RFC 5961): otherwise anybody
     * who knows the addresses and ports could cut short how long a silent stream is remembered. A SYN is of the flow only
     * if it repeats the first one. And a packet must come in where those of the other direction go out; one that does not
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
        if (!keepsSides(slot, reply, state, segment)) {
            return MISPLACED;
        }
        final Followed followed = scratch.followed;
        followed.stream = FlowRecord.streamOrdinal(meta);
        followed.owner = slots.value(slot, OWNER);
        followed.reply = reply;
        followed.refused = false;
        final int next = tcp.next(slot, reply, state, segment);
        int newState = next & TcpTracker.STATE_MASK;
        if (newState == REFUSED) {
            refuse(scratch, hash, state, segment, nowNanos);
            followed.flowEndNanos = nowNanos;
            return KNOWN;
        }
        if (newState != state) {
            newState = changeState(scratch, hash, state, newState);
            deadlineNanos += tcp.timeoutNanos(newState) - tcp.timeoutNanos(state);
        }
        final int direction = reply ? REPLY : 0;
        slots.addToValue(slot, PACKETS + direction, 1);
        slots.addToValue(slot, BYTES + direction, segment.bytes);
        if (next == state) {
            followed.flowEndNanos = deadlineNanos;
        } else {
            followed.flowEndNanos = nowNanos + tcp.timeoutNanos(newState);
            slots.setValue(slot, SlotTable.DEADLINE, followed.flowEndNanos);
            // The deadline is as far from the last packet that moved it, so this is how long ago that was.
            final long gapNanos = followed.flowEndNanos - deadlineNanos;
            if (gapNanos >= GAP_MIN_NANOS && gapNanos / NANOS_PER_MILLI > FlowRecord.gapMillis(meta)) {
                noteGap(key, hash, gapNanos / NANOS_PER_MILLI);
            }
        }
        if (newState >= CLOSING) {
            tellEnd(scratch, hash, newState);
        }
        return KNOWN;
    }

    /** A plain SYN: known if it repeats the one that the flow began with. It neither moves nor prolongs anything. */
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
            final long sides = slots.value(slot, SIDES);
            final long sinceNanos = nowNanos - slots.value(slot, OPENED);
            final boolean repeats =
                    !reply && syn.payload == 0 && tcp.repeatsSyn(slot, syn, FlowRecord.state(meta), sinceNanos);
            if (!fitsSide(sides, reply, syn.inInterface) && !(repeats && isGone(sides, reply))) {
                return MISPLACED;
            }
            if (!repeats) {
                return STALE_SYN;
            }
            slots.setValue(slot, SIDES, Sides.learn(sides, syn.sides(false)));
            final Followed followed = scratch.followed;
            followed.stream = FlowRecord.streamOrdinal(meta);
            followed.owner = slots.value(slot, OWNER);
            followed.reply = false;
            followed.refused = false;
            followed.flowEndNanos = slots.value(slot, SlotTable.DEADLINE);
            slots.addToValue(slot, PACKETS, 1);
            slots.addToValue(slot, BYTES, syn.bytes);
            return KNOWN;
        } finally {
            slots.unlock(hash);
        }
    }

    private void noteGap(final long[] key, final long hash, final long millis) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot != SlotTable.NONE) {
                final long meta = slots.value(slot, SlotTable.META);
                slots.setValue(slot, SlotTable.META, FlowRecord.withGap(meta, millis));
            }
        } finally {
            slots.unlock(hash);
        }
    }

    /** Tells of a flow that is over, once, though its record stays for a while. */
    private void tellEnd(final Scratch scratch, final long hash, final int state) {
        if (!scratch.heard()) {
            return;
        }
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE
                    || (slots.value(slot, SlotTable.META) & TOLD) != 0
                    || (state == CLOSING && !tcp.isAcknowledgedByBoth(slot))) {
                return;
            }
            slots.copyRecord(slot, scratch.record);
            slots.setValue(slot, ARMED_UNTIL, FlowRecord.packets(scratch.record));
            slots.setValue(slot, SlotTable.META, slots.value(slot, SlotTable.META) | TOLD);
        } finally {
            slots.unlock(hash);
        }
        tell(scratch, state == RESET ? FlowEnd.RESET : FlowEnd.FINISHED);
    }

    /** Tells of the record in the scratch, which is gone, unless its end was told and nothing came since. */
    private void tellRemoved(final Scratch scratch, final FlowEnd cause) {
        if (!scratch.heard()) {
            return;
        }
        final long[] record = scratch.record;
        if (FlowRecord.isTold(record)) {
            return;
        }
        final long replies = FlowRecord.word(record, PACKETS + REPLY);
        switch (FlowRecord.state(FlowRecord.meta(record))) {
            case CLOSING -> tell(scratch, FlowEnd.FINISHED);
            case RESET -> tell(scratch, FlowEnd.RESET);
            default -> tell(scratch, replies == 0 && cause != FlowEnd.REFUSED ? FlowEnd.UNFOLLOWED : cause);
        }
    }

    private void tell(final Scratch scratch, final FlowEnd cause) {
        final long[] record = scratch.record;
        final Ending ending = scratch.ending;
        fill(ending, record);
        ending.flowEnd = cause;
        ending.rearmed = cause == FlowEnd.REFUSED && scratch.followed.refused;
        scratch.tell();
    }

    private void fill(final Ending into, final long[] record) {
        FlowRecord.fill(into, record, tcp.timeoutNanos(FlowRecord.state(FlowRecord.meta(record))));
    }

    /** Tells a report of one flow, with figures of about this moment; the argument is reused for the next one. */
    @FunctionalInterface
    public interface Visitor {
        /** Is told of one; its {@link Ending#flowEnd()} means nothing. */
        void visit(Ending flow);
    }

    /**
     * Visits the flows that are there; for reports, from any thread.
     *
     * @param scratch of the caller's own
     */
    public void forEach(final Scratch scratch, final Visitor visitor) {
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.copyLive(slot, scratch.record)) {
                fill(scratch.ending, scratch.record);
                visitor.visit(scratch.ending);
            }
        }
    }

    /**
     * The figures of one flow at about this moment; for reports, from any thread.
     *
     * @param scratch of the caller's own
     * @return what the scratch tells of it, good until its next use; null if there is no such flow
     */
    public @Nullable Ending look(final Scratch scratch, final Tuple tuple) {
        final long[] key = scratch.key;
        TableKey.setBothWays(key, tuple);
        final long hash = slots.hash(key);
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot == SlotTable.NONE) {
                return null;
            }
            slots.copyRecord(slot, scratch.record);
        } finally {
            slots.unlock(hash);
        }
        fill(scratch.ending, scratch.record);
        return scratch.ending;
    }

    /**
     * Whether the packet comes in where the flow's packets of the other direction go out. Where nobody knows that, or the
     * interface is gone, only a packet that is right in everything else tells.
     */
    private boolean keepsSides(final int slot, final boolean reply, final int state, final Segment segment) {
        final long sides = slots.value(slot, SIDES);
        final long seen = segment.sides(reply);
        if (seen == sides || seen == Sides.UNKNOWN) {
            return true;
        }
        final int inInterface = segment.inInterface;
        final int known = (int) (reply ? sides : sides >>> Integer.SIZE);
        final boolean proves = known == inInterface
                || ((known == 0 || !interfaces.exists(known)) && isRight(slot, reply, state, segment));
        if (!proves && !fitsSide(sides, reply, inInterface)) {
            return false;
        }
        final int in = proves ? inInterface : 0;
        final int out = segment.outInterface;
        final long learnt = Sides.learn(sides, reply ? Sides.of(out, in) : Sides.of(in, out));
        if (learnt != sides) {
            slots.setValue(slot, SIDES, learnt);
        }
        return true;
    }

    private boolean isRight(final int slot, final boolean reply, final int state, final Segment segment) {
        final boolean answersSyn = reply && state == SYN_SENT;
        return answersSyn ? tcp.answersSyn(slot, segment.acknowledgement) : tcp.isNear(slot, reply, segment.sequence);
    }

    private static boolean fitsSide(final long sides, final boolean reply, final int inInterface) {
        return reply ? Sides.responderFits(sides, inInterface) : Sides.requesterFits(sides, inInterface);
    }

    /** Whether the interface is gone that the packet should have come in by: the link may have been set up anew. */
    private boolean isGone(final long sides, final boolean reply) {
        return !interfaces.exists((int) (reply ? sides : sides >>> Integer.SIZE));
    }

    /**
     * Changes the state unless another worker has changed it, or the flow is gone. FINs of both sides that come at once to
     * two workers both count.
     *
     * @return the state that the flow is in now
     */
    private int changeState(final Scratch scratch, final long hash, final int from, final int to) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE) {
                return to;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final int found = FlowRecord.state(meta);
            final int changed = found == from ? to : TcpTracker.merged(found, to);
            if (changed != found) {
                slots.setValue(slot, SlotTable.META, FlowRecord.withState(meta, changed));
            }
            return changed;
        } finally {
            slots.unlock(hash);
        }
    }

    /** Forgets a flow that never came to be; exactly one caller finds its expectation to be armed again. */
    private void refuse(
            final Scratch scratch, final long hash, final int state, final Segment reset, final long nowNanos) {
        final Followed followed = scratch.followed;
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || FlowRecord.state(slots.value(slot, SlotTable.META)) != state) {
                return;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final long armedUntil = isArmed(slot) ? slots.value(slot, ARMED_UNTIL) : 0;
            followed.refused = armedUntil != 0 && armedUntil - nowNanos > 0;
            followed.armedUntilNanos = armedUntil;
            followed.privilegedSource = (meta & PRIVILEGED) != 0;
            followed.announcedBy = FlowRecord.announcedBy(meta);
            followed.sides = slots.value(slot, SIDES);
            // This RST is a packet of the flow too.
            final int direction = followed.reply ? REPLY : 0;
            slots.addToValue(slot, PACKETS + direction, 1);
            slots.addToValue(slot, BYTES + direction, reset.bytes);
            slots.setValue(slot, SlotTable.DEADLINE, nowNanos + tcp.timeoutNanos(state));
            slots.takeOut(slot, hash, scratch);
        } finally {
            slots.unlock(hash);
        }
        originators.giveBack(scratch.host);
        tellRemoved(scratch, FlowEnd.REFUSED);
    }

    /**
     * Notes a SYN on a flow that is under way: its sender may have lost the connection, or somebody forged it. Only the
     * responder's answer to it makes the flow begin again. One in the responder's name, or from where the originator is
     * not, is not even noted.
     */
    private int challenge(
            final Scratch scratch,
            final long hash,
            final boolean sourceIsSecond,
            final Segment syn,
            final long nowNanos) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || !isUnderWay(slot, nowNanos)) {
                return STANDS;
            }
            final boolean reply = sourceIsSecond != FlowRecord.isSwapped(slots.value(slot, SlotTable.META));
            if (reply || !Sides.requesterFits(slots.value(slot, SIDES), syn.inInterface, interfaces)) {
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
     * Whether a segment that an ICMP error quotes can be one that this table has let through lately: it is of a known flow,
     * and its sender has sent that sequence number and may still wait for its acknowledgement (RFC 5927). Changes nothing.
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
            final long sides = slots.value(slot, SIDES);
            final boolean fits = reply
                    ? Sides.requesterFits(sides, inInterface, interfaces)
                    : Sides.responderFits(sides, inInterface, interfaces);
            final int state = FlowRecord.state(meta);
            return fits
                    && (state == SYN_SENT
                            ? !reply && tcp.isItsSyn(slot, sequence)
                            : tcp.isUnderWay(slot, reply, sequence));
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Enters the flow of a SYN that took an expectation. An earlier flow of the same addresses and ports goes. A full table
     * gives up a flow of the host that has most.
     *
     * @param tuple of the flow, which is not the packet's where the responder is known by a public address
     * @param taken the expectation; if the responder refuses, it may be armed again
     */
    public void openExpected(
            final Scratch scratch, final Tuple tuple, final Segment syn, final Taken taken, final long nowNanos) {
        long meta = FlowRecord.meta(taken.stream, SYN_SENT) | (taken.privilegedSource ? PRIVILEGED : 0);
        if (taken.armedUntilNanos != 0) {
            meta = FlowRecord.withAnnouncedBy(meta, taken.announcedBy);
        }
        final int slot = enter(scratch, tuple, meta, true, nowNanos);
        scratch.followed.flowEndNanos = nowNanos + tcp.timeoutNanos(SYN_SENT);
        if (slot != SlotTable.NONE) {
            slots.setValue(slot, OWNER, taken.owner);
            slots.setValue(slot, SIDES, Sides.learn(taken.sides, syn.sides(false)));
            slots.setValue(slot, ARMED_UNTIL, taken.armedUntilNanos);
            begin(scratch, slot, syn, nowNanos);
        }
    }

    /**
     * Enters the flow of a SYN that the policy permits without any announcement. An earlier flow of the same addresses and
     * ports goes if it is over; else it stays, and the responder's answer will tell. A full table gives up a flow of the
     * host that has most.
     *
     * @return {@link #ENTERED}, also if there was no room, {@link #CHALLENGES} or {@link #STANDS}
     */
    public int openPermitted(
            final Scratch scratch, final Tuple tuple, final Segment syn, final StreamName stream, final long nowNanos) {
        scratch.followed.flowEndNanos = nowNanos + tcp.timeoutNanos(SYN_SENT);
        final int slot = enter(scratch, tuple, FlowRecord.meta(stream, SYN_SENT), false, nowNanos);
        if (slot == TAKEN) {
            final boolean sourceIsSecond = TableKey.setBothWays(scratch.key, tuple);
            return challenge(scratch, slots.hash(scratch.key), sourceIsSecond, syn, nowNanos);
        }
        if (slot != SlotTable.NONE) {
            slots.setValue(slot, SIDES, syn.sides(false));
            begin(scratch, slot, syn, nowNanos);
        }
        return ENTERED;
    }

    /** The rest of a new record that a SYN makes, and gives back its lock. */
    private void begin(final Scratch scratch, final int slot, final Segment syn, final long nowNanos) {
        try {
            slots.setValue(slot, PACKETS, 1);
            slots.setValue(slot, BYTES, syn.bytes);
            slots.setValue(slot, OPENED, nowNanos);
            tcp.begin(slot, syn);
        } finally {
            leave(scratch, slots.hash(scratch.key));
        }
    }

    /**
     * Enters a connection that was under way before it was first seen.
     *
     * @param tuple of the connection: from its originator
     * @param reply the packet goes from the responder to the originator
     * @return false if there is a flow of these addresses and ports that is not over, which stays as it is
     */
    public boolean adopt(
            final Scratch scratch, final Tuple tuple, final Segment segment, final boolean reply, final long nowNanos) {
        final int slot = enter(scratch, tuple, FlowRecord.meta(StreamName.ADOPTED, ESTABLISHED), false, nowNanos);
        if (slot < 0) {
            return slot != TAKEN;
        }
        try {
            slots.setValue(slot, PACKETS + (reply ? REPLY : 0), 1);
            slots.setValue(slot, BYTES + (reply ? REPLY : 0), segment.bytes);
            slots.setValue(slot, OPENED, nowNanos);
            tcp.resume(slot, reply, segment);
        } finally {
            leave(scratch, slots.hash(scratch.key));
        }
        return true;
    }

    /**
     * Makes room and a new record with that META, and the deadline of its state. This is the only place where a record
     * takes the place of another one.
     *
     * @param tuple from the originator
     * @param announced it may take the place of a flow that is not over
     * @return its slot, with its stripe locked, {@link SlotTable#NONE} or {@link #TAKEN}
     */
    private int enter(
            final Scratch scratch, final Tuple tuple, final long meta, final boolean announced, final long nowNanos) {
        final long[] key = scratch.key;
        final boolean originatorIsSecond = TableKey.setBothWays(key, tuple);
        final long hash = slots.hash(key);
        final long charged = meta | (originatorIsSecond ? SlotTable.CHARGED_TO_SECOND : 0);
        originators.take(tuple.sourceHigh(), tuple.sourceLow(), Integer.MAX_VALUE, scratch.host);
        int slot = insert(scratch, hash, charged, announced, nowNanos);
        if (slot == SlotTable.NONE) {
            counters.countLimit(TableName.FLOWS, LimitScope.GLOBAL);
            if (slots.evict(originators, UNDER_WAY, scratch)) {
                originators.giveBack(scratch.host);
                tellRemoved(scratch, FlowEnd.EVICTED);
            }
            slot = insert(scratch, hash, charged, announced, nowNanos);
        }
        if (slot < 0) {
            scratch.host[0] = tuple.sourceHigh();
            scratch.host[1] = tuple.sourceLow();
            originators.giveBack(scratch.host);
        }
        return slot;
    }

    /**
     * Makes a new record, in place of an earlier one of that key if that may go. All under one lock, since another worker
     * may enter the same connection at this moment, from a packet of the other direction.
     */
    private int insert(
            final Scratch scratch, final long hash, final long meta, final boolean announced, final long nowNanos) {
        slots.lock(hash);
        final int earlier = slots.findLocked(scratch.key, hash);
        if (earlier != SlotTable.NONE && !announced && isUnderWay(earlier, nowNanos)) {
            slots.unlock(hash);
            return TAKEN;
        }
        scratch.replaced = earlier != SlotTable.NONE;
        if (scratch.replaced) {
            slots.takeOut(earlier, hash, scratch);
        }
        final int slot = slots.insertLocked(scratch.key, hash);
        if (slot == SlotTable.NONE) {
            leave(scratch, hash);
            return slot;
        }
        slots.setValue(slot, SlotTable.DEADLINE, nowNanos + tcp.timeoutNanos(FlowRecord.state(meta)));
        slots.setValue(slot, SlotTable.META, meta);
        return slot;
    }

    /** Gives back the lock of {@link #insert}, and what the earlier record was charged. */
    private void leave(final Scratch scratch, final long hash) {
        slots.unlock(hash);
        if (scratch.replaced) {
            originators.giveBack(scratch.host);
            tellRemoved(scratch, FlowEnd.REPLACED);
        }
    }

    /**
     * Has the expectations of flows that may not be connected any more never be armed again. The flows themselves stay:
     * what was let in is not cut off.
     */
    public void disarmUnless(final ExpectationTable.Permission permission) {
        final long[] record = new long[slots.recordWords()];
        final Tuple tuple = new Tuple();
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.live(slot) && isArmed(slot) && slots.copyLive(slot, record)) {
                FlowRecord.getTuple(record, tuple);
                disarmUnless(permission, record, tuple);
            }
        }
    }

    /** Whether its expectation may be armed again; one whose end was told has another number there. */
    private boolean isArmed(final int slot) {
        return slots.value(slot, ARMED_UNTIL) != 0 && (slots.value(slot, SlotTable.META) & TOLD) == 0;
    }

    private void disarmUnless(final ExpectationTable.Permission permission, final long[] record, final Tuple tuple) {
        final long meta = FlowRecord.meta(record);
        final long owner = FlowRecord.word(record, OWNER);
        if (permission.permits(
                tuple, FlowRecord.stream(meta), AnnouncedBy.service(FlowRecord.announcedBy(meta)), owner)) {
            return;
        }
        final long hash = slots.hash(record);
        slots.lock(hash);
        try {
            final int found = slots.findLocked(record, hash);
            if (found != SlotTable.NONE && slots.value(found, OWNER) == owner && isArmed(found)) {
                slots.setValue(found, ARMED_UNTIL, 0);
            }
        } finally {
            slots.unlock(hash);
        }
    }

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            if (slots.expireNext(nowNanos, scratch)) {
                originators.giveBack(scratch.host);
                tellRemoved(scratch, FlowEnd.IDLE);
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
                row[TableKey.WORDS + OPENED] = nowNanos - row[TableKey.WORDS + OPENED];
                if ((row[TableKey.WORDS + SlotTable.META] & TOLD) == 0) {
                    row[TableKey.WORDS + ARMED_UNTIL] = Durations.left(row[TableKey.WORDS + ARMED_UNTIL], nowNanos);
                }
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
        if (left <= 0 || !isSound(record)) {
            return false;
        }
        final long meta = FlowRecord.meta(record);
        record[TableKey.WORDS + SlotTable.DEADLINE] =
                nowNanos + Math.min(left, tcp.timeoutNanos(FlowRecord.state(meta)));
        record[TableKey.WORDS + OPENED] = Durations.before(record[TableKey.WORDS + OPENED], elapsedNanos, nowNanos);
        if ((meta & TOLD) == 0) {
            final long armed = FlowRecord.responderPort(record, meta) < UNPRIVILEGED_PORT_MIN
                    ? 0
                    : Durations.leftAfter(record[TableKey.WORDS + ARMED_UNTIL], elapsedNanos);
            record[TableKey.WORDS + ARMED_UNTIL] =
                    Durations.until(armed, ExpectationTable.LIFETIME_MAX_NANOS, nowNanos);
        }
        if (!keepSides) {
            record[TableKey.WORDS + SIDES] = Sides.UNKNOWN;
        }
        final int originator = FlowRecord.originator(meta);
        originators.take(record[originator], record[originator + 1], Integer.MAX_VALUE, scratch.host);
        if (!insertRecord(scratch, record)) {
            scratch.host[0] = record[originator];
            scratch.host[1] = record[originator + 1];
            originators.giveBack(scratch.host);
            return false;
        }
        return true;
    }

    /** Whether this table can have made the record. */
    private static boolean isSound(final long[] record) {
        final long meta = FlowRecord.meta(record);
        return FlowRecord.state(meta) <= RESET
                && FlowRecord.hasStream(meta)
                && TableKey.isInOrder(record)
                && FlowRecord.word(record, PACKETS) >= 0
                && FlowRecord.word(record, BYTES) >= 0
                && FlowRecord.word(record, PACKETS + REPLY) >= 0
                && FlowRecord.word(record, BYTES + REPLY) >= 0;
    }

    /** Enters a whole record that has been charged to its host; a full table gives up one of the host that has most. */
    private boolean insertRecord(final Scratch scratch, final long[] record) {
        if (slots.insertRecord(record)) {
            return true;
        }
        if (slots.find(record, slots.hash(record)) != SlotTable.NONE) {
            return false;
        }
        counters.countLimit(TableName.FLOWS, LimitScope.GLOBAL);
        if (slots.evict(originators, UNDER_WAY, scratch)) {
            originators.giveBack(scratch.host);
            tellRemoved(scratch, FlowEnd.EVICTED);
        }
        return slots.insertRecord(record);
    }
}
