package org.amverdict.track;

import static org.amverdict.packet.TcpView.ACK;
import static org.amverdict.packet.TcpView.FIN;
import static org.amverdict.packet.TcpView.RST;
import static org.amverdict.packet.TcpView.SYN;
import static org.amverdict.track.TcpState.CLOSING;
import static org.amverdict.track.TcpState.ESTABLISHED;
import static org.amverdict.track.TcpState.REFUSED;
import static org.amverdict.track.TcpState.RENEWS;
import static org.amverdict.track.TcpState.RESET;
import static org.amverdict.track.TcpState.SYN_RECEIVED;
import static org.amverdict.track.TcpState.SYN_SENT;

import org.amverdict.table.SlotTable;

/**
 * The TCP of a flow as an observer in the middle sees it: its state, what each side has sent and acknowledged, and
 * which RST, FIN or SYN counts. It keeps the two words of a record at {@link FlowRecord#SEQUENCES}, end of what the
 * side sent and what it acknowledged last, and those at {@link FlowRecord#SYNS} and {@link FlowRecord#STRAY}.
 *
 * <p>Packets can pass unseen (an overloaded queue that fails open, a restarted program), so a side
 * may have sent more than was seen. A segment moves it if it fits, which takes one of these:
 *
 * <ol>
 *   <li>its sequence number and its acknowledgment both lie near what was seen: some 22 bits to guess at least;
 *   <li>one of them is exactly the next one, 32 bits to guess: then the other one may lie anywhere;
 *   <li>both are far off, but a segment of the other side continues it, and the two came in by different interfaces, so
 *       that no one place can have sent both. This resynchronizes a flow after both sides sent much unseen.
 * </ol>
 *
 * <p>A segment that does not fit passes, and moves and ends nothing. Sources: RFC 9293 for the states, RFC 5961 for
 * what a side could have sent, RFC 5927 for what an ICMP error may quote.
 */
final class TcpTracker {
    /** How far ahead of what a side was seen to send its next packet may lie: a window plus reordering. */
    private static final int AHEAD_MAX = 1 << 20;
    /**
     * How far behind the acknowledged bytes a retransmitted segment may lie: the acknowledgment seen here can be lost
     * before its receiver sees it.
     */
    private static final int BEHIND_MAX = 1 << 20;
    /** A number further behind is not old but has wrapped around: no window is larger (RFC 7323 2.3). */
    private static final int OLD_MAX = 1 << 30;
    /** What an originator can have sent when its first bytes are acknowledged: ten segments (RFC 6928), rounded up. */
    private static final int FIRST_FLIGHT_MAX = 1 << 14;

    /** What {@link #place} finds. */
    private static final int MISFIT = 0;

    private static final int FITS = 1;
    /** It fits, and acknowledges a FIN that did not fit when it came. */
    private static final int FITS_AND_ENDS = 2;

    /**
     * In {@link FlowRecord#STRAY}, below the number that the segment ends with and the upper bits of what it
     * acknowledges.
     */
    private static final int STRAY_THERE = 1;

