package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final double EXACT = 1e-12;

    @Test
    void shouldTakeTheMiddle() {
        assertEquals(3, Statistics.median(List.of(9.0, 1.0, 3.0)), EXACT);
        assertEquals(4, Statistics.median(List.of(9.0, 1.0, 3.0, 5.0)), EXACT);
        assertEquals(7, Statistics.median(List.of(7.0)), EXACT);
        assertEquals(Double.NaN, Statistics.median(List.of()));
    }

    @Test
    void shouldRelateTheSpreadToTheMedian() {
        assertEquals(0.5, Statistics.spread(List.of(4.0, 3.0, 5.0)), EXACT);
        assertEquals(0, Statistics.spread(List.of(4.0)), EXACT);
        assertEquals(Double.NaN, Statistics.spread(List.of()));
        assertEquals(Double.NaN, Statistics.spread(List.of(0.0)));
    }

    @Test
    void shouldCompareWithinEachRound() {
        // The machine became ten times slower; the ratio of the medians would be 2/10 = 0.2.
        final Map<Integer, Double> base = Map.of(0, 100.0, 1, 10.0, 2, 10.0);
        final Map<Integer, Double> values = Map.of(0, 50.0, 1, 5.0, 2, 2.0);

        assertEquals(0.5, Statistics.ratio(values, base), EXACT);
        assertEquals(-8, Statistics.difference(values, base), EXACT);
    }

    @Test
    void shouldLeaveOutRoundsThatOnlyOneHas() {
        assertEquals(2, Statistics.ratio(Map.of(1, 4.0, 3, 9.0), Map.of(0, 1.0, 1, 2.0)), EXACT);
        assertEquals(2, Statistics.difference(Map.of(1, 4.0, 3, 9.0), Map.of(0, 1.0, 1, 2.0)), EXACT);
        assertEquals(Double.NaN, Statistics.ratio(Map.of(0, 4.0), Map.of(0, 0.0)));
        assertEquals(Double.NaN, Statistics.ratio(Map.of(0, 4.0), Map.of()));
    }

    @Test
    void shouldTakeTheNearestRank() {
        final long[] hundred = new long[100];
        for (int i = 0; i < hundred.length; i++) {
            hundred[i] = i + 1L;
        }

        assertEquals(50, Statistics.percentile(hundred, 0.5), EXACT);
        assertEquals(99, Statistics.percentile(hundred, 0.99), EXACT);
        assertEquals(100, Statistics.percentile(hundred, 0.999), EXACT);
        assertEquals(100, Statistics.percentile(hundred, 1), EXACT);
        assertEquals(5, Statistics.percentile(new long[] {5}, 0.01), EXACT);
        assertEquals(Double.NaN, Statistics.percentile(new long[0], 0.5));
    }

    @Test
    void shouldSortOnlyWhatIsFilled() {
        assertArrayEquals(new long[] {1, 3}, Statistics.sorted(new long[] {3, 1, 0, 0}, 2));
    }
}
