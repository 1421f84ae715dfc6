package org.amverdict.track;

import static org.amverdict.track.FlowRecord.ARMED_UNTIL;
import static org.amverdict.track.FlowRecord.END_REPORTED;

import org.amverdict.table.SlotTable;

/** Reports how flows end: each end once, and again with full totals if more packets come. Any thread. */
final class FlowEnds {
    private final SlotTable slots;
    private final TcpTracker tcp;

    /** @param slots the flows */
    FlowEnds(final SlotTable slots, final TcpTracker tcp) {
        this.slots = slots;
        this.tcp = tcp;
    }

    /** Reports the flow with the key in the scratch: it is over, though its record stays for a while. */
    void over(final Scratch scratch, final long hash, final int state) {
        if (!scratch.heard()) {
            return;
        }
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(scratch.key, hash);
            if (slot == SlotTable.NONE
                    || (slots.value(slot, SlotTable.META) & END_REPORTED) != 0
                    || (state == TcpState.CLOSING && !tcp.isAcknowledgedByBoth(slot))) {
                return;
            }
            slots.copyRecord(slot, scratch.record);
            slots.setValue(slot, ARMED_UNTIL, FlowRecord.packets(scratch.record));
            slots.setValue(slot, SlotTable.META, slots.value(slot, SlotTable.META) | END_REPORTED);
        } finally {
            slots.unlock(hash);
        }
        report(scratch, state == TcpState.RESET ? FlowEnd.RESET : FlowEnd.FINISHED, false);
    }

    /** Reports the record in the scratch, which is gone, unless its end was reported and nothing came since. */
    void removed(final Scratch scratch, final FlowEnd cause) {
        if (!scratch.heard() || FlowRecord.isEndReported(scratch.record)) {
            return;
        }
        final long[] record = scratch.record;
        final boolean answered = FlowCounts.packets(record, true) != 0;
        final boolean refused = cause == FlowEnd.REFUSED;
        switch (FlowRecord.state(FlowRecord.meta(record))) {
            case TcpState.CLOSING -> report(scratch, FlowEnd.FINISHED, false);
            case TcpState.RESET -> report(scratch, FlowEnd.RESET, false);
            default ->
                report(scratch, answered || refused ? cause : FlowEnd.UNFOLLOWED, refused && scratch.followed.refused);
        }
    }

    private void report(final Scratch scratch, final FlowEnd cause, final boolean rearmed) {
        final Ending ending = scratch.ending;
        ending.kind = Ending.Kind.FLOW;
        ending.flowEnd = cause;
        ending.rearmed = rearmed;
        fill(ending.figures, scratch.record);
        scratch.tell();
    }

    /** Fills in what a record says of its flow. */
    void fill(final FlowSnapshot into, final long[] record) {
        FlowRecord.fill(into, record, tcp.timeoutNanos(FlowRecord.state(FlowRecord.meta(record))));
    }
}