    private static final int STRAY_REPLY = 2;
    private static final int STRAY_FIN = 4;
    private static final int STRAY_BITS = 7;

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
     * Takes in a packet that is not a plain SYN.
     *
     * @param state of the flow
     * @param reply the packet goes from the responder to the originator
     * @return the state of the flow after it, {@link TcpState#REFUSED} if it never came to be, and {@link
     *     TcpState#RENEWS}
     */
    int next(final int slot, final boolean reply, final int state, final Segment segment) {
        if (segment.has(RST)) {
            return kept(nextOfReset(slot, reply, state, segment), MISFIT);
        }
        if (segment.has(SYN)) {
            return kept(nextOfAnswer(slot, reply, state, segment), MISFIT);
        }
        if (state <= SYN_RECEIVED) {
            return nextOfHandshake(slot, reply, state, segment);
        }
        final int place = place(slot, reply, segment);
        if (!segment.has(FIN) && place != FITS_AND_ENDS) {
            return kept(state, place);
        }
        return kept(closed(slot, reply, state, segment, place), place);
    }

    /** Any packet extends an established flow; only data still under way extends an ended one. */
    private static int kept(final int state, final int place) {
        final boolean renews = state >= ESTABLISHED && (state < CLOSING || place != MISFIT);
        return renews ? state | RENEWS : state;
    }

    /** The state when the segment's FIN, if it has one, has been taken in. */
    private int closed(final int slot, final boolean reply, final int state, final Segment segment, final int place) {
        final int ended = place == FITS_AND_ENDS ? TcpState.closedBy(state, !reply) : state;
        // Nothing after a FIN is ever acknowledged, except the FIN itself.
        final int away = segment.sequence + segment.payload - slotAcknowledged(slot, !reply);
        final boolean counts = segment.has(FIN) && place != MISFIT && away >= -1;
        return counts ? TcpState.closedBy(ended, reply) : ended;
    }

    /**
     * In gate placement a flow stays in SYN_SENT, so what ends a connection must not look like what prevents it: a
     * RST that answers a SYN has the sequence number 0 (RFC 9293, 3.10.7.1), one that ends a connection continues it.
     */
    private int nextOfReset(final int slot, final boolean reply, final int state, final Segment segment) {
        final long mine = slots.value(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0));
        final long peers = slots.value(slot, FlowRecord.SEQUENCES + (reply ? 0 : 1));
        if (state == SYN_SENT) {
            final long syns = slots.value(slot, FlowRecord.SYNS);
            final boolean answersOne =
                    segment.acknowledgement == first(syns) + 1 || segment.acknowledgement == pending(syns) + 1;
            final boolean answers = reply && segment.has(ACK) && answersOne;
            final boolean takesBack = !reply && (segment.sequence == end(mine) || segment.sequence + 1 == end(mine));
            return answers && segment.sequence == 0 ? REFUSED : answers || takesBack ? RESET : SYN_SENT;
        }
        if (state == SYN_RECEIVED && !reply && !segment.has(ACK) && segment.sequence == end(mine)) {
            return REFUSED; // the originator never sent the SYN that was answered: it was forged
        }
        final boolean continues =
                segment.has(ACK) && segment.acknowledgement == end(peers) && isNew(segment.sequence - end(mine));
        final boolean fits = segment.sequence - acknowledged(peers) >= 0 && segment.sequence - end(mine) <= 0;
        return fits || continues ? RESET : state;
    }

    /**
     * For a SYN/ACK: the answer to the first SYN, or to one that came later, begins the connection. But an established
     * one begins again only if no one place can have sent both the SYN and its answer.
     */
    private int nextOfAnswer(final int slot, final boolean reply, final int state, final Segment segment) {
        final long syns = slots.value(slot, FlowRecord.SYNS);
        final boolean answersFirst = state == SYN_SENT && segment.acknowledgement == first(syns) + 1;
        final boolean answersPending = isPending(syns)
                && segment.acknowledgement == pending(syns) + 1
                && (state < ESTABLISHED || state >= CLOSING || segment.apart());
        if (!reply || !(answersFirst || answersPending)) {
            noteStray(slot, reply, sequences(segment.sequence + 1, segment.acknowledgement), false);
            return state;
        }
        noteFirst(slot, segment.acknowledgement - 1);
        // The originator has acknowledged nothing yet, not even the SYN.
        slots.setValue(slot, FlowRecord.SEQUENCES, sequences(segment.acknowledgement, segment.sequence));
        slots.setValue(slot, FlowRecord.SEQUENCES + 1, sequences(segment.sequence + 1, segment.acknowledgement));
        return SYN_RECEIVED;
    }

