package org.amverdict.track;

import java.util.Arrays;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * The record of a flow, as longs. Its key is {@link TableKey#setBothWays}; the words after it are numbered from 0, as
 * {@link SlotTable#value} does. The words read for each packet come first, to span as few cache lines as possible.
 *
 * <pre>
 *   key  0,1   address of the first end        the smaller of the two ends
 *        2,3   address of the second end
 *        4     ports                           first end 31..16, second end 15..0
 *   0    deadline                              when the flow ends unless it has more packets
 *   1    META      63..32  longest time without a packet, in milliseconds; 0 if it never was GAP_MIN_NANOS
 *                  31..28  {@link AnnouncedBy} of the expectation that let it in, while that may be armed again
 *                  25      its end has been reported
 *                  24      the expectation was for a privileged source port
 *                  23..16  {@link TcpState}
 *                  15..8   stream
 *                  0       the originator is the second end, which is charged
 *   2,3  packets and bytes of originator and responder, see {@link FlowCounts}
 *   4    owner                                 number of the transaction that announced it, 0 if none did
 *   5    interfaces                            {@link InterfacePair}
 *   6,7  sequences of originator and responder, see {@link TcpTracker}
 *   8    stray                                 the last segment that did not fit, see {@link TcpTracker}, 0 for none
 *   9    SYNs                                  its first one and the last other one, see {@link TcpTracker}
 *   10   opened                                when its first packet was judged
 *   11   armed until                           until when the expectation that let it in may be rearmed, 0 for never;
 *                                              with its end reported: packets of both directions at that time
 *   12,13  bytes of originator and responder that no longer fit above, see {@link FlowCounts}
 *   14   carries                               the same of packets
 * </pre>
 */
final class FlowRecord {
    static final int COUNT = 2;
    static final int OWNER = 4;
    static final int INTERFACES = 5;
    static final int SEQUENCES = 6;
    static final int STRAY = 8;
    static final int SYNS = 9;
    static final int OPENED = 10;
    static final int ARMED_UNTIL = 11;
    static final int CARRIED_BYTES = 12;
    static final int CARRIES = 14;
    static final int VALUE_WORDS = 15;

    static final long PRIVILEGED = 1L << 24;
    static final long END_REPORTED = 1L << 25;
    private static final int ANNOUNCED_BY_SHIFT = 28;

    /** No expectation is for a port below it. */
    private static final int UNPRIVILEGED_PORT_MIN = 1024;

    private static final StreamName[] STREAM_NAMES = StreamName.values();
    private static final int STREAM_SHIFT = 8;
    private static final long STREAM_MASK = 0xFF;
    private static final int STATE_SHIFT = 16;
    private static final long STATE_MASK = 0xFFL << STATE_SHIFT;

    private static final int GAP_SHIFT = 32;

    private static final long GAP_MAX = 0xFFFF_FFFFL;

    private FlowRecord() {}

    /** META of a new flow. */
    static long meta(final StreamName stream, final int state) {
        return (long) stream.ordinal() << STREAM_SHIFT | (long) state << STATE_SHIFT;
    }

    static long withAnnouncedBy(final long meta, final int announcedBy) {
        return meta | (long) announcedBy << ANNOUNCED_BY_SHIFT;
    }

    static int announcedBy(final long meta) {
        return (int) (meta >>> ANNOUNCED_BY_SHIFT) & AnnouncedBy.MAX;
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
     * Whether it is under way and cannot be forged: a REP announced it, or its responder has answered and been
     * answered.
     */
    static boolean isUnderWay(final long meta) {
        final int state = state(meta);
        return state < TcpState.CLOSING
                && (isAnnounced(meta) || (state >= TcpState.ESTABLISHED && stream(meta) != StreamName.ADOPTED));
    }

    static int streamOrdinal(final long meta) {
        return (int) (meta >>> STREAM_SHIFT & STREAM_MASK);
    }

    /** For a record that this program made; for one from a file, check {@link #hasStream} first. */
    static StreamName stream(final long meta) {
        return STREAM_NAMES[streamOrdinal(meta)];
    }

    static boolean hasStream(final long meta) {
        return streamOrdinal(meta) < STREAM_NAMES.length;
    }

    static long gapMillis(final long meta) {
        return meta >>> GAP_SHIFT;
    }

    /** With the longer of the noted gap and this one. */
    static long withGap(final long meta, final long millis) {
        final long longest = Math.max(gapMillis(meta), Math.min(millis, GAP_MAX));
        return (meta & ~(GAP_MAX << GAP_SHIFT)) | longest << GAP_SHIFT;
    }

    static long meta(final long[] record) {
        return RecordWords.value(record, SlotTable.META);
    }

    /** Packets of both directions. */
    static long packets(final long[] record) {
        return FlowCounts.packets(record, false) + FlowCounts.packets(record, true);
    }

    /** Whether the end has been reported, and nothing came since. */
    static boolean isEndReported(final long[] record) {
        return (meta(record) & END_REPORTED) != 0 && packets(record) == RecordWords.value(record, ARMED_UNTIL);
    }

    /** Whether the second end of the key is the originator. */
    static boolean isSwapped(final long meta) {
        return (meta & ChargedTable.CHARGED_TO_SECOND) != 0;
    }

    /** Begins a new record: key, META and times; the rest is 0. */
    static void begin(final long[] record, final Tuple tuple, final long meta, final long nowNanos) {
        Arrays.fill(record, 0, TableKey.WORDS + VALUE_WORDS, 0);
        final boolean swapped = TableKey.setBothWays(record, tuple);
        RecordWords.setValue(record, SlotTable.META, meta | (swapped ? ChargedTable.CHARGED_TO_SECOND : 0));
        RecordWords.setValue(record, OPENED, nowNanos);
    }

    /** The tuple of a record: from the originator to the responder. */
    static void getTuple(final long[] record, final Tuple tuple) {
        final boolean swapped = isSwapped(meta(record));
        final int originator = swapped ? 2 : 0;
        final int responder = 2 - originator;
        final int firstPort = TableKey.firstPort(record);
        final int secondPort = TableKey.secondPort(record);
        tuple.set(
                record[originator],
                record[originator + 1],
                swapped ? secondPort : firstPort,
                record[responder],
                record[responder + 1],
                swapped ? firstPort : secondPort);
    }

    /**
     * Fills in what a record says of its flow.
     *
     * @param timeoutNanos how long a flow of its state may be silent
     */
    static void fill(final FlowSnapshot into, final long[] record, final long timeoutNanos) {
        final long meta = meta(record);
        getTuple(record, into.tuple);
        into.stream = stream(meta);
        into.owner = RecordWords.value(record, OWNER);
        into.openedNanos = RecordWords.value(record, OPENED);
        into.lastNanos = RecordWords.value(record, SlotTable.DEADLINE) - timeoutNanos;
        into.originalPackets = FlowCounts.packets(record, false);
        into.originalBytes = FlowCounts.bytes(record, false);
        into.replyPackets = FlowCounts.packets(record, true);
        into.replyBytes = FlowCounts.bytes(record, true);
        into.longestGapNanos = gapMillis(meta) * Durations.NANOS_PER_MILLI;
        into.endReported = isEndReported(record);
    }

    /** Turns the times into durations, so that they mean the same on another clock. */
    static void toRow(final long[] record, final long nowNanos) {
        RecordWords.setValue(record, SlotTable.DEADLINE, RecordWords.value(record, SlotTable.DEADLINE) - nowNanos);
        RecordWords.toAge(record, OPENED, nowNanos);
        if ((meta(record) & END_REPORTED) == 0) {
            RecordWords.setValue(record, ARMED_UNTIL, Durations.left(RecordWords.value(record, ARMED_UNTIL), nowNanos));
        }
    }

    /** Turns the durations back into times, except the deadline. */
    static void fromRow(final long[] record, final long elapsedNanos, final boolean keepSides, final long nowNanos) {
        RecordWords.fromAge(record, elapsedNanos, OPENED, nowNanos);
        if ((meta(record) & END_REPORTED) == 0) {
            final int responderPort =
                    isSwapped(meta(record)) ? TableKey.firstPort(record) : TableKey.secondPort(record);
            final long armed = responderPort < UNPRIVILEGED_PORT_MIN
                    ? 0
                    : Durations.leftAfter(RecordWords.value(record, ARMED_UNTIL), elapsedNanos);
            RecordWords.setValue(
                    record, ARMED_UNTIL, Durations.until(armed, ExpectationRecord.LIFETIME_MAX_NANOS, nowNanos));
        }
        if (!keepSides) {
            RecordWords.setValue(record, INTERFACES, InterfacePair.UNKNOWN);
        }
    }

    /** Whether the table can have made the record. */
    static boolean isSound(final long[] record) {
        return state(meta(record)) <= TcpState.RESET
                && hasStream(meta(record))
                && TableKey.isInOrder(record)
                && FlowCounts.isSound(record);
    }
}
