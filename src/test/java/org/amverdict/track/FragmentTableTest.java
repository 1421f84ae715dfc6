package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

final class FragmentTableTest {
    private static final long V4 = 0xffff_0000_0000L;
    private static final int UDP = 17;
    private static final int REASON = 10;
    private static final int END = 1480;

    private final TableCounters counters = new TableCounters();
    private final Scratch scratch = new Scratch();
    private final FragmentTable table = new FragmentTable(3, counters);

    private static Fragment fragment(final int protocol, final int identification, final int start, final int end) {
        final Fragment fragment = new Fragment();
        fragment.protocol = protocol;
        fragment.identification = identification;
        fragment.start = start;
        fragment.end = end;
        return fragment;
    }

    private void accept(final long source, final int identification, final long now) {
        table.accept(
                scratch,
                new Tuple().set(0, source, 0, 0, V4 + 20, 0),
                fragment(UDP, identification, 0, END),
                REASON,
                now);
    }

    private int reason(final long source, final int identification, final int start, final long now) {
        return table.reason(
                scratch, new Tuple().set(0, source, 0, 0, V4 + 20, 0), fragment(UDP, identification, start, 0), now);
    }

    @Test
    void shouldGiveTheReasonOfTheFirstFragment() {
        accept(V4 + 10, 0xffff_fffe, 0);

        assertEquals(REASON, reason(V4 + 10, 0xffff_fffe, END, 1));
        assertEquals(REASON, reason(V4 + 10, 0xffff_fffe, 60_000, 1));
    }

    @Test
    void shouldNotKnowAnotherDatagram() {
        accept(V4 + 10, 7, 0);

        assertEquals(-1, reason(V4 + 10, 8, END, 1));
        assertEquals(-1, reason(V4 + 11, 7, END, 1));
        assertEquals(
                -1, table.reason(scratch, new Tuple().set(0, V4 + 10, 0, 0, V4 + 21, 0), fragment(UDP, 7, END, 0), 1));
        assertEquals(
                -1, table.reason(scratch, new Tuple().set(0, V4 + 20, 0, 0, V4 + 10, 0), fragment(UDP, 7, END, 0), 1));
        assertEquals(
                -1, table.reason(scratch, new Tuple().set(0, V4 + 10, 0, 0, V4 + 20, 0), fragment(6, 7, END, 0), 1));
    }

    @Test
    void shouldRefuseAnOverlap() {
        accept(V4 + 10, 7, 0);

        assertEquals(-1, reason(V4 + 10, 7, END - 8, 1));
        assertEquals(-1, reason(V4 + 10, 7, 8, 1));
    }

    @Test
    void shouldEndExactlyAfterThirtySeconds() {
        accept(V4 + 10, 7, 100);

        assertEquals(REASON, reason(V4 + 10, 7, END, 100 + FragmentTable.LIFETIME_NANOS - 1));
        assertEquals(-1, reason(V4 + 10, 7, END, 100 + FragmentTable.LIFETIME_NANOS));
        table.expire(scratch, 100 + FragmentTable.LIFETIME_NANOS, FragmentTable.CAPACITY);
        assertEquals(0, table.size());
    }

    @Test
    void shouldTakeTheLastOfTwoFirstFragments() {
        accept(V4 + 10, 7, 0);
        table.accept(
                scratch, new Tuple().set(0, V4 + 10, 0, 0, V4 + 20, 0), fragment(UDP, 7, 0, END + 8), REASON + 1, 1);

        assertEquals(1, table.size());
        assertEquals(REASON + 1, reason(V4 + 10, 7, END + 8, 2));
        assertEquals(-1, reason(V4 + 10, 7, END, 2));
    }

    @Test
    void shouldCoverAsMuchAsTheLongestOfSeveralFirstFragments() {
        accept(V4 + 10, 7, 0);
        table.accept(scratch, new Tuple().set(0, V4 + 10, 0, 0, V4 + 20, 0), fragment(UDP, 7, 0, END - 800), REASON, 1);

        assertEquals(-1, reason(V4 + 10, 7, END - 800, 2));
        assertEquals(REASON, reason(V4 + 10, 7, END, 2));
    }

    @Test
    void shouldForgetWhatAnEarlierDatagramCovered() {
        accept(V4 + 10, 7, 0);
        table.accept(
                scratch,
                new Tuple().set(0, V4 + 10, 0, 0, V4 + 20, 0),
                fragment(UDP, 7, 0, END - 800),
                REASON,
                FragmentTable.LIFETIME_NANOS);

        assertEquals(REASON, reason(V4 + 10, 7, END - 800, FragmentTable.LIFETIME_NANOS + 1));
    }

    @Test
    void shouldDisplaceTheNoisyHostsWhenFull() {
        for (int i = 0; i < 50; i++) {
            accept(V4 + 10, i, 0);
        }
        for (int i = 0; i < 2 * FragmentTable.CAPACITY; i++) {
            accept(V4 + 66, i, 0);
        }

        assertEquals(FragmentTable.CAPACITY, table.size());
        assertEquals(FragmentTable.CAPACITY + 50L, counters.limitReached(TableName.FRAGMENTS, LimitScope.GLOBAL));
        for (int i = 0; i < 50; i++) {
            assertEquals(REASON, reason(V4 + 10, i, END, 1));
        }
        assertEquals(REASON, reason(V4 + 66, 2 * FragmentTable.CAPACITY - 1, END, 1));
    }
}
