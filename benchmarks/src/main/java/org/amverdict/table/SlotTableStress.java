package org.amverdict.table;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** What a reader without a lock sees while another thread writes. Any outcome that is not listed is an error. */
public final class SlotTableStress {
    private static final int WORDS = TableKey.WORDS;
    private static final long[] OLD = {1, 1, 1, 1, 1};
    private static final long[] NEW = {2, 2, 2, 2, 2};
    /** Begins as the old key and ends as the new one. */
    private static final long[] MIXED = {1, 1, 1, 2, 2};
    /** Puts all three into one chain. */
    private static final long SEED = seed();

    private SlotTableStress() {}

    private static SlotTable table(final long seed) {
        return new SlotTable(WORDS, 2, 1, seed);
    }

    private static long seed() {
        final int buckets = 3; // a table with one record has four
        long seed = 0;
        while (true) {
            final SlotTable table = table(seed);
            final long hash = table.hash(OLD);
            if (((table.hash(NEW) ^ hash) & buckets) == 0 && ((table.hash(MIXED) ^ hash) & buckets) == 0) {
                return seed;
            }
            seed++;
        }
    }

    private static void insert(final SlotTable table, final long[] key) {
        final long hash = table.hash(key);
        table.lock(hash);
        table.insertLocked(key, hash);
        table.unlock(hash);
    }

    private static boolean finds(final SlotTable table, final long[] key) {
        return table.find(key, table.hash(key)) != SlotTable.NONE;
    }

    /** The one slot of a table gets another record while its chain is walked. */
    @JCStressTest
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "only what was there was found")
    @Outcome(expect = FORBIDDEN, desc = "a mix of two records was found, or the new one was not")
    @State
    public static class FindMixed {
        private final SlotTable table = table(SEED);
        private final long[] record = new long[WORDS + 2];

        public FindMixed() {
            insert(table, OLD);
        }

        @Actor
        public void replace() {
            table.removeKey(OLD, table.hash(OLD), record);
            insert(table, NEW);
        }

        @Actor
        public void find(final ZZ_Result result) {
            result.r1 = finds(table, MIXED);
        }

        @Arbiter
        public void after(final ZZ_Result result) {
            result.r2 = finds(table, NEW);
        }
    }

    /** A record behind another in the chain stays visible while that one goes. */
    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "found, whatever went")
    @Outcome(expect = FORBIDDEN, desc = "a record that was there all the time was missed")
    @State
    public static class FindBehindRemoved {
        private final SlotTable table = new SlotTable(WORDS, 2, 2, SEED);
        private final long[] record = new long[WORDS + 2];

        public FindBehindRemoved() {
            insert(table, OLD);
            insert(table, NEW);
        }

        @Actor
        public void remove() {
            table.removeKey(NEW, table.hash(NEW), record);
        }

        @Actor
        public void find(final IZ_Result result) {
            result.r2 = finds(table, OLD);
        }

        @Arbiter
        public void after(final IZ_Result result) {
            result.r1 = table.size();
        }
    }
}
