package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.harness.Threads;
import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

final class ExpectationTableTest {
    private static final long V4 = 0xffff_0000_0000L;
    private static final long SERVER = V4 + 10;
    private static final long CLIENT = V4 + 20;
    private static final long LIFETIME = 180;
    private static final long OWNER = 77;
    private static final int CONNECTOR = 50_000;

    private final TableCounters counters = new TableCounters();
    private final Scratch scratch = new Scratch();
    private final ExpectationTable table = table(1024, 8);

    private ExpectationTable table(final int capacity, final int perRequester) {
        return new ExpectationTable(capacity, perRequester, 99, counters);
    }

    private boolean expect(final ExpectationTable target, final long requester, final int port, final long now) {
        // In a table that is to be full each has another owner, so that none is spared as part of the same reply.
        final long owner = target == table ? OWNER : requester + port;
        return target.expect(
                scratch,
                new Tuple().set(0, requester, 0, 0, CLIENT, port),
                new Announcement()
                        .stream(StreamName.DATA)
                                .service(Service.SENDBACKUP)
                                .owner(owner)
                                .until(now + LIFETIME),
                now);
    }

    private boolean consume(final ExpectationTable target, final long requester, final int port, final long now) {
        return target.consume(scratch, new Tuple().set(0, requester, CONNECTOR, 0, CLIENT, port), 0, now);
    }

    @Test
    void shouldBeTakenByOneSynOnly() {
        assertTrue(expect(table, SERVER, 50_081, 0));

        assertTrue(consume(table, SERVER, 50_081, 5));
        assertEquals(StreamName.DATA, scratch.taken().stream());
        assertEquals(OWNER, scratch.taken().owner());
        assertEquals(5, scratch.taken().waitedNanos());
        assertFalse(consume(table, SERVER, 50_081, 5));
        assertEquals(1, counters.removed(Removal.MATCHED));
        assertEquals(0, table.size());
    }

    private boolean expects(final int sourcePort, final int port, final int in, final long now) {
        return table.expects(scratch, new Tuple().set(0, SERVER, sourcePort, 0, CLIENT, port), in, now);
    }

    @Test
    void shouldSayWhatIsExpectedAndLeaveItThere() {
        final long sides = InterfacePair.of(/* requesterSide= */ 5, /* responderSide= */ 6);
        table.expect(
                scratch,
                new Tuple().set(0, SERVER, 0, 0, CLIENT, 50_081),
                new Announcement()
                        .stream(StreamName.DATA)
                                .service(Service.SENDBACKUP)
                                .owner(OWNER)
                                .sides(sides)
                                .until(LIFETIME),
                0);
        table.expect(
                scratch,
                new Tuple().set(0, SERVER, 0, 0, CLIENT, 50_082),
                new Announcement()
                        .stream(StreamName.DATA)
                                .service(Service.SENDBACKUP)
                                .privilegedSource(true)
                                .owner(OWNER)
                                .until(LIFETIME),
                0);

        assertTrue(expects(CONNECTOR, 50_081, 6, 1));
        assertTrue(expects(CONNECTOR, 50_081, 0, 1));
        assertFalse(expects(CONNECTOR, 50_081, 5, 1), "from the requester's side");
        assertFalse(expects(CONNECTOR, 50_083, 6, 1));
        assertFalse(expects(1023, 50_081, 6, 1));
        assertTrue(expects(1023, 50_082, 6, 1));
        assertFalse(expects(511, 50_082, 6, 1));
        assertFalse(expects(CONNECTOR, 50_082, 6, 1));
        assertFalse(expects(CONNECTOR, 50_081, 6, LIFETIME));
        assertFalse(table.expects(scratch, new Tuple().set(0, CLIENT, CONNECTOR, 0, SERVER, 50_081), 6, 1));
        assertEquals(2, table.size());
        assertTrue(consume(table, SERVER, 50_081, 1));
        assertFalse(expects(CONNECTOR, 50_081, 6, 1));
    }

    @Test
    void shouldNotMatchAnotherPortHostOrDirection() {
        expect(table, SERVER, 50_081, 0);

        assertFalse(consume(table, SERVER, 50_082, 1));
        assertFalse(consume(table, SERVER + 1, 50_081, 1));
        assertFalse(table.consume(scratch, new Tuple().set(0, SERVER, CONNECTOR, 0, CLIENT + 1, 50_081), 0, 1));
        assertFalse(table.consume(scratch, new Tuple().set(0, CLIENT, CONNECTOR, 0, SERVER, 50_081), 0, 1));
        assertFalse(
                table.consume(scratch, new Tuple().set(1, SERVER, CONNECTOR, 0, CLIENT, 50_081), 0, 1),
                "the same low half in IPv6");
        assertTrue(consume(table, SERVER, 50_081, 1));
    }

