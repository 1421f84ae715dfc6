package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.amverdict.table.SlotTable;
import org.junit.jupiter.api.Test;

final class RequesterListsTest {
    private static final int KINDS = 4;

    @Test
    void shouldGiveUpTheRecordThatWasUntouchedLongest() {
        final RequesterLists lists = new RequesterLists(4, 1);
        lists.append(0, 0, 7, RequesterLists.UNANSWERED);
        lists.append(1, 0, 7, RequesterLists.UNANSWERED);
        lists.append(2, 0, 8, RequesterLists.UNANSWERED);

        assertEquals(0, lists.victim(0, 7));
        lists.touch(0);
        assertEquals(1, lists.victim(0, 7));
        assertEquals(2, lists.victim(0, 8));
        assertEquals(2, lists.count(0, 7));
    }

    @Test
    void shouldGiveUpWhatIsOverFirstAndNeverWhatIsKept() {
        final RequesterLists lists = new RequesterLists(4, 1);
        lists.append(0, 0, 7, RequesterLists.KEPT);
        lists.append(1, 0, 7, RequesterLists.UNANSWERED);
        lists.append(2, 0, 7, RequesterLists.ENDED);

        assertEquals(2, lists.victim(0, 7));
        lists.remove(2);
        assertEquals(1, lists.victim(0, 7));
        lists.remove(1);
        assertEquals(SlotTable.NONE, lists.victim(0, 7));
        assertEquals(1, lists.count(0, 7));
        assertEquals(0, lists.spare(0, 7));
        lists.move(0, RequesterLists.ENDED);
        assertEquals(0, lists.victim(0, 7));
    }

    @Test
    void shouldGiveUpOneOfThoseThatAreMore() {
        final RequesterLists lists = new RequesterLists(8, 1);
        lists.append(0, 0, 7, RequesterLists.UNANSWERED);
        lists.append(1, 0, 7, RequesterLists.REPLIED);
        lists.append(2, 0, 7, RequesterLists.REPLIED);

        assertEquals(1, lists.victim(0, 7));
        lists.remove(1);
        assertEquals(0, lists.victim(0, 7), "of as many, one that nobody answered");
    }

    @Test
    void shouldKnowNothingOfAStranger() {
        final RequesterLists lists = new RequesterLists(4, 1);

        assertEquals(SlotTable.NONE, lists.victim(0, 7));
        assertEquals(0, lists.count(0, 7));
        assertEquals(0, lists.spare(0, 7));
    }

    /** Of one requester, naively: a list for each kind, the oldest first. */
    private static final class Model {
        private final List<List<Integer>> kinds = new ArrayList<>();

        Model() {
            for (int i = 0; i < KINDS; i++) {
                kinds.add(new ArrayList<>());
            }
        }

        void remove(final int slot) {
            kinds.forEach(kind -> kind.remove((Integer) slot));
        }

        int count() {
            return kinds.stream().mapToInt(List::size).sum();
        }

        int victim() {
            final List<Integer> over = kinds.get(RequesterLists.ENDED);
            final List<Integer> replied = kinds.get(RequesterLists.REPLIED);
            final List<Integer> asked = kinds.get(RequesterLists.UNANSWERED);
            final List<Integer> chosen = !over.isEmpty() ? over : replied.size() > asked.size() ? replied : asked;
            return chosen.isEmpty() ? SlotTable.NONE : chosen.get(0);
        }
    }

    @Test
    void shouldAgreeWithListsWhateverIsDone() {
        final long seed = 42;
        final SplittableRandom random = new SplittableRandom(seed);
        final int capacity = 12;
        final RequesterLists lists = new RequesterLists(capacity, 1);
        final Map<Long, Model> models = new HashMap<>();
        final long[] requesterOf = new long[capacity];
        final int[] kindOf = new int[capacity];
        for (int step = 0; step < 200_000; step++) {
            final int slot = random.nextInt(capacity);
            final long requester = requesterOf[slot] == 0 ? 1L + random.nextInt(5) : requesterOf[slot];
            final Model model = models.computeIfAbsent(requester, unused -> new Model());
            if (requesterOf[slot] == 0) {
                requesterOf[slot] = requester;
                kindOf[slot] = random.nextInt(KINDS);
                lists.append(slot, 0, requester, kindOf[slot]);
                model.kinds.get(kindOf[slot]).add(slot);
            } else {
                model.remove(slot);
                switch (random.nextInt(3)) {
                    case 0 -> lists.touch(slot);
                    case 1 -> {
                        kindOf[slot] = random.nextInt(KINDS);
                        lists.move(slot, kindOf[slot]);
                    }
                    default -> {
                        lists.remove(slot);
                        requesterOf[slot] = 0;
                    }
                }
                if (requesterOf[slot] != 0) {
                    model.kinds.get(kindOf[slot]).add(slot);
                    assertEquals(kindOf[slot], lists.kind(slot));
                }
            }
            final long asked = 1L + random.nextInt(5);
            final Model expected = models.getOrDefault(asked, new Model());
            final int kept = expected.kinds.get(RequesterLists.KEPT).size();
            assertEquals(expected.count(), lists.count(0, asked), () -> "seed " + seed);
            for (final int one : expected.kinds.get(RequesterLists.KEPT)) {
                assertEquals(kept, lists.kept(one), () -> "seed " + seed);
            }
            assertEquals(expected.count() - kept, lists.spare(0, asked), () -> "seed " + seed);
            assertEquals(expected.victim(), lists.victim(0, asked), () -> "seed " + seed);
        }
    }
}
