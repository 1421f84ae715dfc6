package org.amverdict.track;

/**
 * The TCP of a flow as an observer in the middle sees it: its state, what each side has sent and acknowledged, and which
 * RST, FIN or SYN counts. It keeps the two words of a record at {@link FlowRecord#SEQUENCES}, end of what the side sent
 * and what it acknowledged last, and the one at {@link FlowRecord#PENDING_SYN}.
 *
 * <p>Sources: RFC 9293 for the states, RFC 5961 for what a side could have sent, RFC 5927 for what an ICMP error may quote.
 */
final class TcpTracker {
    static final int SYN_SENT = 0;
    static final int SYN_RECEIVED = 1;
    static final int ESTABLISHED = 2;
    /** One side has sent its FIN; the other may go on sending for as long as it likes. */
    static final int HALF_CLOSED_BY_ORIGINATOR = 3;

    static final int HALF_CLOSED_BY_RESPONDER = 4;
    static final int CLOSING = 5;
    static final int RESET = 6;
    /** Never kept: such a flow is forgotten at once. */
    static final int REFUSED = 7;

    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    /** How far ahead of what a side was seen to send its next packet may lie: what reordering can make of a window. */
    private static final int AHEAD_MAX = 1 << 20;
    /**
     * How far behind what was acknowledged a segment may lie that is sent again: the acknowledgement that was seen here can
     * be lost before its receiver sees it.
     */
    private static final int BEHIND_MAX = 1 << 20;

    private static final long SECOND = 1_000_000_000L;
    private static final long SYN_TIMEOUT_NANOS = 120 * SECOND;
    private static final long CLOSING_TIMEOUT_NANOS = 120 * SECOND;
    private static final long RESET_TIMEOUT_NANOS = 10 * SECOND;
    private static final long PENDING = 1L << 32;

    private final SlotTable slots;
    private final long idleNanos;

    /**
     * @param slots the flows
     * @param idleNanos how long an established flow may be silent
     */
    TcpTracker(final SlotTable slots, final long idleNanos) {
        this.slots = slots;
        this.idleNanos = idleNanos;
    }

