package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenchOptionsTest {
    private static BenchOptions options(final int seconds, final int rounds, final Contestant... against) {
        return new BenchOptions(
                new BenchOptions.Pace(seconds, rounds, 15),
                new BenchOptions.Rates(180_000, 0),
                List.of(Mix.SYN),
                List.of(against),
                List.of(1));
    }

    @Test
    void shouldReadMixes() {
        assertEquals(List.of(Mix.CONTROL, Mix.BULK_SEGMENTED), Mix.list("control,bulk-segmented"));
        assertEquals(List.of(Mix.LATENCY), Mix.list("latency,latency"));
        assertEquals(List.of(Mix.values()), Mix.list("all"));
        for (final Mix mix : Mix.values()) {
            assertEquals(mix, Mix.named(mix.label()));
        }
    }

    @Test
    void shouldNameTheMixesWhenOneIsUnknown() {
        final Exception thrown = assertThrows(IllegalArgumentException.class, () -> Mix.list("control,sin"));

        assertEquals(
                "'sin' is no mix; there are control,rate,syn,hit,flows,bulk,bulk-segmented,latency and all",
                thrown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Mix.list(""));
        assertThrows(IllegalArgumentException.class, () -> Mix.list("control,"));
    }

    @Test
    void shouldReadContestants() {
        assertEquals(
                new Contestant("best-1", Contestant.Kind.PROGRAM, "/opt/c gso=0 'a b'", 1),
                Contestant.parse("best-1=/opt/c gso=0 'a b'"));
        for (final String wrong : List.of("", "x", "=x", "x=", "x= ", "a b=c", "accept=x", "amverdict=x")) {
            assertThrows(IllegalArgumentException.class, () -> Contestant.parse(wrong), wrong);
        }
    }

    @Test
    void shouldCompareWithTheFirstProgramGiven() {
        final Contestant classic = Contestant.parse("classic=/bin/classic");

        assertEquals(
                List.of(classic, Contestant.ACCEPT, Contestant.AMVERDICT),
                options(1, 1, classic).contestants());
        assertEquals(
                List.of(Contestant.ACCEPT, Contestant.AMVERDICT), options(1, 1).contestants());
    }

    @Test
    void shouldTakePartWithEachNumberOfQueues() {
        final BenchOptions options = new BenchOptions(
                new BenchOptions.Pace(1, 1, 15),
                new BenchOptions.Rates(180_000, 0),
                List.of(Mix.FLOWS),
                List.of(),
                List.of(1, 2, 4, 2));

        assertEquals(
                List.of("accept 1", "amverdict 1", "amverdict-2 2", "amverdict-4 4"),
                options.contestants().stream()
                        .map(contestant -> contestant.name() + " " + contestant.queues())
                        .toList());
        for (final int wrong : new int[] {0, 17}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new BenchOptions(
                            new BenchOptions.Pace(1, 1, 15),
                            new BenchOptions.Rates(180_000, 0),
                            List.of(Mix.FLOWS),
                            List.of(),
                            List.of(1, wrong)));
        }
        final Contestant taken = Contestant.parse("amverdict-2=x");
        assertThrows(
                IllegalArgumentException.class,
                () -> new BenchOptions(
                        new BenchOptions.Pace(1, 1, 15),
                        new BenchOptions.Rates(180_000, 0),
                        List.of(Mix.FLOWS),
                        List.of(taken),
                        List.of(2)));
    }

    @Test
    void shouldKeepTheTimeBounded() {
        assertThrows(IllegalArgumentException.class, () -> options(0, 1));
        assertThrows(IllegalArgumentException.class, () -> options(61, 1));
        assertThrows(IllegalArgumentException.class, () -> options(1, 0));
        assertThrows(IllegalArgumentException.class, () -> options(1, 100));
        final Exception twice = assertThrows(
                IllegalArgumentException.class, () -> options(1, 1, Contestant.parse("a=x"), Contestant.parse("a=y")));
        assertTrue(String.valueOf(twice.getMessage()).contains("twice"), twice.getMessage());
    }
}
