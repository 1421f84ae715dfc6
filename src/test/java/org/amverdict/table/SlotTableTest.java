package org.amverdict.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.amverdict.harness.Threads;
import org.junit.jupiter.api.Test;

final class SlotTableTest {
    private static final int KEY_WORDS = 4;
    private static final int VALUE_WORDS = 3;
    private static final int VALUE = 2;
    private static final int CHAIN_MAX = 64;

    private static SlotTable table(final int capacity) {
        return new SlotTable(KEY_WORDS, VALUE_WORDS, capacity, 0x1234_5678_9abc_def1L);
    }

    private static long[] key(final long number) {
        return new long[] {0, 0xffff_0000_0000L + number, 7, number * 31};
    }

    private static int insert(final SlotTable table, final long[] key, final long value) {
        final long hash = table.hash(key);
        table.lock(hash);
        try {
            final int slot = table.insertLocked(key, hash);
            if (slot != SlotTable.NONE) {
                table.setValue(slot, VALUE, value);
            }
            return slot;
        } finally {
            table.unlock(hash);
        }
    }

    private static boolean remove(final SlotTable table, final long[] key) {
        return table.removeKey(key, table.hash(key), new long[KEY_WORDS + VALUE_WORDS]);
    }

    private static int find(final SlotTable table, final long[] key) {
        return table.find(key, table.hash(key));
    }

    @Test
    void shouldAgreeWithAMapWhateverIsDone() {
        final long seed = 20_261_123;
        final SplittableRandom random = new SplittableRandom(seed);
        final SlotTable table = table(50);
        final Map<Long, Long> model = new HashMap<>();
        for (int step = 0; step < 200_000; step++) {
            final long number = random.nextInt(80);
            final long[] key = key(number);
            if (random.nextBoolean()) {
                assertEquals(model.remove(number) != null, remove(table, key), () -> "seed " + seed);
            } else if (!model.containsKey(number)) {
                final boolean inserted = insert(table, key, step) != SlotTable.NONE;
                assertEquals(model.size() < 50, inserted, () -> "seed " + seed);
                if (inserted) {
                    model.put(number, (long) step);
                }
            }
            final long asked = random.nextInt(80);
            final int slot = find(table, key(asked));
            assertEquals(
                    model.get(asked), slot == SlotTable.NONE ? null : table.value(slot, VALUE), () -> "seed " + seed);
            assertEquals(model.size(), table.size(), () -> "seed " + seed);
        }
    }

    @Test
    void shouldRefuseWhenFullAndTakeAgainWhenOneHasGone() {
        final SlotTable table = table(3);
        for (int i = 0; i < 3; i++) {
            assertNotEquals(SlotTable.NONE, insert(table, key(i), i));
        }

        assertEquals(SlotTable.NONE, insert(table, key(3), 3));
        assertTrue(remove(table, key(1)));
        assertNotEquals(SlotTable.NONE, insert(table, key(3), 3));
        assertEquals(SlotTable.NONE, find(table, key(1)));
        assertEquals(3, table.size());
    }

    @Test
    void shouldBoundItsChains() {
        final SlotTable table = table(128);
        final List<long[]> colliding = new ArrayList<>();
        final int buckets = 256;
        for (long number = 0; colliding.size() <= CHAIN_MAX; number++) {
            final long[] key = key(number);
            if ((table.hash(key) & buckets - 1) == 0) {
                colliding.add(key);
            }
        }
        for (int i = 0; i < CHAIN_MAX; i++) {
            assertNotEquals(SlotTable.NONE, insert(table, colliding.get(i), i));
        }

        assertEquals(SlotTable.NONE, insert(table, colliding.get(CHAIN_MAX), 0));
        for (int i = 0; i < CHAIN_MAX; i++) {
            assertNotEquals(SlotTable.NONE, find(table, colliding.get(i)));
        }
        assertEquals(SlotTable.NONE, find(table, colliding.get(CHAIN_MAX)));
    }

    @Test
    void shouldEndARecordExactlyAtItsDeadline() {
        final SlotTable table = table(1);
        final int slot = insert(table, key(1), 0);
        table.setValue(slot, SlotTable.DEADLINE, 1000);

        assertFalse(table.expired(slot, 999));
        assertTrue(table.expired(slot, 1000));
        assertTrue(table.expired(slot, 1001));
    }

