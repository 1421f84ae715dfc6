package org.amverdict.track;

import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;

/**
 * The words of a flow's record behind its key, of which {@link SlotTable} has the first two, and the bits of its META.
 * Offsets are those of {@link SlotTable#value}; in a copied record they count from {@link TableKey#WORDS} on.
 */
final class FlowRecord {
    static final int PACKETS = 2;
    static final int BYTES = 3;
    /** Words from the originator's counters to the responder's. */
    static final int REPLY = 2;

    static final int OWNER = 6;
    /** {@link Sides} of the connection, each 0 while not known. */
    static final int SIDES = 7;
    /**
     * Two words of {@link TcpTracker}: of the originator and of the responder. What is read for each packet ends with
     * them, so that it spans as few cache lines as it can.
     */
    static final int SEQUENCES = 8;

    static final int OPENED = 10;
    /**
     * Until when the expectation that let the flow in may be armed again, in the clock's nanoseconds; 0 for never. With
     * {@link #TOLD}, when it is needed no more: packets of both directions when that was told.
     */
    static final int ARMED_UNTIL = 11;
    /** A word of {@link TcpTracker}: the SYN that the connection began with, and the last other one that may replace it. */
    static final int SYNS = 12;
    /** A word of {@link TcpTracker}: the last segment that did not fit, 0 if there is none. */
    static final int STRAY = 13;

    static final int VALUE_WORDS = 14;

    /** The expectation was for a privileged source port. */
    static final long PRIVILEGED = 1L << 24;
    /** That the flow is over was told. */
    static final long TOLD = 1L << 25;
    /** {@link AnnouncedBy} of the expectation that let the flow in, while it may be armed again. */
    private static final int SERVICE_SHIFT = 28;

    private static final StreamName[] STREAM_NAMES = StreamName.values();
    private static final int STREAM_SHIFT = 8;
    private static final long STREAM_MASK = 0xFF;
    private static final int STATE_SHIFT = 16;
    private static final long STATE_MASK = 0xFFL << STATE_SHIFT;

    /** The longest time without a packet, in milliseconds; 0 if it never was {@link FlowTable#GAP_MIN_NANOS}. */
    private static final int GAP_SHIFT = 32;

    private static final long GAP_MAX = 0xFFFF_FFFFL;

    private FlowRecord() {}

    /** META of a new flow. */
    static long meta(final StreamName stream, final int state) {
        return (long) stream.ordinal() << STREAM_SHIFT | (long) state << STATE_SHIFT;
    }

    static long withAnnouncedBy(final long meta, final int announcedBy) {
        return meta | (long) announcedBy << SERVICE_SHIFT;
    }

    static int announcedBy(final long meta) {
        return (int) (meta >>> SERVICE_SHIFT) & AnnouncedBy.MAX;
    }

    static int state(final long meta) {
        return (int) ((meta & STATE_MASK) >>> STATE_SHIFT);
    }

    static long withState(final long meta, final int state) {
        return (meta & ~STATE_MASK) | (long) state << STATE_SHIFT;
    }

    /** Whether a REP announced it. */
    static boolean isAnnounced(final long meta) {
        return switch (stream(meta)) {
            case CONTROL, STATIC, LEGACY, ADOPTED -> false;
            default -> true;
        };
    }

    /**
     * Whether it is one that nobody makes by forging packets, and goes on: a REP announced it, or its responder has answered
     * and been answered.
     */
    static boolean isUnderWay(final long meta) {
        final int state = state(meta);
        return state < TcpTracker.CLOSING
                && (isAnnounced(meta) || (state >= TcpTracker.ESTABLISHED && stream(meta) != StreamName.ADOPTED));
    }

    static int streamOrdinal(final long meta) {
        return (int) (meta >>> STREAM_SHIFT & STREAM_MASK);
    }

    /** Of a record that this program made; what comes from a file is asked {@link #hasStream} first. */
    static StreamName stream(final long meta) {
        return STREAM_NAMES[streamOrdinal(meta)];
    }

    static boolean hasStream(final long meta) {
        return streamOrdinal(meta) < STREAM_NAMES.length;
    }

    static long gapMillis(final long meta) {
        return meta >>> GAP_SHIFT;
    }

    /** With the longer of the gap that is noted and this one. */
    static long withGap(final long meta, final long millis) {
        final long longest = Math.max(gapMillis(meta), Math.min(millis, GAP_MAX));
        return (meta & ~(GAP_MAX << GAP_SHIFT)) | longest << GAP_SHIFT;
    }

    /** A word of a copied record. */
    static long word(final long[] record, final int offset) {
        return record[TableKey.WORDS + offset];
    }

    static long meta(final long[] record) {
        return word(record, SlotTable.META);
    }

    /** Packets of both directions. */
    static long packets(final long[] record) {
        return word(record, PACKETS) + word(record, PACKETS + REPLY);
    }

    /** Whether the end was told, and nothing came since. */
    static boolean isTold(final long[] record) {
        return (meta(record) & TOLD) != 0 && packets(record) == word(record, ARMED_UNTIL);
    }

    /** Where in a key or a record the originator's address begins. */
    static int originator(final long meta) {
        return isSwapped(meta) ? 2 : 0;
    }

    /** Where in a key or a record the responder's address begins. */
    static int responder(final long meta) {
        return 2 - originator(meta);
    }

    /** The tuple of a record: from the originator to the responder. */
    static void getTuple(final long[] record, final Tuple tuple) {
        final long meta = meta(record);
        final int originator = originator(meta);
        final int responder = responder(meta);
        tuple.set(
                record[originator],
                record[originator + 1],
                originatorPort(record, meta),
                record[responder],
                record[responder + 1],
                responderPort(record, meta));
    }

    static int originatorPort(final long[] key, final long meta) {
        return isSwapped(meta) ? TableKey.secondPort(key) : TableKey.firstPort(key);
    }

    static int responderPort(final long[] key, final long meta) {
        return isSwapped(meta) ? TableKey.firstPort(key) : TableKey.secondPort(key);
    }

    /** Whether the second end of the key is the originator. */
    static boolean isSwapped(final long meta) {
        return (meta & SlotTable.CHARGED_TO_SECOND) != 0;
    }

    /**
     * Fills in what a record tells of its flow.
     *
     * @param timeoutNanos how long a flow of its state may be silent
     */
    static void fill(final Ending into, final long[] record, final long timeoutNanos) {
        final long meta = meta(record);
        final int originator = originator(meta);
        final int responder = responder(meta);
        into.kind = Ending.Kind.FLOW;
        into.stream = stream(meta);
        into.owner = word(record, OWNER);
        into.originatorHigh = record[originator];
        into.originatorLow = record[originator + 1];
        into.originatorPort = originatorPort(record, meta);
        into.responderHigh = record[responder];
        into.responderLow = record[responder + 1];
        into.responderPort = responderPort(record, meta);
        into.openedNanos = word(record, OPENED);
        into.lastNanos = word(record, SlotTable.DEADLINE) - timeoutNanos;
        into.originalPackets = word(record, PACKETS);
        into.originalBytes = word(record, BYTES);
        into.replyPackets = word(record, PACKETS + REPLY);
        into.replyBytes = word(record, BYTES + REPLY);
        into.longestGapNanos = gapMillis(meta) * Durations.NANOS_PER_MILLI;
        into.rearmed = false;
        into.told = isTold(record);
    }
}
