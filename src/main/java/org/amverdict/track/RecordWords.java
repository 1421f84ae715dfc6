package org.amverdict.track;

import org.amverdict.table.SlotTable;
import org.amverdict.table.TableKey;

/** The words of a record as a row of longs, key first: its values are numbered as in {@link SlotTable#value}. */
final class RecordWords {
    private RecordWords() {}

    static long value(final long[] record, final int word) {
        return record[TableKey.WORDS + word];
    }

    static void setValue(final long[] record, final int word, final long value) {
        record[TableKey.WORDS + word] = value;
    }

    /** Turns a point in time into how long ago it is. */
    static void toAge(final long[] record, final int word, final long nowNanos) {
        setValue(record, word, nowNanos - value(record, word));
    }

    /**
     * Turns how long ago something was back into a point in time.
     *
     * @param elapsedNanos how much time has passed since
     */
    static void fromAge(final long[] record, final long elapsedNanos, final int word, final long nowNanos) {
        setValue(record, word, Durations.before(value(record, word), elapsedNanos, nowNanos));
    }
}