    /**
     * The state of a flow after a packet of it, {@link #REFUSED} if the flow never came to be.
     *
     * @param state that it is in
     * @param reply the packet goes from the responder to the originator
     */
    int next(
            final int slot,
            final int state,
            final boolean reply,
            final int flags,
            final int sequence,
            final int acknowledgement) {
        if ((flags & (RST | FIN | SYN)) == 0 && state != SYN_RECEIVED) {
            return state;
        }
        final long mine = slots.value(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0));
        final long peers = slots.value(slot, FlowRecord.SEQUENCES + (reply ? 0 : 1));
        if (state == SYN_SENT) {
            return nextOfSynSent(reply, flags, sequence, acknowledgement, reply ? peers : mine);
        }
        final int beyondAcknowledged = sequence - acknowledged(peers);
        if ((flags & RST) != 0) {
            if (state == SYN_RECEIVED && !reply && (flags & ACK) == 0 && sequence == end(mine)) {
                return REFUSED; // the originator knows nothing of the SYN that was answered: it was forged
            }
            return beyondAcknowledged >= 0 && sequence - end(mine) <= 0 ? RESET : state;
        }
        if ((flags & FIN) != 0 && beyondAcknowledged >= 0 && sequence - end(mine) <= AHEAD_MAX) {
            final int closedByOther = reply ? HALF_CLOSED_BY_ORIGINATOR : HALF_CLOSED_BY_RESPONDER;
            if (state == closedByOther || state == CLOSING) {
                return CLOSING;
            }
            return state == RESET ? RESET : reply ? HALF_CLOSED_BY_RESPONDER : HALF_CLOSED_BY_ORIGINATOR;
        }
        if (reply && (flags & (SYN | ACK)) == (SYN | ACK) && answersPending(slot, acknowledgement)) {
            return SYN_RECEIVED;
        }
        final boolean completes = state == SYN_RECEIVED
                && !reply
                && (flags & (SYN | ACK)) == ACK
                && acknowledgement - acknowledged(mine) > 0
                && acknowledgement - end(peers) <= 0;
        return completes ? ESTABLISHED : state;
    }

    /**
     * In gate placement a flow is in this state for good, so what ends a connection must not look like what prevents it:
     * a RST that answers a SYN has the sequence number 0 (RFC 9293, 3.10.7.1), one that ends a connection continues it.
     *
     * @param originators what the originator has sent: its SYN
     */
    private static int nextOfSynSent(
            final boolean reply,
            final int flags,
            final int sequence,
            final int acknowledgement,
            final long originators) {
        final boolean answers = reply && (flags & ACK) != 0 && acknowledgement == end(originators);
        if ((flags & RST) != 0) {
            final boolean takesBack = !reply && (sequence == end(originators) || sequence + 1 == end(originators));
            return answers && sequence == 0 ? REFUSED : answers || takesBack ? RESET : SYN_SENT;
        }
        return answers && (flags & SYN) != 0 ? SYN_RECEIVED : SYN_SENT;
    }

    private boolean answersPending(final int slot, final int acknowledgement) {
        final long pending = slots.value(slot, FlowRecord.PENDING_SYN);
        return pending != 0 && acknowledgement == (int) pending + 1;
    }

    /** Notes how far the side has sent and acknowledged. */
    void advance(
            final int slot,
            final int state,
            final boolean reply,
            final int flags,
            final int sequence,
            final int acknowledgement,
            final int payload) {
        final int word = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        if ((flags & SYN) != 0) {
            noteSyn(slot, state, reply, sequence, acknowledgement);
            return;
        }
        final long mine = slots.value(slot, word);
        final int sent = sequence + payload + (flags & FIN);
        final int further = sent - end(mine);
        int newEnd = end(mine);
        if (further > 0 && sequence - end(mine) <= AHEAD_MAX) {
            newEnd = sent;
        }
        final boolean acknowledges = acknowledgement - acknowledged(mine) > 0
                && acknowledgement - end(slots.value(slot, FlowRecord.SEQUENCES + (reply ? 0 : 1))) <= 0;
        final long noted = sequences(newEnd, acknowledges ? acknowledgement : acknowledged(mine));
        if (noted != mine) {
            slots.setValue(slot, word, noted);
        }
    }

    /** A SYN that repeats or replaces the first one, or the SYN/ACK that the flow begins with. */
    private void noteSyn(
            final int slot, final int state, final boolean reply, final int sequence, final int acknowledgement) {
        if (!reply) {
            slots.setValue(slot, FlowRecord.SEQUENCES, sequences(sequence + 1, 0));
        } else if (state == SYN_RECEIVED) {
            slots.setValue(slot, FlowRecord.PENDING_SYN, 0);
            // The originator has acknowledged nothing yet, not even the SYN.
            slots.setValue(slot, FlowRecord.SEQUENCES, sequences(acknowledgement, sequence));
            slots.setValue(slot, FlowRecord.SEQUENCES + 1, sequences(sequence + 1, acknowledgement));
        }
    }

    private static long sequences(final int end, final int acknowledged) {
        return (long) end << Integer.SIZE | Integer.toUnsignedLong(acknowledged);
    }

    private static int end(final long sequences) {
        return (int) (sequences >>> Integer.SIZE);
    }

    private static int acknowledged(final long sequences) {
        return (int) sequences;
    }

    /** Whether all that was sent has been acknowledged. */
    boolean isAcknowledgedByBoth(final int slot) {
        final long originators = slots.value(slot, FlowRecord.SEQUENCES);
        final long responders = slots.value(slot, FlowRecord.SEQUENCES + 1);
        return acknowledged(originators) == end(responders) && acknowledged(responders) == end(originators);
    }

    /** Nothing but the SYN can have been sent yet. */
    boolean isItsSyn(final int slot, final int sequence) {
        return sequence + 1 == end(slots.value(slot, FlowRecord.SEQUENCES));
    }

    /** Whether the side can have sent a segment of that number, and may still wait for its acknowledgement. */
    boolean isUnderWay(final int slot, final boolean reply, final int sequence) {
        final int sent = end(slots.value(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0)));
        final int acknowledged = acknowledged(slots.value(slot, FlowRecord.SEQUENCES + (reply ? 0 : 1)));
        if (sequence - sent <= 0 && sequence - acknowledged >= -BEHIND_MAX) {
            return true;
        }
        final long pending = slots.value(slot, FlowRecord.PENDING_SYN);
        return !reply && pending != 0 && sequence == (int) pending;
    }

    /** Whether a segment of that number continues or repeats what the side has sent. */
    boolean isNear(final int slot, final boolean reply, final int sequence) {
        final int away = sequence - end(slots.value(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0)));
        return away >= -BEHIND_MAX && away <= AHEAD_MAX;
    }

    /** How long a flow in that state may be silent. */
    long timeoutNanos(final int state) {
        return switch (state) {
            case SYN_SENT, SYN_RECEIVED -> SYN_TIMEOUT_NANOS;
            case CLOSING -> CLOSING_TIMEOUT_NANOS;
            case RESET -> RESET_TIMEOUT_NANOS;
            default -> idleNanos;
        };
    }

    /** Notes a SYN that came although the flow was under way. */
    void notePending(final int slot, final int sequence) {
        slots.setValue(slot, FlowRecord.PENDING_SYN, PENDING | Integer.toUnsignedLong(sequence));
    }

    /** Notes that a flow begins with the originator's SYN. */
    void begin(final int slot, final int sequence) {
        slots.setValue(slot, FlowRecord.SEQUENCES, sequences(sequence + 1, 0));
    }

    /** Notes where a flow is that was under way before its first packet, this one, was seen. */
    void resume(final int slot, final boolean reply, final int sequence, final int acknowledgement) {
        slots.setValue(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0), sequences(sequence, acknowledgement));
        slots.setValue(slot, FlowRecord.SEQUENCES + (reply ? 0 : 1), sequences(acknowledgement, sequence));
    }
}
