package org.amverdict.simulation;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks for a violation, in interleavings and nights in turns. Called by reflection, from outside its class loader. */
final class Hunt {
    private static final int NIGHT_ONE_IN = 16;
    private static final long SHRINK_NANOS = 15 * Simulation.SECOND;

    private Hunt() {}

    /**
     * Plays plans from that seed on until one violates something.
     *
     * @return property, seconds until it was found, plans played, steps of the smallest scenario, and its story; null if
     *     nothing was found in time
     */
    static String @Nullable [] find(final long seed, final long nanos) {
        final Set<Kind> all = EnumSet.allOf(Kind.class);
        final long begin = System.nanoTime();
        for (long i = 0; System.nanoTime() - begin < nanos; i++) {
            final Plan.Shape shape = i % NIGHT_ONE_IN == 0 ? Plan.Shape.NIGHT : Plan.Shape.INTERLEAVING;
            final long played = System.nanoTime();
            try {
                Search.check(new Plan(seed + i, shape, all), SHRINK_NANOS);
            } catch (final Search.Violation e) {
                return new String[] {
                    e.property(),
                    String.format("%.1f", (played - begin) / 1e9),
                    Long.toString(i + 1),
                    Integer.toString(e.steps()),
                    String.valueOf(e.getMessage())
                };
            }
        }
        return null;
    }
}
