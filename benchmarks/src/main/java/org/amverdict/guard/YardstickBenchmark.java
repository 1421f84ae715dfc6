package org.amverdict.guard;

import java.nio.ByteBuffer;
import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Speed of this machine, right now, at work like the engine's. It reads a header from a direct buffer, branches on the
 * result, hashes a key, looks it up in a table of a megabyte and counts. It uses no engine code, so that no engine
 * change affects it; and it must not change itself, or every bound has to be recorded again.
 */
public class YardstickBenchmark extends NanosecondsPerOperation {
    private static final int HEADERS = 4096;
    private static final int HEADER_BYTES = 64;
    private static final int KINDS = 4;
    private static final int RECORDS = 1 << 13;
    private static final int RECORD_WORDS = 16;
    private static final int KEY_WORDS = 4;
    private static final int COUNT = KEY_WORDS;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    private final ByteBuffer headers = ByteBuffer.allocateDirect(HEADERS * HEADER_BYTES);
    private final long[] table = new long[RECORDS * RECORD_WORDS];
    private final long[] key = new long[KEY_WORDS];
    private final Draw draw = new Draw(0);

    public YardstickBenchmark() {
        for (int i = 0; i < HEADERS; i++) {
            final int at = i * HEADER_BYTES;
            for (int word = 0; word < HEADER_BYTES / Long.BYTES; word++) {
                headers.putLong(at + word * Long.BYTES, Draw.mixed((long) i * HEADER_BYTES + word));
            }
            readKey(at);
            table[find() + COUNT] = 1;
        }
    }

    @Benchmark
    public long lookUp() {
        final int at = draw.below(HEADERS) * HEADER_BYTES;
        final int weight = weight(at);
        readKey(at);
        final int record = find();
        table[record + COUNT] += weight;
        table[record + COUNT + 1]++;
        return table[record + COUNT];
    }

    private int weight(final int at) {
        switch (headers.get(at) & KINDS - 1) {
            case 0:
                return headers.getShort(at + 2);
            case 1:
                return headers.get(at + 1) < 0 ? 1 : 2;
            case 2:
                int sum = 0;
                for (int i = 40; i < 48; i++) {
                    sum += headers.get(at + i);
                }
                return sum;
            default:
                return headers.getInt(at + 4) >>> 7;
        }
    }

    private void readKey(final int at) {
        for (int i = 0; i < KEY_WORDS; i++) {
            key[i] = headers.getLong(at + (1 + i) * Long.BYTES);
        }
    }

    /** First word of the record with that key, which is added if missing. */
    private int find() {
        long hash = 0;
        for (final long word : key) {
            final long mixed = hash ^ word;
            hash = mixed * MULTIPLIER ^ Math.multiplyHigh(mixed, MULTIPLIER);
        }
        int record = (int) hash & RECORDS - 1;
        while (true) {
            final int first = record * RECORD_WORDS;
            if (table[first + COUNT] == 0) {
                System.arraycopy(key, 0, table, first, KEY_WORDS);
                return first;
            }
            if (table[first] == key[0] && table[first + 1] == key[1] && table[first + 2] == key[2]) {
                return first;
            }
            record = record + 1 & RECORDS - 1;
        }
    }
}