    @Test
    void shouldCompareTimesAcrossTheEndOfTheClock() {
        final SlotTable table = table(1);
        final int slot = insert(table, key(1), 0);
        final long now = Long.valueOf(Long.MAX_VALUE - 5);
        table.setValue(slot, SlotTable.DEADLINE, now + 10);

        assertFalse(table.expired(slot, now));
        assertFalse(table.expired(slot, now + 9));
        assertTrue(table.expired(slot, now + 10));
    }

    @Test
    void shouldVisitEverySlotInOneRound() {
        final SlotRounds rounds = new SlotRounds(37);
        final Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 37; i++) {
            seen.add(rounds.next());
        }

        assertEquals(37, seen.size());
    }

    @Test
    void shouldRemoveASlotOnlyIfItHasExpired() {
        final SlotTable table = table(4);
        final int slot = insert(table, key(1), 0);
        table.setValue(slot, SlotTable.DEADLINE, 1000);
        final long[] record = new long[KEY_WORDS + VALUE_WORDS];

        assertFalse(table.removeSlot(slot, true, 999, record));
        assertTrue(table.removeSlot(slot, true, 1000, record));
        assertEquals(0xffff_0000_0001L, record[1]);
        assertFalse(table.removeSlot(slot, false, 1000, record));
    }

    /** Two keys that differ in chosen bits must not collide whatever the seed, or anybody could fill a chain. */
    @Test
    void shouldNotCollideForEverySeed() {
        int collisions = 0;
        final SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 1000; i++) {
            final SlotTable table = new SlotTable(KEY_WORDS, VALUE_WORDS, 16, random.nextLong());
            for (int bit = 61; bit <= 63; bit++) {
                final long[] first = {0, 1, 2, 3};
                final long[] second = {1L << bit, 1 ^ ((1L << bit) | (1L << (bit - 32))), 2, 3};
                collisions += table.hash(first) == table.hash(second) ? 1 : 0;
            }
        }

        assertEquals(0, collisions);
    }

    /** Each thread knows what it has put in; all share chains and stripes. */
    @Test
    void shouldKeepEveryRecordOfEveryThread() throws Exception {
        final int threads = 4;
        final int keysPerThread = 12;
        final SlotTable table = table(threads * keysPerThread);
        final List<Integer> held = Threads.run(threads, thread -> {
            final SplittableRandom random = new SplittableRandom(thread);
            final boolean[] model = new boolean[keysPerThread];
            int count = 0;
            for (int step = 0; step < 300_000; step++) {
                final int number = random.nextInt(keysPerThread);
                final long[] key = key((long) thread * keysPerThread + number);
                if (model[number]) {
                    assertTrue(remove(table, key));
                } else {
                    assertNotEquals(SlotTable.NONE, insert(table, key, number));
                }
                model[number] = !model[number];
                count += model[number] ? 1 : -1;
                final int asked = random.nextInt(keysPerThread);
                final int slot = find(table, key((long) thread * keysPerThread + asked));
                assertEquals(model[asked], slot != SlotTable.NONE);
                if (slot != SlotTable.NONE) {
                    assertEquals(asked, table.value(slot, VALUE));
                }
                find(table, key(random.nextInt(threads * keysPerThread)));
            }
            return count;
        });

        assertEquals(held.stream().mapToInt(Integer::intValue).sum(), table.size());
        int room = 0;
        while (insert(table, key(1_000_000 + room), 0) != SlotTable.NONE) {
            room++;
        }
        assertEquals(table.capacity(), table.size(), "no slot was lost");
    }

    /** Sweepers remove by slot what others insert and remove by key, in a table that is always nearly full. */
    @Test
    void shouldLoseNoSlotWhenSweptWhileItIsUsed() throws Exception {
        final SlotTable table = table(16);
        final SlotRounds rounds = new SlotRounds(16);
        Threads.run(4, thread -> {
            final SplittableRandom random = new SplittableRandom(thread);
            final long[] record = new long[KEY_WORDS + VALUE_WORDS];
            for (int step = 0; step < 300_000; step++) {
                if (thread < 2) {
                    // Keys of one writer only, as a key must not be inserted twice.
                    final long[] key = key(thread * 1000L + random.nextInt(40));
                    if (find(table, key) == SlotTable.NONE) {
                        insert(table, key, 0);
                    } else {
                        remove(table, key);
                    }
                } else {
                    table.removeSlot(rounds.next(), true, 1, record);
                }
            }
            return 0;
        });

        final int left = table.size();
        int inserted = 0;
        while (insert(table, key(1_000_000 + inserted), 0) != SlotTable.NONE) {
            inserted++;
        }
        assertEquals(table.capacity(), left + inserted);
    }
}
