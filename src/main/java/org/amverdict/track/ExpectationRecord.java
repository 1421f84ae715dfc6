package org.amverdict.track;

import org.amverdict.amanda.StreamName;
import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/**
 * The record of an expectation, as longs. Its key is {@link TableKey#setListener}; the words after it are numbered from
 * 0, as {@link SlotTable#value} does.
 *
 * <pre>
 *   key  0,1   address of the requester, which is charged
 *        2,3   address of the responder
 *        4     port of the responder
 *   0    deadline                    when it expires
 *   1    META      27..24  {@link AnnouncedBy}
 *                  18      it was restored after a restart
 *                  17      it was taken once, and the connection was refused
 *                  16      the SYN must come from a privileged port, else from one that is not
 *                  15..8   stream
 *   2    owner                       number of the transaction
 *   3    created                     when it was announced
 *   4    interfaces                  {@link InterfacePair} of the exchange
 * </pre>
 */
final class ExpectationRecord {
    static final int OWNER = 2;
    static final int CREATED = 3;
    static final int INTERFACES = 4;
    static final int VALUE_WORDS = 5;

    private static final long PRIVILEGED = 1L << 16;
    private static final long REARMED = 1L << 17;
    private static final long RESTORED = 1L << 18;
    private static final int STREAM_SHIFT = 8;
    private static final long STREAM_MASK = 0xFF;
    private static final int ANNOUNCED_BY_SHIFT = 24;
    private static final long ANNOUNCED_BY_MASK = AnnouncedBy.MAX;
    /** All that a saved META can have. */
    private static final long META_MASK =
            STREAM_MASK << STREAM_SHIFT | PRIVILEGED | REARMED | ANNOUNCED_BY_MASK << ANNOUNCED_BY_SHIFT;

    private static final int UNPRIVILEGED_PORT_MIN = 1024;
    /** Below it are ports of well-known services, and 20 is FTP's, which the responder refuses. */
    private static final int PRIVILEGED_PORT_MIN = 512;

    private static final int PORT_MAX = 65_535;
    /** The longest lifetime that can be configured. */
    static final long LIFETIME_MAX_NANOS = 3600_000_000_000L;

    private static final StreamName[] STREAMS = StreamName.values();

    private ExpectationRecord() {}

    static long meta(final long[] record) {
        return RecordWords.value(record, SlotTable.META);
    }

    static StreamName stream(final long meta) {
        return STREAMS[streamOrdinal(meta)];
    }

    private static int streamOrdinal(final long meta) {
        return (int) (meta >>> STREAM_SHIFT & STREAM_MASK);
    }

    static int announcedBy(final long meta) {
        return (int) (meta >>> ANNOUNCED_BY_SHIFT & ANNOUNCED_BY_MASK);
    }

    static boolean isPrivileged(final long meta) {
        return (meta & PRIVILEGED) != 0;
    }

    static boolean isRearmed(final long meta) {
        return (meta & REARMED) != 0;
    }

    static boolean isRestored(final long meta) {
        return (meta & RESTORED) != 0;
    }

    /** Whether a SYN comes from a port of the kind that is expected. */
    static boolean isFromExpectedPort(final long meta, final int sourcePort) {
        return isPrivileged(meta) == (sourcePort < UNPRIVILEGED_PORT_MIN) && sourcePort >= PRIVILEGED_PORT_MIN;
    }

    /** Fills in the values of a new record; its key is there. */
    static void set(final long[] record, final Announcement announcement, final long nowNanos) {
        final long meta = (long) announcement.stream.ordinal() << STREAM_SHIFT
                | (long) announcement.announcedBy << ANNOUNCED_BY_SHIFT
                | (announcement.again ? REARMED : 0)
                | (announcement.privilegedSource ? PRIVILEGED : 0);
        RecordWords.setValue(record, SlotTable.DEADLINE, announcement.deadlineNanos);
        RecordWords.setValue(record, SlotTable.META, meta);
        RecordWords.setValue(record, OWNER, announcement.owner);
        RecordWords.setValue(record, CREATED, nowNanos);
        RecordWords.setValue(record, INTERFACES, announcement.sides);
    }

    /** Fills in what a SYN has taken. */
    static void get(final long[] record, final Taken taken, final long nowNanos) {
        final long meta = meta(record);
        taken.stream = stream(meta);
        taken.announcedBy = announcedBy(meta);
        taken.owner = RecordWords.value(record, OWNER);
        taken.waitedNanos = nowNanos - RecordWords.value(record, CREATED);
        taken.privilegedSource = isPrivileged(meta);
        taken.armedUntilNanos = isRearmed(meta) ? 0 : RecordWords.value(record, SlotTable.DEADLINE);
        taken.sides = RecordWords.value(record, INTERFACES);
    }

    /** Fills in what a report sees. */
    static void get(final long[] record, final ExpectationSnapshot snapshot) {
        TableKey.getListener(record, snapshot.tuple);
        snapshot.stream = stream(meta(record));
        snapshot.owner = RecordWords.value(record, OWNER);
        snapshot.createdNanos = RecordWords.value(record, CREATED);
        snapshot.deadlineNanos = RecordWords.value(record, SlotTable.DEADLINE);
    }

    /** Turns the times into durations, so that they mean the same on another clock. */
    static void toRow(final long[] record, final long nowNanos) {
        RecordWords.setValue(record, SlotTable.DEADLINE, RecordWords.value(record, SlotTable.DEADLINE) - nowNanos);
        RecordWords.setValue(record, SlotTable.META, meta(record) & META_MASK);
        RecordWords.toAge(record, CREATED, nowNanos);
    }

    /**
     * Turns the durations back into times.
     *
     * @return false if no time is left, or the table cannot have made the record
     */
    static boolean fromRow(final long[] record, final long elapsedNanos, final boolean keepSides, final long nowNanos) {
        final long left = Durations.leftAfter(RecordWords.value(record, SlotTable.DEADLINE), elapsedNanos);
        if (left <= 0 || left > LIFETIME_MAX_NANOS || !isSound(record)) {
            return false;
        }
        RecordWords.setValue(record, SlotTable.DEADLINE, nowNanos + left);
        RecordWords.setValue(record, SlotTable.META, meta(record) | RESTORED);
        RecordWords.fromAge(record, elapsedNanos, CREATED, nowNanos);
        if (!keepSides) {
            RecordWords.setValue(record, INTERFACES, InterfacePair.UNKNOWN);
        }
        return true;
    }

    private static boolean isSound(final long[] record) {
        final long meta = meta(record);
        final int stream = streamOrdinal(meta);
        final long port = record[TableKey.LAST];
        final boolean announced =
                stream < StreamName.CONTROL.ordinal() && AnnouncedBy.service(announcedBy(meta)) != null;
        final boolean legacy = stream == StreamName.LEGACY.ordinal() && announcedBy(meta) == 0;
        return (meta & ~META_MASK) == 0 && (announced || legacy) && port >= UNPRIVILEGED_PORT_MIN && port <= PORT_MAX;
    }
}
