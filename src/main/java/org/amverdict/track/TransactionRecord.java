package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamLists;
import org.amverdict.amanda.StreamName;
import org.amverdict.table.ChargedTable;
import org.amverdict.table.SlotTable;

/**
 * The values of a transaction's record, as longs after its {@link TransactionKey}; numbered as {@link SlotTable#value}
 * does.
 *
 * <pre>
 *   0      deadline               when the record ends
 *   1      META      47..40  how many streams the last REP announced
 *                    39..32  how many different REPs have opened ports
 *                    31..24  state
 *                    23..16  traits of the REQ
 *                    15..8   service
 *   2      number                 from 1, never used again
 *   3      opened                 when the REQ was first seen
 *   4      announced until        until when what the last REP announced is expected
 *   5      interfaces             {@link InterfacePair}
 *   6..8   streams                two in each word, each of 24 bits: name, port
 *   9      published              bits of the packet mark that name the published host the REQ was sent to, 0 for none
 * </pre>
 */
final class TransactionRecord {
    static final int NUMBER = 2;
    static final int OPENED = 3;
    static final int ANNOUNCED_UNTIL = 4;
    static final int INTERFACES = 5;
    static final int STREAMS = 6;
    static final int STREAM_WORDS = 3;
    static final int PUBLISHED = STREAMS + STREAM_WORDS;
    static final int VALUE_WORDS = PUBLISHED + 1;

    /** A REQ was seen. */
    static final int ASKED = 0;
    /** The requester has been sent a REP. */
    static final int REPLIED = 1;
    /** Nothing may be opened any more. */
    static final int CLOSED = 2;
    /** The responder has said that it is at work. */
    static final int ACKNOWLEDGED = 3;

    private static final int STATE_MAX = ACKNOWLEDGED;

    /** Places of bytes in META. */
    static final int SERVICE = 8;

    static final int TRAITS = 16;
    static final int STATE = 24;
    static final int REPLIES = 32;
    static final int STREAM_COUNT = 40;
    private static final long BYTE = 0xFF;

    /** Most different REPs of one transaction: the requester repeats its REQ twice, see RESET_TRIES in protocol.c. */
    static final int REPLIES_MAX = 3;
    /** Numbers that start here never overflow. */
    static final long NUMBER_MAX = 1L << 53;

    static final long REPLY_WITHIN_MAX_NANOS = 7 * 86_400_000_000_000L;
    static final long LIFETIME_MAX_NANOS = REPLY_WITHIN_MAX_NANOS + 86_400_000_000_000L;

    private static final int PORT_BITS = 16;
    private static final int PORT_MASK = 0xFFFF;
    private static final int STREAM_BITS = 24;
    private static final int STREAMS_PER_WORD = 2;
    private static final Service[] SERVICES = Service.values();

    private TransactionRecord() {}

    /** META of a new record. */
    static long meta(final Service service, final int traits) {
        return (long) service.ordinal() << SERVICE | (long) traits << TRAITS | (long) ASKED << STATE;
    }

    /** The byte of a META that is at that place. */
    static int part(final long meta, final int place) {
        return (int) (meta >>> place & BYTE);
    }

    /** With another byte at that place. */
    static long with(final int place, final long meta, final int value) {
        return (meta & ~(BYTE << place)) | (long) value << place;
    }

    static Service service(final long meta) {
        return SERVICES[part(meta, SERVICE)];
    }

    /** The word that has stream {@code i}. */
    static int streamWord(final int i) {
        return STREAMS + i / STREAMS_PER_WORD;
    }

    /** Stream {@code i} at its place in its word. */
    static long stream(final int i, final StreamName name, final int port) {
        return ((long) name.ordinal() << PORT_BITS | port) << shift(i);
    }

    static int port(final long word, final int i) {
        return (int) (word >>> shift(i)) & PORT_MASK;
    }

    /** Ordinal of the name of stream {@code i}. */
    static int name(final long word, final int i) {
        return (int) (word >>> shift(i) >>> PORT_BITS & BYTE);
    }

    private static int shift(final int i) {
        return i % STREAMS_PER_WORD * STREAM_BITS;
    }

    static long value(final long[] record, final int word) {
        return record[TransactionKey.WORDS + word];
    }

    private static void setValue(final long[] record, final int word, final long value) {
        record[TransactionKey.WORDS + word] = value;
    }

    /** Turns the times into durations, so that they mean the same on another clock. */
    static void toRow(final long[] record, final long nowNanos) {
        setValue(record, SlotTable.DEADLINE, value(record, SlotTable.DEADLINE) - nowNanos);
        setValue(record, OPENED, nowNanos - value(record, OPENED));
        setValue(record, ANNOUNCED_UNTIL, Math.max(0, value(record, ANNOUNCED_UNTIL) - nowNanos));
    }

    /**
     * Turns the durations back into times.
     *
     * @return false if no time is left, or the table cannot have made the record
     */
    static boolean fromRow(final long[] record, final long elapsedNanos, final boolean keepSides, final long nowNanos) {
        final long left = Durations.leftAfter(value(record, SlotTable.DEADLINE), elapsedNanos);
        if (left <= 0 || left > LIFETIME_MAX_NANOS || !isSound(record)) {
            return false;
        }
        setValue(record, SlotTable.DEADLINE, nowNanos + left);
        setValue(record, OPENED, Durations.before(value(record, OPENED), elapsedNanos, nowNanos));
        final long announced = Durations.leftAfter(value(record, ANNOUNCED_UNTIL), elapsedNanos);
        setValue(record, ANNOUNCED_UNTIL, nowNanos + Math.max(0, Math.min(announced, LIFETIME_MAX_NANOS)));
        if (!keepSides) {
            setValue(record, INTERFACES, InterfacePair.UNKNOWN);
        }
        return true;
    }

    private static boolean isSound(final long[] record) {
        final long meta = value(record, SlotTable.META);
        final long number = value(record, NUMBER);
        return (meta & ChargedTable.CHARGED_TO_SECOND) == 0
                && part(meta, SERVICE) < SERVICES.length
                && part(meta, STATE) <= STATE_MAX
                && part(meta, REPLIES) <= REPLIES_MAX
                && part(meta, STREAM_COUNT) <= StreamLists.STREAMS_MAX
                && number > 0
                && number <= NUMBER_MAX;
    }
}
