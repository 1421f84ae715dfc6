package org.amverdict.engine;

import java.util.Arrays;
import java.util.Map;
import org.amverdict.amanda.StreamName;

/** Which mark the packets of each stream get: the configuration's {@code marks}. Immutable. */
public final class StreamMarks {
    /** Leaves every packet's mark as it is. */
    public static final StreamMarks NONE = new StreamMarks(Map.of(), 0xFFFF_FFFFL);

    private final long[] values = new long[StreamName.values().length];
    private final long mask;

    /**
     * @param marks mark of each stream, 0 to 2^32-1; a stream that is not in it keeps its mark
     * @param mask the bits that are written; the others stay as they are
     */
    public StreamMarks(final Map<StreamName, Long> marks, final long mask) {
        Arrays.fill(values, VerdictBatch.NO_MARK);
        marks.forEach((stream, mark) -> values[stream.ordinal()] = mark & mask);
        this.mask = mask;
    }

    /** The packet's new mark, or {@link VerdictBatch#NO_MARK}. */
    long apply(final StreamName stream, final int mark) {
        final long value = values[stream.ordinal()];
        return value == VerdictBatch.NO_MARK ? value : (Integer.toUnsignedLong(mark) & ~mask) | value;
    }
}
