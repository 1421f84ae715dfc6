package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

final class RecoveryTableTest {
    private static final int TAPE = 10_083;
    private static final long LATE = 1000;

    private final TableCounters counters = new TableCounters();
    private final RecoveryTable table = new RecoveryTable(42, counters);
    private final Scratch scratch = new Scratch();

    private void noteSyn(final long requester, final int port, final int sequence, final long now) {
        table.noteSyn(
                scratch,
                new Tuple().set(7, requester, port, 8, 5000, TAPE),
                Segments.syn(sequence, 0, 0),
                Segments.ending(now + LATE),
                now);
    }

    private int find(final long requester, final int port, final long now) {
        return table.find(
                scratch, new Tuple().set(7, requester, port, 8, 5000, TAPE), Segments.ending(now + LATE), now);
    }

    private int findBack(final long requester, final int port, final long now) {
        return table.find(
                scratch, new Tuple().set(8, 5000, TAPE, 7, requester, port), Segments.ending(now + LATE), now);
    }

    private boolean watches(final long requester, final int port) {
        return table.watches(scratch, new Tuple().set(8, 5000, TAPE, 7, requester, port));
    }

    @Test
    void shouldFindAConnectionFromBothEnds() {
        assertFalse(watches(1, 600));
        noteSyn(1, 600, 10, 0);

        assertTrue(watches(1, 600));
        assertFalse(watches(1, 601));
        assertNotEquals(RecoveryTable.NONE, find(1, 600, 0));
        assertEquals(find(1, 600, 0), findBack(1, 600, 0));
        assertEquals(RecoveryTable.NONE, find(2, 600, 0));
    }

    @Test
    void shouldBeginOnceWithTheAnswerToTheLastSyn() {
        noteSyn(1, 600, -1, 0);
        final int slot = find(1, 600, 0);
        assertFalse(table.reading(slot));
        table.begin(slot, Segments.of(0, 500, 17, 0, 0, 0, 0), 3);
        assertFalse(table.reading(slot), "answers another SYN");

        table.begin(slot, Segments.of(0, 500, 0, 0, 0, 0, 0), 3);

        assertTrue(table.reading(slot));
        assertEquals(0, table.next(slot, false));
        assertEquals(501, table.next(slot, true));
        assertEquals(3, table.text(slot));
        assertTrue(table.number(slot) < ExpectationTable.NOBODY);
        table.advance(slot, true, 600, 4);
        table.advance(slot, false, -5, 5);
        assertEquals(600, table.next(slot, true));
        assertEquals(-5, table.next(slot, false));
        assertEquals(5, table.text(slot));
        table.begin(slot, Segments.of(0, 500, 0, 0, 0, 0, 0), 3);
        assertEquals(600, table.next(slot, true), "the answer repeated");
    }

    @Test
    void shouldChangeNothingForASynThatIsNotAnswered() {
        noteSyn(1, 600, 10, 0);
        final int slot = find(1, 600, 0);
        table.begin(slot, Segments.of(0, 500, 11, 0, 0, 0, 0), 3);
        final long number = table.number(slot);

        noteSyn(1, 600, 999, 0);

        assertEquals(slot, find(1, 600, 0));
        assertTrue(table.reading(slot));
        assertEquals(11, table.next(slot, false));
        table.begin(slot, Segments.of(0, 800, 1000, 0, 0, 0, 0), 0);
        assertEquals(1000, table.next(slot, false));
        assertNotEquals(number, table.number(slot), "another connection");
    }

    @Test
    void shouldEndWithItsFlow() {
        noteSyn(1, 600, 10, 0);
        assertNotEquals(RecoveryTable.NONE, find(1, 600, LATE - 1));
        assertNotEquals(RecoveryTable.NONE, find(1, 600, 2 * LATE - 2), "the flow goes on");
        assertEquals(RecoveryTable.NONE, find(1, 600, 3 * LATE - 2));

        table.expire(scratch, 3 * LATE - 2, RecoveryTable.CAPACITY);

        assertEquals(0, table.size());
    }

    @Test
    void shouldNotGoOnWithWhatHasExpired() {
        noteSyn(1, 600, 10, 0);
        table.begin(find(1, 600, 0), Segments.of(0, 500, 11, 0, 0, 0, 0), 3);

        noteSyn(1, 600, 20, LATE);

        assertFalse(table.reading(find(1, 600, LATE)));
        assertEquals(1, table.size());
    }

    /** The requester is the second end in the key where its address is the higher one. */
    @Test
    void shouldGiveUpOneOfTheHostThatHasMost() {
        noteSyn(1, 600, 10, 0);
        noteSyn(9000, 600, 10, 0);
        for (int i = 0; i < 4 * RecoveryTable.CAPACITY; i++) {
            noteSyn(2, 1 + i, 10, 0);
        }

        assertEquals(RecoveryTable.CAPACITY, table.size());
        assertTrue(watches(1, 600));
        assertTrue(watches(9000, 600));
        assertEquals(3 * RecoveryTable.CAPACITY + 2, counters.limitReached(TableName.RECOVERIES, LimitScope.GLOBAL));
        noteSyn(3, 600, 10, 0);
        assertTrue(watches(3, 600), "a new host gets in");
    }

    @Test
    void shouldForgetWhatIsRemoved() {
        for (int i = 0; i < 3 * RecoveryTable.CAPACITY; i++) {
            noteSyn(1, 600, 10, 0);
            table.remove(scratch, find(1, 600, 0));
            assertEquals(0, table.size());
        }
        assertEquals(0, counters.limitReached(TableName.RECOVERIES, LimitScope.GLOBAL));
    }
}
