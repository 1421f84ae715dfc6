package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

final class TransactionTableTest {
    private static final long V4 = 0xffff_0000_0000L;
    private static final long SERVER = V4 + 10;
    private static final long CLIENT = V4 + 20;
    private static final StreamName[] NAMES = {
        StreamName.DATA, StreamName.MESG, StreamName.INDEX, StreamName.STATE, StreamName.CMD
    };
    private static final int LIFETIME = 1000;

    private final TableCounters counters = new TableCounters();
    private final Scratch scratch = new Scratch();
    private final ControlHeader header = new ControlHeader();
    private final TransactionTable table = new TransactionTable(16, 4, 3, counters);

    private int find(final long requester, final int port, final String handle, final String sequence, final long now) {
        final ByteBuf buffer = Unpooled.copiedBuffer(
                "Amanda 3.5 REQ HANDLE " + handle + " SEQ " + sequence + "\n", StandardCharsets.US_ASCII);
        assertTrue(header.wrap(buffer, 0, buffer.readableBytes()));
        return table.find(scratch, new Tuple().set(0, requester, port, 0, CLIENT, 10_080), buffer, header, now);
    }

    private int find(final long requester, final String handle) {
        return find(requester, 844, handle, "1", 0);
    }

    private int enter(
            final TransactionTable in,
            final Service service,
            final int traits,
            final long deadlineNanos,
            final long nowNanos) {
        final int slot = in.open(scratch, service, traits, nowNanos);
        if (slot != TransactionTable.NONE) {
            in.setDeadline(slot, deadlineNanos);
        }
        return slot;
    }

    private int open(final long requester, final String handle) {
        assertEquals(TransactionTable.NONE, find(requester, handle));
        return enter(table, Service.SENDBACKUP, 3, LIFETIME, 0);
    }

    @Test
    void shouldRememberWhatWasAskedFor() {
        final int slot = open(SERVER, "000-00000000");

        assertEquals(slot, find(SERVER, "000-00000000"));
        assertEquals(Service.SENDBACKUP, table.service(slot));
        assertEquals(3, table.traits(slot));
        assertEquals(0, table.replies(slot));
        assertEquals(0, table.streamCount(slot));
        assertFalse(table.replied(slot));
        assertFalse(table.closed(slot));
    }