    /** For a segment before the whole handshake was seen: the rest of it may have passed unseen. */
    private int nextOfHandshake(final int slot, final boolean reply, final int state, final Segment segment) {
        final int sent = slotEnd(slot, !reply);
        final int acknowledged = slotAcknowledged(slot, reply);
        // Before the handshake is complete, a segment that the responder rejects can draw a bare ACK from it.
        final boolean sentOrGotData =
                reply && (segment.payload > 0 || segment.has(FIN) || segment.acknowledgement - sent > 0);
        // A forger of a SYN can also forge what follows it, but cannot make many flows that a REP announced.
        final boolean tells = sentOrGotData || FlowRecord.isAnnounced(slots.value(slot, SlotTable.META));
        final int place;
        if (state == SYN_RECEIVED) {
            place = place(slot, reply, segment);
        } else if (tells && continuesSyn(slot, reply, segment)) {
            place = FITS;
        } else {
            place = pairs(slot, reply, segment);
        }
        final boolean completes =
                state == SYN_SENT || (reply ? sentOrGotData : segment.acknowledgement - acknowledged > 0);
        if (place == MISFIT || !completes) {
            return state;
        }
        return kept(closed(slot, reply, ESTABLISHED, segment, place), place);
    }

    /**
     * Whether it can only belong to a connection that began with the SYN: its SYN/ACK, and perhaps more, passed unseen.
     */
    private boolean continuesSyn(final int slot, final boolean reply, final Segment segment) {
        final int begin = first(slots.value(slot, FlowRecord.SYNS)) + 1;
        final int away = segment.acknowledgement - begin;
        final boolean continues = reply ? away >= 0 && away <= FIRST_FLIGHT_MAX : segment.sequence == begin;
        if (!segment.has(ACK) || !continues) {
            return false;
        }
        final int word = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        slots.setValue(slot, word, sequences(segment.end(), segment.acknowledgement));
        slots.setValue(slot, otherWord(word), sequences(segment.acknowledgement, segment.sequence));
        return true;
    }

    /**
     * Notes how far the side has sent and acknowledged, if the segment fits: {@link #MISFIT}, {@link #FITS} or
     * {@link #FITS_AND_ENDS}.
     */
    private int place(final int slot, final boolean reply, final Segment segment) {
        final int word = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        final long mine = slots.value(slot, word);
        final long peers = slots.value(slot, otherWord(word));
        final int beyondPeers = segment.acknowledgement - end(peers);
        final boolean near = segment.sequence - end(mine) <= AHEAD_MAX
                && segment.sequence - acknowledged(peers) >= -BEHIND_MAX
                && beyondPeers <= AHEAD_MAX
                && segment.acknowledgement - acknowledged(mine) >= -BEHIND_MAX;
        if (!near || !segment.has(ACK)) {
            return placeFar(slot, reply, segment);
        }
        final int sent = segment.end();
        final long noted = sequences(later(end(mine), sent), later(acknowledged(mine), segment.acknowledgement));
        if (noted != mine) {
            slots.setValue(slot, word, noted);
        }
        if (beyondPeers <= 0) {
            return FITS;
        }
        slots.setValue(slot, otherWord(word), sequences(segment.acknowledgement, acknowledged(peers)));
        return ends(slot, reply, segment.acknowledgement);
    }

    /** As {@link #place}, for a segment with a number that is not near. */
    private int placeFar(final int slot, final boolean reply, final Segment segment) {
        final int word = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        final long mine = slots.value(slot, word);
        final long peers = slots.value(slot, otherWord(word));
        final int sent = segment.end();
        if (segment.has(ACK) && segment.sequence == end(mine)) {
            // What it acknowledges was sent, so that much passed unseen, unless it is an old acknowledgment.
            if (!isNew(segment.acknowledgement - end(peers))) {
                slots.setValue(slot, word, sequences(sent, acknowledged(mine)));
                return FITS;
            }
            slots.setValue(slot, word, sequences(sent, segment.acknowledgement));
            slots.setValue(slot, otherWord(word), sequences(segment.acknowledgement, acknowledged(peers)));
            return ends(slot, reply, segment.acknowledgement);
        }
        if (segment.has(ACK) && segment.acknowledgement == end(peers)) {
            if (isNew(segment.sequence - end(mine)) || segment.has(FIN)) {
                slots.setValue(slot, word, sequences(sent, segment.acknowledgement));
                // Otherwise anything between counts as sent and not yet acknowledged, and a RST from there would be
                // believed.
                slots.setValue(slot, otherWord(word), sequences(segment.acknowledgement, segment.sequence));
            }
            return FITS;
        }
        return pairs(slot, reply, segment);
    }

