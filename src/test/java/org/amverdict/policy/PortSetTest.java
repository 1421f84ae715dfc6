package org.amverdict.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PortSetTest {
    @Test
    void shouldMergeAndPrintRanges() {
        assertEquals("1-10,20,65535", PortSet.parse("20, 5-10,1-4, 65535").toString());
        assertEquals(PortSet.range(11_000, 11_040), PortSet.parse("11000-11040"));
        assertEquals(41, PortSet.parse("11000-11040").size());
        assertEquals(PortSet.parse("1-2,7"), PortSet.union(List.of(PortSet.of(1), PortSet.of(7, 2))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | port 0 is out of range (1-65535)",
                "65536 | out of range",
                "-5 | out of range",
                "10-5 | write 5-10",
                "x | write 11000 or 11000-11040",
                "1-2-3 | not a port",
                "99999999999 | not a port",
                "1,,2 | not a port"
            })
    void shouldRefuseWithTheRemedy(final String text, final String part) {
        final Exception error = assertThrows(IllegalArgumentException.class, () -> PortSet.parse(text));

        assertTrue(String.valueOf(error.getMessage()).contains(part), error.getMessage());
    }

    @Test
    void shouldRefuseTooManyRanges() {
        final int[] ports = new int[PortSet.RANGES_MAX + 1];
        java.util.Arrays.setAll(ports, i -> 2 * i + 1);

        assertThrows(IllegalArgumentException.class, () -> PortSet.of(ports));
        assertThrows(IllegalArgumentException.class, PortSet::of);
    }

    @Test
    void shouldAnswerAsABitSetDoes() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            final BitSet some = new BitSet();
            final BitSet others = new BitSet();
            final PortSet set = randomSet(random, some);
            final PortSet other = randomSet(random, others);

            for (int port = -1; port <= 65_536; port++) {
                final int asked = port;
                assertEquals(port > 0 && some.get(port), set.contains(port), () -> "seed " + seed + " port " + asked);
            }
            assertEquals(some.cardinality(), set.size(), () -> "seed " + seed);
            others.andNot(some);
            assertEquals(others.isEmpty(), set.containsAll(other), () -> "seed " + seed + " " + set + " / " + other);
            assertEquals(set, PortSet.parse(set.toString()));
        }
        assertFalse(PortSet.of(5).containsAll(PortSet.of(4)));
        assertTrue(PortSet.parse("4-6,9").containsAll(PortSet.parse("5,9")));
    }

    private static PortSet randomSet(final SplittableRandom random, final BitSet bits) {
        final StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            final int first = random.nextInt(1, 65_536);
            final int last = Math.min(65_535, first + random.nextInt(30_000) * random.nextInt(2));
            bits.set(first, last + 1);
            text.append(text.length() == 0 ? "" : ",").append(first).append('-').append(last);
        }
        return PortSet.parse(text.toString());
    }
}