    @Test
    void shouldTellApartWhateverDiffers() {
        final int slot = open(SERVER, "000-00000000");

        assertEquals(TransactionTable.NONE, find(SERVER + 1, 844, "000-00000000", "1", 0));
        assertEquals(TransactionTable.NONE, find(SERVER, 845, "000-00000000", "1", 0));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "000-00000001", "1", 0));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "000-00000000", "2", 0));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "000-00000000", "01", 0));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "000-0000000", "1", 0));
        assertEquals(slot, find(SERVER, 844, "000-00000000", "1", 0));
    }

    @Test
    void shouldCompareLongHandlesToTheLastByte() {
        final String handle = "h".repeat(63);
        open(SERVER, handle + "a");

        assertEquals(TransactionTable.NONE, find(SERVER, handle + "b"));
        assertEquals(TransactionTable.NONE, find(SERVER, handle));
        assertNotEquals(TransactionTable.NONE, find(SERVER, handle + "a"));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "x", "-1234567890", 0));
        enter(table, Service.NOOP, 0, LIFETIME, 0);
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "x", "-1234567891", 0));
        assertNotEquals(TransactionTable.NONE, find(SERVER, 844, "x", "-1234567890", 0));
    }

    private boolean knows(final long requester, final int requesterPort, final long responder, final int port) {
        return table.knows(scratch, new Tuple().set(0, requester, requesterPort, 0, responder, port));
    }

    @Test
    void shouldKnowTheEndsOfAnExchangeUntilItsLastTransactionIsGone() {
        assertFalse(knows(SERVER, 844, CLIENT, 10_080));
        table.setDeadline(open(SERVER, "a"), 10);
        open(SERVER, "b");

        assertTrue(knows(SERVER, 844, CLIENT, 10_080));
        assertFalse(knows(SERVER, 845, CLIENT, 10_080));
        assertFalse(knows(SERVER, 844, CLIENT, 10_081));
        assertFalse(knows(SERVER + 1, 844, CLIENT, 10_080));
        assertFalse(knows(SERVER, 844, CLIENT + 1, 10_080));
        assertFalse(knows(CLIENT, 10_080, SERVER, 844), "the responder asks nothing");
        table.expire(scratch, 10, 16);
        assertEquals(1, table.size());
        assertTrue(knows(SERVER, 844, CLIENT, 10_080));
        table.expire(scratch, LIFETIME, 16);
        assertFalse(knows(SERVER, 844, CLIENT, 10_080));
    }

    @Test
    void shouldEndExactlyAtItsDeadline() {
        open(SERVER, "a");

        assertNotEquals(TransactionTable.NONE, find(SERVER, 844, "a", "1", LIFETIME - 1));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "a", "1", LIFETIME));
        assertEquals(0, table.size());
    }

    @Test
    void shouldLiveAcrossTheEndOfTheClock() {
        final long now = Long.valueOf(Long.MAX_VALUE - 5);
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "a", "1", now));
        enter(table, Service.NOOP, 0, now + LIFETIME, now);

        assertNotEquals(TransactionTable.NONE, find(SERVER, 844, "a", "1", now + LIFETIME - 1));
        table.expire(scratch, now + 10, 16);
        assertEquals(1, table.size());
        table.expire(scratch, now + LIFETIME, 16);
        assertEquals(0, table.size());
    }

    @Test
    void shouldRememberFivePorts() {
        final int slot = open(SERVER, "a");
        table.setStreams(slot, NAMES, new int[] {65_535, 1024, 50_081, 40_000, 32_768}, 5, 10);

        assertEquals(5, table.streamCount(slot));
        assertEquals(65_535, table.port(slot, 0));
        assertEquals(1024, table.port(slot, 1));
        assertEquals(50_081, table.port(slot, 2));
        assertEquals(40_000, table.port(slot, 3));
        assertEquals(32_768, table.port(slot, 4));
        table.setStreams(slot, NAMES, new int[] {2000}, 1, 20);
        assertEquals(2, table.replies(slot));
        assertEquals(1, table.streamCount(slot));
        assertEquals(2000, table.port(slot, 0));
        assertEquals(Service.SENDBACKUP, table.service(slot));
        assertEquals(3, table.traits(slot));
    }

    @Test
    void shouldStayClosed() {
        final int slot = open(SERVER, "a");
        table.setReplied(slot);
        assertTrue(table.replied(slot));
        table.close(slot, 5000);
        table.setReplied(slot);

        assertTrue(table.closed(slot));
        assertFalse(table.replied(slot));
        assertEquals(slot, find(SERVER, 844, "a", "1", 4999));
        assertEquals(TransactionTable.NONE, find(SERVER, 844, "a", "1", 5000));
    }

    @Test
    void shouldGiveUpTheRequestersQuietestAtItsQuota() {
        for (int i = 0; i < 4; i++) {
            open(SERVER, "h" + i);
        }
        table.touch(find(SERVER, "h0"));
        open(SERVER + 1, "other");
        open(SERVER, "h4");

        assertEquals(TransactionTable.NONE, find(SERVER, "h1"));
        assertNotEquals(TransactionTable.NONE, find(SERVER, "h0"));
        assertNotEquals(TransactionTable.NONE, find(SERVER, "h4"));
        assertNotEquals(TransactionTable.NONE, find(SERVER + 1, "other"));
        assertEquals(1, counters.limitReached(TableName.TRANSACTIONS, LimitScope.REQUESTER));
    }

    @Test
    void shouldCountTheUnansweredThatExpiredAndNotThoseThatGaveWay() {
        for (int i = 0; i < 5; i++) {
            open(SERVER, "h" + i);
        }

        assertEquals(1, counters.limitReached(TableName.TRANSACTIONS, LimitScope.REQUESTER));
        assertEquals(0, counters.of(Tally.REQUESTS_UNANSWERED, Service.SENDBACKUP));
        table.expire(scratch, LIFETIME, 16);
        assertEquals(4, counters.of(Tally.REQUESTS_UNANSWERED, Service.SENDBACKUP));
        assertEquals(0, counters.of(Tally.REQUESTS_UNANSWERED, Service.NOOP));
    }

    @Test
    void shouldGiveUpOneOfTheRequesterThatHasMostWhenFull() {
        final TransactionTable full = new TransactionTable(256, 1000, 3, counters);
        for (int i = 0; i < 40; i++) {
            openIn(full, SERVER + i / 2, "h" + i);
        }
        for (int i = 40; i < 600; i++) {
            openIn(full, V4 + 9999, "h" + i);
        }

        assertEquals(256, full.size());
        assertEquals(344, counters.limitReached(TableName.TRANSACTIONS, LimitScope.GLOBAL));
        for (int i = 0; i < 40; i++) {
            assertNotEquals(TransactionTable.NONE, findIn(full, SERVER + i / 2, "h" + i), "h" + i);
        }
        assertNotEquals(TransactionTable.NONE, findIn(full, V4 + 9999, "h599"));
    }

    @Test
    void shouldTakeANewRequesterWhenEveryRecordIsAnothers() {
        for (int i = 0; i < 16; i++) {
            open(SERVER + i, "a");
        }

        final int slot = open(SERVER + 16, "a");

        assertNotEquals(TransactionTable.NONE, slot);
        assertEquals(16, table.size());
    }

    private int openFor(final TransactionTable target, final long requester, final long responder, final int i) {
        final ByteBuf buffer =
                Unpooled.copiedBuffer("Amanda 3.5 REQ HANDLE h" + i + " SEQ 1\n", StandardCharsets.US_ASCII);
        assertTrue(header.wrap(buffer, 0, buffer.readableBytes()));
        final int found =
                target.find(scratch, new Tuple().set(0, requester, 844, 0, responder, 10_080), buffer, header, 0);
        return found == TransactionTable.NONE ? enter(target, Service.SENDSIZE, 0, LIFETIME, 0) : found;
    }

    @Test
    void shouldKeepOneThatIsAcknowledgedUntilItIsAnswered() {
        final int slot = open(SERVER, "waits");
        assertFalse(table.acknowledged(slot));
        table.setAcknowledged(slot);
        assertTrue(table.acknowledged(slot));
        for (int i = 0; i < 10; i++) {
            open(SERVER, "h" + i);
        }

        assertEquals(slot, find(SERVER, "waits"));
        table.setReplied(slot);
        table.setAcknowledged(slot);
        assertFalse(table.acknowledged(slot), "it is answered");
        assertTrue(table.replied(slot));
        for (int i = 10; i < 20; i++) {
            open(SERVER, "h" + i);
        }
        assertEquals(slot, find(SERVER, "waits"), "of one of each kind the one that nobody answered goes");
        table.close(slot, LIFETIME);
        open(SERVER, "h20");
        assertEquals(TransactionTable.NONE, find(SERVER, "waits"));
    }

    @Test
    void shouldKeepSoManyOfOnePairOnly() {
        final TransactionTable large = new TransactionTable(1000, 100, 3, counters);
        for (int i = 0; i < TransactionTable.KEPT_PER_PAIR_MAX + 1; i++) {
            large.setAcknowledged(openFor(large, SERVER, CLIENT, i));
        }
        for (int i = 1000; i < 2000; i++) {
            openFor(large, SERVER, CLIENT + 1, i);
        }

        for (int i = 0; i < TransactionTable.KEPT_PER_PAIR_MAX; i++) {
            assertTrue(large.acknowledged(openFor(large, SERVER, CLIENT, i)), "h" + i);
        }
        assertFalse(large.acknowledged(openFor(large, SERVER, CLIENT, TransactionTable.KEPT_PER_PAIR_MAX)));
    }

    @Test
    void shouldHaveRoomForNewOnesWhateverIsKept() {
        final TransactionTable large = new TransactionTable(1000, 80, 3, counters);
        for (int i = 0; i < 80; i++) {
            large.setAcknowledged(openFor(large, SERVER, CLIENT + i, i));
        }
        for (int i = 0; i < 9; i++) {
            openFor(large, SERVER, CLIENT, 1000 + i);
        }

        for (int i = 0; i < 70; i++) {
            assertTrue(large.acknowledged(openFor(large, SERVER, CLIENT + i, i)), "h" + i);
        }
        final long last = large.lastNumber();
        for (int i = 0; i < 9; i++) {
            openFor(large, SERVER, CLIENT, 1000 + i);
        }
        assertEquals(last, large.lastNumber(), "all nine are there");
    }

    @Test
    void shouldFindSomethingToGiveUpThoughMostOfTheTableIsKept() {
        final TransactionTable full = new TransactionTable(1024, 1024, 3, counters);
        for (int i = 0; i < 1024; i++) {
            full.setAcknowledged(openFor(full, SERVER + i % 300, CLIENT, i));
        }
        for (int i = 1024; i < 6000; i++) {
            assertNotEquals(TransactionTable.NONE, openFor(full, SERVER + 1000 + i, CLIENT, i));
        }

        assertEquals(1024, full.size());
        for (int i = 0; i < 896; i++) {
            assertTrue(full.acknowledged(openFor(full, SERVER + i % 300, CLIENT, i)), "h" + i);
        }
    }

    @Test
    void shouldNeverUseANumberAgain() {
        final SplittableRandom random = new SplittableRandom(1);
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            final String handle = "h" + random.nextInt(60);
            int slot = find(SERVER + random.nextInt(3), handle);
            if (slot == TransactionTable.NONE) {
                slot = enter(table, Service.NOOP, 0, LIFETIME, 0);
                assertTrue(table.number(slot) > last);
                last = table.number(slot);
            }
        }
    }

    private int findIn(final TransactionTable target, final long requester, final String handle) {
        final ByteBuf buffer =
                Unpooled.copiedBuffer("Amanda 3.5 REQ HANDLE " + handle + " SEQ 1\n", StandardCharsets.US_ASCII);
        header.wrap(buffer, 0, buffer.readableBytes());
        return target.find(scratch, new Tuple().set(0, requester, 844, 0, CLIENT, 10_080), buffer, header, 0);
    }

    private void openIn(final TransactionTable target, final long requester, final String handle) {
        assertEquals(TransactionTable.NONE, findIn(target, requester, handle));
        enter(target, Service.NOOP, 0, LIFETIME, 0);
    }
}
