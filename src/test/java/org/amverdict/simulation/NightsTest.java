package org.amverdict.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * P1 to P9 and the orderings over simulated nights: some tens of dumps, estimates and recoveries of several hosts over
 * hours, with what else may happen. {@code -Dseed=} names the first seed, {@code -Dnights=} how many there are, {@code
 * -Dkinds=} what happens in them, {@code -Dreplay=} one scenario of a report.
 */
@Tag("property")
final class NightsTest {
    private static final long SEED = Long.getLong("seed", 20_261_201);
    private static final int COUNT = Integer.getInteger("nights", 500);
    private static final int FAILURES_MAX = Integer.getInteger("failures", 1);
    private static final String REPLAY = System.getProperty("replay", "");

    private static Set<Kind> kinds() {
        return Kind.named(System.getProperty("kinds", ""));
    }

    @Test
    void shouldHoldInEveryNight() {
        if (!REPLAY.isEmpty()) {
            replay();
            return;
        }
        System.out.println("nights from seed " + SEED + ": " + COUNT + " of " + kinds());
        final List<Search.Violation> violations = new ArrayList<>();
        final long begin = System.nanoTime();
        long dumps = 0;
        long packets = 0;
        int nights = 0;
        while (nights < COUNT && violations.size() < FAILURES_MAX) {
            try {
                final Play night = Search.check(new Plan(SEED + nights, Plan.Shape.NIGHT, kinds()));
                dumps += night.dumps();
                packets += night.packets();
            } catch (final Search.Violation e) {
                violations.add(e);
            }
            nights++;
        }
        final double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d nights, %d dumps, %d packets in %.1f s: %.0f nights a minute, %.0f dumps/s%n",
                nights, dumps, packets, seconds, 60 * nights / seconds, dumps / seconds);
        violations.forEach(violation -> System.out.println(violation.getMessage()));
        assertTrue(violations.isEmpty(), () -> String.valueOf(violations.get(0).getMessage()));
    }

    /** Plays what {@code -Dreplay=SHAPE:SEED:DECISION,DECISION...} names. */
    private static void replay() {
        final String[] parts = REPLAY.split(":", -1);
        final Plan plan = new Plan(Long.parseLong(parts[1]), Plan.Shape.valueOf(parts[0]), kinds());
        final List<Integer> kept = parts.length < 3
                ? List.of()
                : Arrays.stream(parts[2].split(","))
                        .filter(id -> !id.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
        Search.replay(plan, kept);
        System.out.println("nothing is violated: " + plan);
    }
}
