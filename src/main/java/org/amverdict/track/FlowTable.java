package org.amverdict.track;

import org.amverdict.amanda.StreamName;

/**
 * The TCP connections that were let in, with as much of their state as it takes to know when they end, and what they
 * carried. Any worker may call anything; the packet path of a known flow takes no lock unless the state changes.
 *
 * <p>An established flow ends only after {@code flows.idle}: Amanda's MESG and INDEX streams are silent for hours during
 * a long dump. In gate placement only SYNs come here, so flows stay in SYN_SENT and go after two minutes, which is long
 * enough for the retransmissions of the SYN.
 */
public final class FlowTable {
    /** What a packet is to the table. */
    public static final int UNKNOWN = 0;
    /** Of a known flow: accept. */
    public static final int KNOWN = 1;
    /** A SYN on a known flow that is not the repetition of its first one. */
    public static final int STALE_SYN = 2;

    private static final int PACKETS = 2;
    private static final int BYTES = 3;
    /** Words from the originator's counters to the responder's. */
    private static final int REPLY = 2;

    private static final int OPENED = 6;
    private static final int OWNER = 7;
    private static final int VALUE_WORDS = 8;

    private static final int STREAM_SHIFT = 8;
    private static final long STREAM_MASK = 0xFF;
    private static final int STATE_SHIFT = 16;
    private static final long STATE_MASK = 0xFFL << STATE_SHIFT;

    private static final int SYN_SENT = 0;
    private static final int SYN_RECEIVED = 1;
    private static final int ESTABLISHED = 2;
    /** One side has sent its FIN; the other may go on sending for as long as it likes. */
    private static final int HALF_CLOSED_BY_ORIGINATOR = 3;

    private static final int HALF_CLOSED_BY_RESPONDER = 4;
    private static final int CLOSING = 5;
    private static final int RESET = 6;

    private static final long SECOND = 1_000_000_000L;
    private static final long SYN_TIMEOUT_NANOS = 120 * SECOND;
    private static final long CLOSING_TIMEOUT_NANOS = 120 * SECOND;
    private static final long RESET_TIMEOUT_NANOS = 10 * SECOND;

    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    private final SlotTable slots;
    private final HostCounts originators;
    private final long idleNanos;
    private final TableCounters counters;

    /**
     * @param capacity most flows
     * @param idleNanos how long an established flow may be silent
     * @param seed of the hash
     */
    public FlowTable(final int capacity, final long idleNanos, final long seed, final TableCounters counters) {
        slots = new SlotTable(FlowKey.WORDS, VALUE_WORDS, capacity, seed);
        originators = new HostCounts(capacity, seed);
        this.idleNanos = idleNanos;
        this.counters = counters;
    }

    /**
     * Follows a TCP packet. If its flow is known the scratch has the stream and the owner.
     *
     * @param flags the flags byte of the TCP header
     * @param bytes length of the IP packet
     * @return {@link #UNKNOWN}, {@link #KNOWN} or {@link #STALE_SYN}
     */
    public int follow(
            final Scratch scratch,
            final long sourceHigh,
            final long sourceLow,
            final int sourcePort,
            final long destinationHigh,
            final long destinationLow,
            final int destinationPort,
            final int flags,
            final int bytes,
            final long nowNanos) {
        final long[] key = scratch.key;
        final boolean sourceIsSecond = FlowKey.setBothWays(
                key, sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort);
        final long hash = slots.hash(key);
        final int slot = slots.find(key, hash);
        if (slot == SlotTable.NONE || slots.expired(slot, nowNanos)) {
            return UNKNOWN;
        }
        final long meta = slots.value(slot, SlotTable.META);
        final boolean reply = sourceIsSecond != ((meta & SlotTable.CHARGED_TO_SECOND) != 0);
        final int state = (int) ((meta & STATE_MASK) >>> STATE_SHIFT);
        if ((flags & (SYN | ACK)) == SYN && (state != SYN_SENT || reply)) {
            return STALE_SYN;
        }
        scratch.stream = (int) (meta >>> STREAM_SHIFT & STREAM_MASK);
        scratch.owner = slots.value(slot, OWNER);
        scratch.reply = reply;
        final int newState = next(state, reply, flags);
        if (newState != state) {
            changeState(key, hash, state, newState);
        }
        slots.setValue(slot, SlotTable.DEADLINE, nowNanos + timeoutNanos(newState));
        final int direction = reply ? REPLY : 0;
        slots.addToValue(slot, PACKETS + direction, 1);
        slots.addToValue(slot, BYTES + direction, bytes);
        return KNOWN;
    }

