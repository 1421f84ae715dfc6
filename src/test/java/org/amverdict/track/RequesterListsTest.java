package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RequesterListsTest {
    @Test
    void shouldGiveTheRecordThatWasUntouchedLongest() {
        final RequesterLists lists = new RequesterLists(4, 1);
        lists.append(0, 0, 7);
        lists.append(1, 0, 7);
        lists.append(2, 0, 8);

        assertEquals(0, lists.oldest(0, 7));
        lists.touch(0);
        assertEquals(1, lists.oldest(0, 7));
        assertEquals(2, lists.oldest(0, 8));
        assertEquals(2, lists.count(0, 7));
    }

    @Test
    void shouldKnowNothingOfAStranger() {
        final RequesterLists lists = new RequesterLists(4, 1);

        assertEquals(SlotTable.NONE, lists.oldest(0, 7));
        assertEquals(0, lists.count(0, 7));
    }

    @Test
    void shouldAgreeWithListsWhateverIsDone() {
        final long seed = 42;
        final SplittableRandom random = new SplittableRandom(seed);
        final int capacity = 12;
        final RequesterLists lists = new RequesterLists(capacity, 1);
        final Map<Long, List<Integer>> model = new HashMap<>();
        final long[] requesterOf = new long[capacity];
        for (int step = 0; step < 100_000; step++) {
            final int slot = random.nextInt(capacity);
            if (requesterOf[slot] == 0) {
                final long requester = 1L + random.nextInt(5);
                requesterOf[slot] = requester;
                lists.append(slot, 0, requester);
                model.computeIfAbsent(requester, unused -> new ArrayList<>()).add(slot);
            } else {
                final List<Integer> list = model.getOrDefault(requesterOf[slot], List.of());
                list.remove((Integer) slot);
                if (random.nextBoolean()) {
                    lists.touch(slot);
                    list.add(slot);
                } else {
                    lists.remove(slot);
                    requesterOf[slot] = 0;
                }
            }
            final long asked = 1L + random.nextInt(5);
            final List<Integer> expected = model.getOrDefault(asked, List.of());
            assertEquals(expected.size(), lists.count(0, asked), () -> "seed " + seed);
            assertEquals(
                    expected.isEmpty() ? SlotTable.NONE : expected.get(0),
                    lists.oldest(0, asked),
                    () -> "seed " + seed);
        }
    }
}
