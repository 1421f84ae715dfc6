package org.amverdict.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a fuzz run after which much more is reachable than before it: whatever was fed, nothing of it may stay. (What one
 * input allocates for a while is bounded by the heap that "./dev fuzz" gives.) Does nothing when only known inputs are
 * repeated.
 */
public final class LiveSet implements BeforeEachCallback, AfterAllCallback {
    /** Set while Jazzer makes inputs. */
    private static final boolean FUZZING = System.getenv("JAZZER_FUZZ") != null;

    /** Code that runs for the first time keeps some 0.2 MiB; four bytes left by each of a million inputs show. */
    private static final long GROWTH_MAX = 2L << 20;

    private static final int COLLECTIONS = 3;

    private long before;

    /** Known inputs come first, each as a test of its own, and the run that makes new ones comes last. */
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

    /** Bytes in use once what can be collected is; the least of a few, since others may allocate meanwhile. */
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
