package org.amverdict.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "400, 1", "1000, 1", "1001, 2", "8500, 9", "20000, 20", "600000, 20", "-5, 1"})
    void shouldFollowTheTimeThatTheStartTook(final long startMs, final int factor) {
        assertEquals(factor, Pace.of(startMs).factor());
    }

    @Test
    void shouldStretchEveryWait() {
        final Pace usual = new Pace(1);
        final Pace slow = new Pace(10);
        assertEquals(10 * usual.arriveMs(), slow.arriveMs());
        assertEquals(10 * usual.silenceMs(), slow.silenceMs());
        assertEquals(10 * usual.readyMs(), slow.readyMs());
        assertEquals(10 * usual.stopMs(), slow.stopMs());
        assertEquals(10 * usual.lifetimeS(), slow.lifetimeS());
    }

    @Test
    void shouldKeepAnExpectationThroughTheSilenceBeforeItsUse() {
        final Pace slow = new Pace(Pace.FACTOR_MAX);
        assertTrue(slow.lifetimeS() * 1_000 > 2 * slow.silenceMs());
    }
}
