package org.amverdict.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a fuzz run that leaves much more reachable memory than before: nothing of the input may stay. (The heap that
 * "./dev fuzz" sets bounds what one input allocates temporarily.) Does nothing when only known inputs are repeated.
 */
public final class LiveSet implements BeforeEachCallback, AfterAllCallback {
    /** Set while Jazzer makes inputs. */
    private static final boolean FUZZING = System.getenv("JAZZER_FUZZ") != null;

    /** Code that runs for the first time keeps about 0.2 MiB; four bytes left by each of a million inputs show. */
    private static final long GROWTH_MAX = 2L << 20;

    private static final int COLLECTIONS = 3;

    private long before;

    /** Known inputs come first, each as a separate test, and the run that makes new ones comes last. */
    @Override
    public void beforeEach(final ExtensionContext context) {
        if (FUZZING) {
            before = reachable();
        }
    }

    @Override
    public void afterAll(final ExtensionContext context) {
        if (FUZZING) {
            final long growth = reachable() - before;
            assertTrue(growth <= GROWTH_MAX, () -> growth + " bytes more are reachable than before");
        }
    }

    /** Bytes in use after a garbage collection; the least of a few, since other threads may allocate meanwhile. */
    private static long reachable() {
        final Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
