package org.amverdict.track;

import static org.amverdict.track.FlowRecord.ARMED_UNTIL;
import static org.amverdict.track.FlowRecord.END_REPORTED;
import static org.amverdict.track.FlowRecord.INTERFACES;
import static org.amverdict.track.FlowRecord.OWNER;
import static org.amverdict.track.FlowRecord.PRIVILEGED;

import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;

/** Changes to a flow under the lock of its record, which few of its packets need. Any thread. */
final class FlowChanges {
    private final SlotTable slots;
    private final ChargedTable<Scratch> charged;
    private final TcpTracker tcp;
    private final FlowEnds ends;

    /** @param slots the flows */
    FlowChanges(final SlotTable slots, final ChargedTable<Scratch> charged, final TcpTracker tcp, final FlowEnds ends) {
        this.slots = slots;
        this.charged = charged;
        this.tcp = tcp;
        this.ends = ends;
    }

    /** Notes the longest time without a packet. */
    void gap(final long hash, final Scratch scratch, final long millis) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot != SlotTable.NONE) {
                final long meta = slots.value(slot, SlotTable.META);
                slots.setValue(slot, SlotTable.META, FlowRecord.withGap(meta, millis));
            }
        } finally {
            slots.unlock(hash);
        }
    }

    /** Carries the counts of a direction, see {@link FlowCounts}. */
    void carry(final long hash, final Scratch scratch, final boolean reply) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot != SlotTable.NONE) {
                FlowCounts.carryLocked(slots, slot, reply);
            }
        } finally {
            slots.unlock(hash);
        }
    }

    /**
     * Changes the state unless another worker has changed it, or the flow is gone. When two workers get the FINs of
     * both sides at once, both count.
     *
     * @return the state of the flow now
     */
    int state(final Scratch scratch, final long hash, final int from, final int to) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE) {
                return to;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final int found = FlowRecord.state(meta);
            final int changed = found == from ? to : TcpState.merged(found, to);
            if (changed != found) {
                slots.setValue(slot, SlotTable.META, FlowRecord.withState(meta, changed));
            }
            return changed;
        } finally {
            slots.unlock(hash);
        }
    }

    /** Forgets a flow that never came to be; exactly one caller gets to rearm its expectation. */
    void refuse(final Scratch scratch, final long hash, final int state, final Segment reset, final long nowNanos) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || FlowRecord.state(slots.value(slot, SlotTable.META)) != state) {
                return;
            }
            // This RST is a packet of the flow too.
            FlowCounts.add(slots, slot, scratch.followed.reply, reset.bytes);
            slots.setValue(slot, SlotTable.DEADLINE, nowNanos + tcp.timeoutNanos(state));
            takeRefusedLocked(scratch, slot, hash, nowNanos);
        } finally {
            slots.unlock(hash);
        }
        charged.giveBack(scratch.record, scratch);
        ends.removed(scratch, FlowEnd.REFUSED);
    }

    /**
     * Forgets the flow with the key in the scratch, which was refused by a packet that was not seen. One whose
     * expectation cannot be rearmed stays: nothing is gained, and what is known of it may be newer.
     */
    void refuseUnseen(final Scratch scratch, final long hash, final boolean swapped, final long nowNanos) {
        final Followed followed = scratch.followed;
        followed.refused = false;
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE || slots.expired(slot, nowNanos) || !isArmed(slot)) {
                return;
            }
            final long meta = slots.value(slot, SlotTable.META);
            final int state = FlowRecord.state(meta);
            if (FlowRecord.isSwapped(meta) != swapped
                    || (state != TcpState.SYN_SENT && state != TcpState.SYN_RECEIVED)
                    || slots.value(slot, ARMED_UNTIL) - nowNanos <= 0) {
                return;
            }
            followed.stream = FlowRecord.streamOrdinal(meta);
            followed.owner = slots.value(slot, OWNER);
            takeRefusedLocked(scratch, slot, hash, nowNanos);
        } finally {
            slots.unlock(hash);
        }
        charged.giveBack(scratch.record, scratch);
        ends.removed(scratch, FlowEnd.REFUSED);
    }

    private void takeRefusedLocked(final Scratch scratch, final int slot, final long hash, final long nowNanos) {
        final Followed followed = scratch.followed;
        final long meta = slots.value(slot, SlotTable.META);
        final long armedUntil = isArmed(slot) ? slots.value(slot, ARMED_UNTIL) : 0;
        followed.refused = armedUntil != 0 && armedUntil - nowNanos > 0;
        followed.armedUntilNanos = armedUntil;
        followed.privilegedSource = (meta & PRIVILEGED) != 0;
        followed.announcedBy = FlowRecord.announcedBy(meta);
        followed.sides = slots.value(slot, INTERFACES);
        slots.takeOutLocked(slot, hash, scratch.record);
    }

    /**
     * Bars rearming the expectations of flows that the policy no longer permits. The flows themselves stay: what was
     * let in is not cut off.
     */
    void disarmUnless(final ExpectationTable.Permission permission) {
        final long[] record = new long[slots.recordWords()];
        final Tuple tuple = new Tuple();
        for (int slot = 0; slot < slots.capacity(); slot++) {
            if (slots.live(slot) && isArmed(slot) && slots.copyLive(slot, record)) {
                FlowRecord.getTuple(record, tuple);
                disarmUnless(permission, record, tuple);
            }
        }
    }

    /** Whether its expectation may be rearmed; a flow with its end reported has another number there. */
    private boolean isArmed(final int slot) {
        return slots.value(slot, ARMED_UNTIL) != 0 && (slots.value(slot, SlotTable.META) & END_REPORTED) == 0;
    }

    private void disarmUnless(final ExpectationTable.Permission permission, final long[] record, final Tuple tuple) {
        final long meta = FlowRecord.meta(record);
        final long owner = RecordWords.value(record, OWNER);
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
}
