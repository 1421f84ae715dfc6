package org.amverdict.events;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.ResponderWords;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;
import org.amverdict.track.Ending;
import org.jspecify.annotations.Nullable;

/**
 * What one worker has to tell, on its way to the reader, as numbers and a little text: a ring of equal slots. The worker
 * alone offers: wait-free, allocates nothing, never waits for the reader. The reader alone peeks and polls. What does not
 * fit is lost and counted.
 */
public final class EventRing {
    /** Records that it can hold; a power of two. */
    public static final int CAPACITY = 2048;
    /** Drops leave this many free, so that a flood of them does not hide what was opened. */
    public static final int RESERVED = CAPACITY / 4;

    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);

    /** Positions a cache line and more apart: written by the reader, written by the worker, and the losses. */
    private static final int READ = 16;

    private static final int WRITTEN = 32;
    private static final int LOST_DROPS = 48;
    private static final int LOST_OTHERS = 49;
    private static final int POSITIONS = 64;

    private final long[] words = new long[CAPACITY * EventRecord.WORDS];
    private final byte[] text = new byte[CAPACITY * EventRecord.TEXT_MAX];
    /** What the decision was made by, so that it can be told in the words of its time. */
    private final @Nullable EngineSettings[] settings = new EngineSettings[CAPACITY];

    private final long[] positions = new long[POSITIONS];
    /** The worker's copy of how far the reader was, so that it seldom has to fetch that line. */
    private long readSeen;

    /** Copies a decision in which the responder says nothing. */
    public boolean offer(
            final PacketView packet, final Decision decision, final @Nullable DiskNames disks, final long nowNanos) {
        return offer(packet, decision, disks, null, nowNanos);
    }

    /**
     * Copies a decision.
     *
     * @param disks what its REQ names, or null
     * @param said what the responder says in it, or null
     * @return false if it did not fit
     */
    public boolean offer(
            final PacketView packet,
            final Decision decision,
            final @Nullable DiskNames disks,
            final @Nullable ResponderWords said,
            final long nowNanos) {
        final boolean drop = decision.verdict() == Verdict.DROP;
        final long written = positions[WRITTEN];
        if (!fits(written, drop)) {
            return false;
        }
        final int slot = (int) (written & (CAPACITY - 1));
        final int at = slot * EventRecord.WORDS;
        final Service service = decision.service();
        final StreamName stream = decision.stream();
        final MessageType type = decision.messageType();
        words[at + EventRecord.HEAD] = EventRecord.DECISION
                | (long) decision.verdict().ordinal() << EventRecord.VERDICT_SHIFT
                | (long) decision.told().ordinal() << EventRecord.TOLD_SHIFT
                | (decision.opens() ? 1L << EventRecord.OPENS_SHIFT : 0)
                | (long) decision.reason().ordinal() << EventRecord.REASON_SHIFT
                | (long) decision.refusal().ordinal() << EventRecord.REFUSAL_SHIFT
                | (service == null ? 0 : service.ordinal() + 1L) << EventRecord.SERVICE_SHIFT
                | (stream == null ? 0 : stream.ordinal() + 1L) << EventRecord.STREAM_SHIFT
                | (type == null ? 0 : type.ordinal() + 1L) << EventRecord.TYPE_SHIFT
                | (long) decision.streamCount() << EventRecord.COUNT_SHIFT
                | (long) packet.protocol() << EventRecord.PROTOCOL_SHIFT
                | (long) decision.cause().ordinal() << EventRecord.CAUSE_SHIFT
                | (long) decision.refusedCount() << EventRecord.REFUSED_COUNT_SHIFT;
        words[at + EventRecord.TIME] = nowNanos;
        words[at + EventRecord.SOURCE] = packet.sourceHigh();
        words[at + EventRecord.SOURCE + 1] = packet.sourceLow();
        words[at + EventRecord.DESTINATION] = packet.destinationHigh();
        words[at + EventRecord.DESTINATION + 1] = packet.destinationLow();
        words[at + EventRecord.PORTS] = packet.sourcePort()
                | (long) packet.destinationPort() << 16
                | (long) decision.nearestPort() << 32
                | (long) decision.decodeStatus() << 48;
        words[at + EventRecord.TRANSACTION] = decision.transaction();
        words[at + EventRecord.OPENED] = decision.openedNanos();
        words[at + EventRecord.WAITED] =
                decision.cause() == Cause.NONE ? decision.waitedNanos() : decision.causeNumber();
        words[at + EventRecord.OTHER] = decision.otherHigh();
        words[at + EventRecord.OTHER + 1] = decision.otherLow();
        settings[slot] = decision.settings();
        words[at + EventRecord.STREAMS] = 0;
        words[at + EventRecord.STREAMS + 1] = 0;
        for (int i = 0; i < decision.streamCount() + decision.refusedCount(); i++) {
            final long announced = ((long) decision.streamName(i).ordinal() << 16) | (decision.streamPort(i) & 0xffffL);
            words[at + EventRecord.STREAMS + i / EventRecord.STREAMS_PER_WORD] |=
                    announced << ((i % EventRecord.STREAMS_PER_WORD) * EventRecord.STREAM_BITS);
        }
        words[at + EventRecord.LENGTHS] = 0;
        words[at + EventRecord.NAME_LENGTHS] = 0;
        if (type != null) {
            copyText(slot, packet.buffer(), decision, disks);
            if (said != null) {
                copyWords(slot, packet.buffer(), decision, said);
            }
        }
        publish(written);
        return true;
    }

    private void copyText(
            final int slot, final ByteBuf buffer, final Decision decision, final @Nullable DiskNames disks) {
        final int at = slot * EventRecord.WORDS;
        int end = slot * EventRecord.TEXT_MAX;
        end = copy(buffer, decision.handleOffset(), decision.handleLength(), end);
        end = copy(buffer, decision.sequenceOffset(), decision.sequenceLength(), end);
        long lengths = decision.handleLength() | (long) decision.sequenceLength() << 8;
        if (disks != null) {
            final int level = Math.min(disks.levelLength(), EventRecord.LEVEL_MAX);
            end = copy(buffer, disks.levelOffset(), level, end);
            long nameLengths = 0;
            for (int i = 0; i < Math.min(disks.count(), DiskNames.NAMES_MAX); i++) {
                final int length = Math.min(disks.length(i), EventRecord.NAME_MAX);
                end = copy(buffer, disks.offset(i), length, end);
                nameLengths |= (long) length << (i * 8);
                nameLengths |= disks.length(i) > length ? 1L << (EventRecord.CUT_SHIFT + i) : 0;
            }
            lengths |= (long) level << 16 | (long) disks.count() << 32;
            words[at + EventRecord.NAME_LENGTHS] = nameLengths;
        }
        words[at + EventRecord.LENGTHS] = lengths;
    }

    private void copyWords(final int slot, final ByteBuf buffer, final Decision decision, final ResponderWords said) {
        final int start = slot * EventRecord.TEXT_MAX + decision.handleLength() + decision.sequenceLength();
        final int limit = start + EventRecord.WORDS_MAX;
        int end = start;
        boolean cut = said.more();
        for (int i = 0; i < said.count(); i++) {
            if (i > 0 && end < limit) {
                text[end++] = '\n';
            }
            final int length = Math.min(said.length(i), limit - end);
            cut |= length < said.length(i);
            end = copy(buffer, said.offset(i), length, end);
        }
        words[slot * EventRecord.WORDS + EventRecord.SAID_LENGTH] =
                end - start | (cut ? 1L << EventRecord.CUT_SHIFT : 0);
    }

    private int copy(final ByteBuf buffer, final int offset, final int length, final int to) {
        for (int i = 0; i < length; i++) {
            text[to + i] = buffer.getByte(offset + i);
        }
        return to + length;
    }

    /** Copies an ending; false if it did not fit. */
    public boolean offer(final Ending ending, final long nowNanos) {
        final long written = positions[WRITTEN];
        if (!fits(written, false)) {
            return false;
        }
        EventRecord.write(ending, nowNanos, words, (int) (written & (CAPACITY - 1)) * EventRecord.WORDS);
        publish(written);
        return true;
    }

    private boolean fits(final long written, final boolean drop) {
        final int most = drop ? CAPACITY - RESERVED : CAPACITY;
        if (written - readSeen < most) {
            return true;
        }
        // Acquire: the slot may be overwritten only after the reader has copied it.
        readSeen = (long) POSITION.getAcquire(positions, READ);
        if (written - readSeen < most) {
            return true;
        }
        final int lost = drop ? LOST_DROPS : LOST_OTHERS;
        POSITION.setOpaque(positions, lost, positions[lost] + 1);
        return false;
    }

    private void publish(final long written) {
        // Release: the words and the text are there before the reader sees the position.
        POSITION.setRelease(positions, WRITTEN, written + 1);
    }

    /** Whether there is a record; the reader alone. Its time is {@link #headNanos}. */
    boolean isWaiting() {
        return positions[READ] != (long) POSITION.getAcquire(positions, WRITTEN);
    }

    /** Time of the oldest record, where {@link #isWaiting} was true. */
    long headNanos() {
        return words[(int) (positions[READ] & (CAPACITY - 1)) * EventRecord.WORDS + EventRecord.TIME];
    }

    /** Copies the oldest record into {@code into}; false if there is none. */
    public boolean poll(final EventRecord into) {
        if (!isWaiting()) {
            return false;
        }
        final long read = positions[READ];
        final int slot = (int) (read & (CAPACITY - 1));
        into.copy(words, slot * EventRecord.WORDS, text, slot * EventRecord.TEXT_MAX, settings[slot]);
        POSITION.setRelease(positions, READ, read + 1);
        return true;
    }

    /** Drops that did not fit, since the start; any thread. */
    long lostDrops() {
        return (long) POSITION.getOpaque(positions, LOST_DROPS);
    }

    /** Other records that did not fit, since the start; any thread. */
    long lostOthers() {
        return (long) POSITION.getOpaque(positions, LOST_OTHERS);
    }

    /** Records that did not fit, since the start; any thread. */
    public long lost() {
        return lostDrops() + lostOthers();
    }
}