    /** Changes the state unless another worker has changed it, or the flow is gone. */
    private void changeState(final long[] key, final long hash, final int from, final int to) {
        slots.lock(hash);
        try {
            final int slot = slots.findLocked(key, hash);
            if (slot != SlotTable.NONE) {
                final long meta = slots.value(slot, SlotTable.META);
                if ((meta & STATE_MASK) >>> STATE_SHIFT == from) {
                    slots.setValue(slot, SlotTable.META, (meta & ~STATE_MASK) | (long) to << STATE_SHIFT);
                }
            }
        } finally {
            slots.unlock(hash);
        }
    }

    private static int next(final int state, final boolean reply, final int flags) {
        if ((flags & RST) != 0) {
            return RESET;
        }
        if ((flags & FIN) != 0) {
            final int closedByOther = reply ? HALF_CLOSED_BY_ORIGINATOR : HALF_CLOSED_BY_RESPONDER;
            if (state == closedByOther || state == CLOSING) {
                return CLOSING;
            }
            return state == RESET ? RESET : reply ? HALF_CLOSED_BY_RESPONDER : HALF_CLOSED_BY_ORIGINATOR;
        }
        if (state == SYN_SENT && reply && (flags & (SYN | ACK)) == (SYN | ACK)) {
            return SYN_RECEIVED;
        }
        return state == SYN_RECEIVED && !reply && (flags & (SYN | ACK)) == ACK ? ESTABLISHED : state;
    }

    private long timeoutNanos(final int state) {
        return switch (state) {
            case SYN_SENT, SYN_RECEIVED -> SYN_TIMEOUT_NANOS;
            case CLOSING -> CLOSING_TIMEOUT_NANOS;
            case RESET -> RESET_TIMEOUT_NANOS;
            default -> idleNanos;
        };
    }

    /**
     * Enters the flow of an accepted SYN; an earlier flow of the same addresses and ports is over. A full table gives up
     * a flow of the host that has most.
     *
     * @param owner number of the transaction that announced it, 0 if none did
     */
    public void open(
            final Scratch scratch,
            final long sourceHigh,
            final long sourceLow,
            final int sourcePort,
            final long destinationHigh,
            final long destinationLow,
            final int destinationPort,
            final StreamName stream,
            final long owner,
            final int bytes,
            final long nowNanos) {
        final long[] key = scratch.key;
        final boolean sourceIsSecond = FlowKey.setBothWays(
                key, sourceHigh, sourceLow, sourcePort, destinationHigh, destinationLow, destinationPort);
        final long hash = slots.hash(key);
        if (slots.removeKey(key, hash, scratch.host)) {
            originators.giveBack(scratch.host);
        }
        final long meta = (long) stream.ordinal() << STREAM_SHIFT | (sourceIsSecond ? SlotTable.CHARGED_TO_SECOND : 0);
        originators.take(sourceHigh, sourceLow, Integer.MAX_VALUE, scratch.host);
        if (!insert(key, hash, meta, owner, bytes, nowNanos)) {
            counters.countLimit(TableName.FLOWS, LimitScope.GLOBAL);
            if (slots.evict(originators, scratch.host)) {
                originators.giveBack(scratch.host);
            }
            if (!insert(key, hash, meta, owner, bytes, nowNanos)) {
                scratch.host[0] = sourceHigh;
                scratch.host[1] = sourceLow;
                originators.giveBack(scratch.host);
            }
        }
    }

    private boolean insert(
            final long[] key,
            final long hash,
            final long meta,
            final long owner,
            final int bytes,
            final long nowNanos) {
        slots.lock(hash);
        try {
            final int slot = slots.insertLocked(key, hash);
            if (slot == SlotTable.NONE) {
                return false;
            }
            slots.setValue(slot, SlotTable.DEADLINE, nowNanos + SYN_TIMEOUT_NANOS);
            slots.setValue(slot, SlotTable.META, meta);
            slots.setValue(slot, PACKETS, 1);
            slots.setValue(slot, BYTES, bytes);
            slots.setValue(slot, OPENED, nowNanos);
            slots.setValue(slot, OWNER, owner);
            return true;
        } finally {
            slots.unlock(hash);
        }
    }

    /** Looks at the next {@code steps} slots of a round over the table and removes what has expired. */
    public void expire(final Scratch scratch, final long nowNanos, final int steps) {
        for (int i = 0; i < steps && slots.size() > 0; i++) {
            if (slots.expireNext(nowNanos, scratch.host)) {
                originators.giveBack(scratch.host);
            }
        }
    }

    public int size() {
        return slots.size();
    }

    public int capacity() {
        return slots.capacity();
    }
}