    /** Whether a number this far from the last one comes after it. */
    private static boolean isNew(final int away) {
        return away > 0 || away < -OLD_MAX;
    }

    /** As {@link #place}, for a segment that may continue one of the other side that did not fit either. */
    private int pairs(final int slot, final boolean reply, final Segment segment) {
        if (!segment.has(ACK)) {
            return MISFIT;
        }
        final int sent = segment.end();
        final long stray = slots.value(slot, FlowRecord.STRAY);
        final int bits = (int) stray & STRAY_BITS;
        final boolean ofOther = (bits & STRAY_THERE) != 0 && ((bits & STRAY_REPLY) != 0) != reply;
        if (!segment.apart()
                || !ofOther
                || !isNear(segment.acknowledgement - end(stray))
                || !isNear(segment.sequence - acknowledged(stray))) {
            noteStray(slot, reply, sequences(sent, segment.acknowledgement), segment.has(FIN));
            return MISFIT;
        }
        final int word = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        slots.setValue(slot, word, sequences(sent, segment.acknowledgement));
        slots.setValue(slot, otherWord(word), sequences(later(end(stray), segment.acknowledgement), segment.sequence));
        return ends(slot, reply, segment.acknowledgement);
    }

    private static boolean isNear(final int away) {
        return away >= -BEHIND_MAX && away <= AHEAD_MAX;
    }

    /** @param stray what its side has sent and acknowledged with it */
    private void noteStray(final int slot, final boolean reply, final long stray, final boolean fin) {
        final int bits = STRAY_THERE | (reply ? STRAY_REPLY : 0) | (fin ? STRAY_FIN : 0);
        slots.setValue(slot, FlowRecord.STRAY, (stray & ~STRAY_BITS) | bits);
    }

    /** For a segment that fits: whether the stray was a FIN and this acknowledges it. Then no stray is left. */
    private int ends(final int slot, final boolean reply, final int acknowledgement) {
        final long stray = slots.value(slot, FlowRecord.STRAY);
        final int fin = STRAY_THERE | STRAY_FIN | (reply ? 0 : STRAY_REPLY);
        if (((int) stray & STRAY_BITS) != fin || end(stray) != acknowledgement) {
            return FITS;
        }
        slots.setValue(slot, FlowRecord.STRAY, 0);
        return FITS_AND_ENDS;
    }

    private static int otherWord(final int word) {
        return 2 * FlowRecord.SEQUENCES + 1 - word;
    }