    @Test
    void shouldEndExactlyAtItsDeadline() {
        expect(table, SERVER, 1024, 0);
        expect(table, SERVER, 1025, 0);

        assertTrue(consume(table, SERVER, 1024, LIFETIME - 1));
        assertFalse(consume(table, SERVER, 1025, LIFETIME));
    }

    @Test
    void shouldLiveAcrossTheEndOfTheClock() {
        final long now = Long.valueOf(Long.MAX_VALUE - 10);
        expect(table, SERVER, 1024, now);
        expect(table, SERVER, 1025, now);

        table.expire(scratch, now + 1, table.capacity());
        assertEquals(2, table.size());
        assertTrue(consume(table, SERVER, 1024, now + LIFETIME - 1));
        table.expire(scratch, now + LIFETIME, table.capacity());
        assertEquals(0, table.size());
    }

    @Test
    void shouldRefreshOnlyWhatIsPendingAndItsOwners() {
        expect(table, SERVER, 1024, 0);

        assertFalse(table.refresh(
                scratch,
                new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024),
                new Announcement().owner(OWNER + 1).until(1000),
                10));
        assertTrue(table.refresh(
                scratch,
                new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024),
                new Announcement().owner(OWNER).until(1000),
                10));
        assertEquals(OWNER, table.owner(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), 999));
        assertFalse(
                table.refresh(
                        scratch,
                        new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024),
                        new Announcement().owner(OWNER).until(2000),
                        1000),
                "over");
        assertEquals(
                ExpectationTable.NOBODY, table.owner(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), 1000));
    }

    @Test
    void shouldRevokeOnlyItsOwners() {
        expect(table, SERVER, 1024, 0);

        table.revoke(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), OWNER + 1, Removal.REVOKED);
        assertEquals(1, table.size());
        table.revoke(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), OWNER, Removal.REVOKED);
        table.revoke(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), OWNER, Removal.REVOKED);
        assertEquals(0, table.size());
        assertEquals(1, counters.removed(Removal.REVOKED));
    }

    @Test
    void shouldGiveThePortToANewOwner() {
        expect(table, SERVER, 1024, 0);
        table.expect(
                scratch,
                new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024),
                new Announcement()
                        .stream(StreamName.CTL)
                                .service(Service.SENDBACKUP)
                                .owner(OWNER + 1)
                                .until(LIFETIME),
                0);

        table.revoke(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 1024), OWNER, Removal.REVOKED);
        assertTrue(consume(table, SERVER, 1024, 1));
        assertEquals(OWNER + 1, scratch.taken().owner());
        assertEquals(StreamName.CTL, scratch.taken().stream());
    }

    @Test
    void shouldHoldARequesterToItsQuotaAndNobodyElse() {
        for (int i = 0; i < 8; i++) {
            assertTrue(expect(table, SERVER, 1024 + i, 0));
        }

        assertFalse(expect(table, SERVER, 2000, 0));
        assertEquals(1, counters.limitReached(TableName.EXPECTATIONS, LimitScope.REQUESTER));
        assertTrue(expect(table, SERVER + 1, 2000, 0));
        assertTrue(consume(table, SERVER, 1024, 1), "the quota takes none away");
        assertTrue(expect(table, SERVER, 2000, 1), "and gives back");
    }

    @Test
    void shouldGiveBackTheQuotaOfWhatExpires() {
        for (int i = 0; i < 8; i++) {
            expect(table, SERVER, 1024 + i, 0);
        }

        table.expire(scratch, LIFETIME, table.capacity());

        assertEquals(8, counters.removed(Removal.EXPIRED));
        for (int i = 0; i < 8; i++) {
            assertTrue(expect(table, SERVER, 1024 + i, LIFETIME));
        }
    }

    /** One host has most of a full table; its records go, and never those of others, however they lie in it. */
    @Test
    void shouldEvictTheHostThatFillsTheTable() {
        final int capacity = 256;
        final ExpectationTable full = table(capacity, capacity);
        // Forty neighbours in the table: more than are looked at to find a victim.
        for (int i = 0; i < 40; i++) {
            assertTrue(expect(full, SERVER + i / 2, 1024 + i, 0));
        }
        for (int i = 40; i < capacity; i++) {
            assertTrue(expect(full, V4 + 9999, 1024 + i, 0));
        }

        for (int i = 0; i < 200; i++) {
            assertTrue(expect(full, V4 + 9999, 10_000 + i, 0), "the noisy one displaces its own");
        }

        assertEquals(capacity, full.size());
        assertEquals(200, counters.limitReached(TableName.EXPECTATIONS, LimitScope.GLOBAL));
        for (int i = 0; i < 40; i++) {
            assertTrue(consume(full, SERVER + i / 2, 1024 + i, 1), "port " + (1024 + i));
        }
    }

    @Test
    void shouldTakeANewRequesterWhenEveryRecordIsAnothers() {
        final ExpectationTable full = table(16, 4);
        for (int i = 0; i < 16; i++) {
            assertTrue(expect(full, V4 + 1000 + i, 1024, 0));
        }

        assertTrue(expect(full, SERVER, 1024, 0));
        assertTrue(consume(full, SERVER, 1024, 0));
        assertEquals(0, counters.limitReached(TableName.EXPECTATIONS, LimitScope.REQUESTER));
        assertEquals(1, counters.limitReached(TableName.EXPECTATIONS, LimitScope.GLOBAL));
    }

    @Test
    void shouldNameTheNearestPort() {
        expect(table, SERVER, 50_081, 0);
        expect(table, SERVER, 50_090, 0);

        assertEquals(50_081, table.near().nearestPort(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 50_084), 16));
        assertEquals(50_090, table.near().nearestPort(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 50_087), 16));
        assertEquals(0, table.near().nearestPort(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 50_200), 16));
        assertEquals(0, table.near().nearestPort(scratch, new Tuple().set(0, SERVER + 1, 0, 0, CLIENT, 50_082), 16));
        assertEquals(0, table.near().nearestPort(scratch, new Tuple().set(0, SERVER, 0, 0, CLIENT, 65_535), 16));
    }

    @Test
    void shouldEmptyItselfForTheOperator() {
        expect(table, SERVER, 1024, 0);
        expect(table, SERVER + 1, 1024, 0);
        final List<Integer> seen = new ArrayList<>();
        table.forEach(expectation -> seen.add(expectation.tuple().destinationPort()));
        assertEquals(List.of(1024, 1024), seen);

        table.flush(scratch);

        assertEquals(0, table.size());
        assertEquals(2, counters.removed(Removal.FLUSHED));
        assertTrue(expect(table, SERVER, 1024, 0));
    }

    @Test
    void shouldHaveOneWinnerOfManyThreads() throws Exception {
        final int rounds = 5000;
        final int threads = 4;
        final ExpectationTable shared = table(rounds, rounds);
        for (int i = 0; i < rounds; i++) {
            assertTrue(expect(shared, SERVER, 1024 + i, 0));
        }

        final List<Integer> won = Threads.run(threads, thread -> {
            final Scratch own = new Scratch();
            int count = 0;
            for (int i = 0; i < rounds; i++) {
                count += shared.consume(own, new Tuple().set(0, SERVER, CONNECTOR, 0, CLIENT, 1024 + i), 0, 1) ? 1 : 0;
            }
            return count;
        });

        assertEquals(rounds, won.stream().mapToInt(Integer::intValue).sum());
        assertEquals(0, shared.size());
        assertEquals(rounds, counters.removed(Removal.MATCHED));
    }

    /** What is expected by one thread is found by another that is told of it, while sweepers are at work. */
    @Test
    void shouldBeVisibleToOtherThreadsAtOnce() throws Exception {
        final int rounds = 50_000;
        final ExpectationTable shared = table(64, 64);
        final java.util.concurrent.atomic.AtomicInteger made = new java.util.concurrent.atomic.AtomicInteger();
        final java.util.concurrent.atomic.AtomicInteger taken = new java.util.concurrent.atomic.AtomicInteger();
        final List<Integer> missed = Threads.run(3, thread -> {
            final Scratch own = new Scratch();
            int misses = 0;
            for (int i = 1; i <= rounds; i++) {
                final int port = 1024 + i % 1000;
                if (thread == 0) {
                    shared.expect(
                            own,
                            new Tuple().set(0, SERVER, 0, 0, CLIENT, port),
                            new Announcement()
                                    .stream(StreamName.DATA)
                                            .service(Service.SENDBACKUP)
                                            .owner(i)
                                            .until(LIFETIME),
                            0);
                    made.set(i);
                    while (taken.get() < i) {
                        Thread.onSpinWait();
                    }
                } else if (thread == 1) {
                    while (made.get() < i) {
                        Thread.onSpinWait();
                    }
                    misses += shared.consume(own, new Tuple().set(0, SERVER, CONNECTOR, 0, CLIENT, port), 0, 1) ? 0 : 1;
                    taken.set(i);
                } else {
                    shared.expire(own, 1, 4);
                }
            }
            return misses;
        });

        assertEquals(List.of(0, 0, 0), missed);
    }
}