    private static int later(final int one, final int other) {
        return one - other >= 0 ? one : other;
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

    private int slotEnd(final int slot, final boolean responder) {
        return end(slots.value(slot, FlowRecord.SEQUENCES + (responder ? 1 : 0)));
    }

    private int slotAcknowledged(final int slot, final boolean responder) {
        return acknowledged(slots.value(slot, FlowRecord.SEQUENCES + (responder ? 1 : 0)));
    }

    /** Whether all that was sent has been acknowledged. */
    boolean isAcknowledgedByBoth(final int slot) {
        return slotAcknowledged(slot, false) == slotEnd(slot, true)
                && slotAcknowledged(slot, true) == slotEnd(slot, false);
    }

    /** Whether the connection is over, so that only useless retransmissions can still come. */
    boolean isOver(final int slot, final long meta) {
        final int state = FlowRecord.state(meta);
        return state == RESET || (state == CLOSING && isAcknowledgedByBoth(slot));
    }

    /** Nothing but SYNs can have been sent yet. */
    boolean isItsSyn(final int slot, final int sequence) {
        final long syns = slots.value(slot, FlowRecord.SYNS);
        return sequence == first(syns) || sequence == pending(syns);
    }

    /** Whether the side can have sent a segment of that number, and may still wait for its acknowledgment. */
    boolean isUnderWay(final int slot, final boolean reply, final int sequence) {
        final int sent = slotEnd(slot, reply);
        final int acknowledged = slotAcknowledged(slot, !reply);
        if (sequence - sent <= 0 && sequence - acknowledged >= -BEHIND_MAX) {
            return true;
        }
        final long syns = slots.value(slot, FlowRecord.SYNS);
        return !reply && isPending(syns) && sequence == pending(syns);
    }

    /** Whether the responder, not seen so far, acknowledges the SYN and nothing beyond it. */
    boolean answersSyn(final int slot, final int acknowledgement) {
        return acknowledgement == end(slots.value(slot, FlowRecord.SEQUENCES));
    }

    /** Whether a segment of that number continues or repeats what the side has sent. */
    boolean isNear(final int slot, final boolean reply, final int sequence) {
        return isNear(sequence - end(slots.value(slot, FlowRecord.SEQUENCES + (reply ? 1 : 0))));
    }

    /** How long a flow in that state may be silent. */
    long timeoutNanos(final int state) {
        return TcpState.timeoutNanos(state, idleNanos);
    }

    /**
     * Whether a plain SYN of the originator repeats the one that the connection began with. After two minutes no host
     * repeats it, and it would find another listener.
     */
    boolean repeatsSyn(final int slot, final Segment segment, final int state, final long sinceNanos) {
        return state < CLOSING
                && segment.sequence == first(slots.value(slot, FlowRecord.SYNS))
                && sinceNanos < TcpState.SYN_TIMEOUT_NANOS;
    }

    /** Notes a SYN that came during the flow: it counts if the responder answers it. */
    void notePending(final int slot, final Segment syn) {
        final int first = first(slots.value(slot, FlowRecord.SYNS));
        slots.setValue(slot, FlowRecord.SYNS, sequences(first, syn.sequence));
    }

    /** Two equal words mean that none is pending. */
    private void noteFirst(final int slot, final int sequence) {
        slots.setValue(slot, FlowRecord.SYNS, sequences(sequence, sequence));
    }

    private static int first(final long syns) {
        return end(syns);
    }

    private static int pending(final long syns) {
        return acknowledged(syns);
    }

    private static boolean isPending(final long syns) {
        return first(syns) != pending(syns);
    }

    /** In a new record: the flow begins with the originator's SYN. */
    static void begin(final long[] record, final Segment syn) {
        RecordWords.setValue(record, FlowRecord.SYNS, sequences(syn.sequence, syn.sequence));
        RecordWords.setValue(record, FlowRecord.SEQUENCES, sequences(syn.sequence + 1, 0));
    }

    /**
     * In a new record: the flow was under way before its first packet, this one, was seen. Its SYN is unknown; the
     * number that stands in for it is no easier to guess.
     */
    static void resume(final long[] record, final boolean reply, final Segment segment) {
        final int sequence = segment.sequence;
        final int acknowledgement = segment.acknowledgement;
        final int first = reply ? acknowledgement : sequence;
        final int mine = FlowRecord.SEQUENCES + (reply ? 1 : 0);
        RecordWords.setValue(record, FlowRecord.SYNS, sequences(first, first));
        RecordWords.setValue(record, mine, sequences(sequence, acknowledgement));
        RecordWords.setValue(record, otherWord(mine), sequences(acknowledgement, sequence));
    }
}
