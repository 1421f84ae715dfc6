package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.amverdict.amanda.StreamName;
import org.amverdict.harness.Threads;
import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** In both orders of the two ends, as the key does not hold who opened the connection. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class FlowTableTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long IDLE = 5 * 86_400 * SECOND;
    private static final long V4 = 0xffff_0000_0000L;
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;
    private static final int PORT = 50_081;
    private static final int CONNECTOR = 50_000;
    private static final long OWNER = 5;
    private static final int ISN = 1000;
    private static final int ANSWER = 5000;

    private final TableCounters counters = new TableCounters();
    private final Scratch scratch = new Scratch();
    private final FlowTable table = new FlowTable(new TableLimits.Flows(64, IDLE), 3, counters);
    private final long server;
    private final long client;

    FlowTableTest(final boolean swapped) {
        server = V4 + (swapped ? 20 : 10);
        client = V4 + (swapped ? 10 : 20);
    }

    private void open(final FlowTable target, final long source, final int sourcePort, final long now) {
        target.openExpected(
                scratch,
                new Tuple().set(0, source, sourcePort, 0, client, PORT),
                Segments.syn(ISN, 0, 60),
                Segments.taken(StreamName.DATA, OWNER, 0),
                now);
    }

    /** A SYN that the policy lets pass without any announcement. */
    private int permitted(
            final Scratch own, final int sourcePort, final int sequence, final long sides, final long now) {
        return table.openPermitted(
                own,
                new Tuple().set(0, server, sourcePort, 0, client, PORT),
                Segments.syn(sequence, sides, 60),
                StreamName.CONTROL,
                now);
    }

    private long openedNanos() {
        final FlowSnapshot flow = table.look(scratch, new Tuple().set(0, server, CONNECTOR, 0, client, PORT));
        return flow == null ? -1 : flow.openedNanos();
    }

    private boolean adopts(final Scratch own, final int port, final long now) {
        return table.adopt(
                own,
                new Tuple().set(0, server, port, 0, client, PORT),
                Segments.of(0, ISN, ANSWER, 0, 52, 0, 0),
                false,
                now);
    }

    private void open(final long now) {
        open(table, server, CONNECTOR, now);
    }

    private int forth(final int flags, final long now) {
        return table.follow(
                scratch,
                new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                Segments.of(flags, (flags & SYN) != 0 ? ISN : ISN + 1, ANSWER + 1, 0, 52, 0, 0),
                now);
    }

    private int back(final int flags, final long now) {
        return table.follow(
                scratch,
                new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                Segments.of(flags, (flags & SYN) != 0 ? ANSWER : ANSWER + 1, ISN + 1, 0, 52, 0, 0),
                now);
    }

    private void establish() {
        open(0);
        assertEquals(FlowTable.KNOWN, back(SYN | ACK, 1));
        assertEquals(FlowTable.KNOWN, forth(ACK, 2));
    }

    @Test
    void shouldKnowBothDirectionsAndWhatTheFlowIs() {
        open(0);

        assertEquals(FlowTable.KNOWN, back(SYN | ACK, 1));
        assertEquals(StreamName.DATA, scratch.followed().stream());
        assertEquals(OWNER, scratch.followed().owner());
        assertTrue(scratch.followed().reply());
        assertEquals(FlowTable.KNOWN, forth(ACK, 1));
        assertEquals(false, scratch.followed().reply());
    }

    private boolean quotedForth(final int sequence, final int in, final long now) {
        return table.outstanding(scratch, in, new Tuple().set(0, server, CONNECTOR, 0, client, PORT), sequence, now);
    }

    private boolean quotedBack(final int sequence, final int in, final long now) {
        return table.outstanding(scratch, in, new Tuple().set(0, client, PORT, 0, server, CONNECTOR), sequence, now);
    }

    private void send(final boolean back, final int sequence, final int acknowledgement, final int payload) {
        final int known = back
                ? table.follow(
                        scratch,
                        new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                        Segments.of(ACK, sequence, acknowledgement, payload, 52, 0, 0),
                        3)
                : table.follow(
                        scratch,
                        new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                        Segments.of(ACK, sequence, acknowledgement, payload, 52, 0, 0),
                        3);
        assertEquals(FlowTable.KNOWN, known);
    }

    @Test
    void shouldHaveNothingButTheSynOutstandingBeforeTheAnswer() {
        assertFalse(quotedForth(ISN, 0, 0), "no flow");
        open(0);

        assertTrue(quotedForth(ISN, 0, 1));
        assertFalse(quotedForth(ISN + 1, 0, 1));
        assertFalse(quotedForth(ISN - 1, 0, 1));
        assertFalse(quotedBack(ANSWER, 0, 1), "nothing was answered");
        assertFalse(quotedBack(ISN, 0, 1));
        assertFalse(quotedForth(ISN, 0, 120 * SECOND), "over");
    }

    @Test
    void shouldKnowWhatEachSideHasOutstanding() {
        establish();
        send(true, ANSWER + 1, ISN + 1, 3000);

        assertTrue(quotedBack(ANSWER + 1, 0, 4));
        assertTrue(quotedBack(ANSWER + 1 + 1500, 0, 4));
        assertTrue(quotedBack(ANSWER + 1 + 3000, 0, 4), "an ACK without data");
        assertFalse(quotedBack(ANSWER + 1 + 3001, 0, 4), "not sent yet");
        assertFalse(quotedForth(ANSWER + 1, 0, 4), "the other side's number");
        assertTrue(quotedForth(ISN + 1, 0, 4));
        assertFalse(quotedForth(ISN + 2, 0, 4));
        assertFalse(table.outstanding(
                scratch, 0, new Tuple().set(0, client, PORT + 1, 0, server, CONNECTOR), ANSWER + 1, 4));
        assertFalse(table.outstanding(
                scratch, 0, new Tuple().set(0, client, PORT, 0, server, CONNECTOR + 1), ANSWER + 1, 4));
        assertFalse(table.outstanding(
                scratch, 0, new Tuple().set(0, client, PORT, 0, server + 9, CONNECTOR), ANSWER + 1, 4));
    }

    /** What was seen to be acknowledged may be sent again, if the acknowledgement was lost behind us. */
    @Test
    void shouldNotForgetWhatWasAcknowledgedTooSoon() {
        establish();
        final int behindMax = 1 << 20;
        for (int sent = 0; sent < 4 << 20; sent += 1 << 19) {
            send(true, ANSWER + 1 + sent, ISN + 1, 1 << 19);
            send(false, ISN + 1, ANSWER + 1 + sent + (1 << 19), 0);
        }
        final int end = ANSWER + 1 + (4 << 20);

        assertTrue(quotedBack(end, 0, 4));
        assertTrue(quotedBack(end - behindMax, 0, 4));
        assertFalse(quotedBack(end - behindMax - 1, 0, 4));
        assertFalse(quotedBack(end + 1, 0, 4));
    }

    @Test
    void shouldHaveASynOutstandingThatChallengesTheFlow() {
        establish();
        assertFalse(quotedForth(77_777_777, 0, 3));

        assertEquals(FlowTable.CHALLENGES, permitted(scratch, CONNECTOR, 77_777_777, 0, 3));

        assertTrue(quotedForth(77_777_777, 0, 3));
        assertFalse(quotedForth(77_777_778, 0, 3));
        assertFalse(quotedBack(77_777_777, 0, 3));
    }

    @Test
    void shouldWantErrorsFromWhereTheSegmentWent() {
        final long sides = InterfacePair.of(/* requesterSide= */ 5, /* responderSide= */ 6);
        table.openExpected(
                scratch,
                new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                Segments.syn(ISN, sides, 60),
                Segments.taken(StreamName.DATA, OWNER, 0),
                0);

        assertTrue(quotedForth(ISN, 6, 1));
        assertTrue(quotedForth(ISN, 0, 1), "where it came in is not known");
        assertFalse(quotedForth(ISN, 5, 1));
        assertFalse(quotedForth(ISN, 7, 1));
        back(SYN | ACK, 1);
        assertTrue(quotedBack(ANSWER, 5, 1));
        assertFalse(quotedBack(ANSWER, 6, 1));
    }

    @Test
    void shouldNotKnowAnotherPortOrHost() {
        open(0);

        assertEquals(
                FlowTable.UNKNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(0, server, CONNECTOR + 1, 0, client, PORT),
                        Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1));
        assertEquals(
                FlowTable.UNKNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(0, server, CONNECTOR, 0, client, PORT + 1),
                        Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1));
        assertEquals(
                FlowTable.UNKNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(0, server + 1, CONNECTOR, 0, client, PORT),
                        Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1));
        assertEquals(
                FlowTable.UNKNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(0, server, PORT, 0, client, CONNECTOR),
                        Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1),
                "ports the other way round");
        assertEquals(
                FlowTable.UNKNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(1, server, CONNECTOR, 0, client, PORT),
                        Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1));
    }

    @Test
    void shouldKnowTheRepetitionOfItsSyn() {
        open(0);

        assertEquals(FlowTable.KNOWN, forth(SYN, 1));
        assertEquals(FlowTable.STALE_SYN, back(SYN, 1), "simultaneous open");
        back(SYN | ACK, 2);
        assertEquals(FlowTable.KNOWN, forth(SYN, 3));
        assertEquals(FlowTable.STALE_SYN, forth(SYN, 120 * SECOND), "too late");
    }

    @Test
    void shouldWaitTwoMinutesForAnAnswer() {
        open(0);
        assertEquals(FlowTable.KNOWN, forth(SYN, 120 * SECOND - 1));
        assertEquals(FlowTable.UNKNOWN, forth(SYN, 120 * SECOND));
    }

    @Test
    void shouldReplaceAFlowThatIsNotOverByAnAnnouncedOneOnly() {
        final long sides = InterfacePair.of(/* requesterSide= */ 5, /* responderSide= */ 6);
        table.openExpected(
                scratch,
                new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                Segments.syn(ISN, sides, 60),
                Segments.taken(StreamName.DATA, OWNER, 0),
                0);

        assertEquals(FlowTable.CHALLENGES, permitted(scratch, CONNECTOR, 7, sides, 1));
        assertEquals(FlowTable.CHALLENGES, permitted(scratch, CONNECTOR, 7, InterfacePair.UNKNOWN, 1));
        assertEquals(FlowTable.STANDS, permitted(scratch, CONNECTOR, 8, InterfacePair.of(7, 6), 1), "from elsewhere");
        assertFalse(quotedForth(8, 0, 1), "and it is not noted");
        assertFalse(adopts(scratch, CONNECTOR, 1));
        assertEquals(0, openedNanos());

        open(2);
        assertEquals(2, openedNanos());
        assertEquals(FlowTable.ENTERED, permitted(scratch, CONNECTOR, 7, sides, 2 + 120 * SECOND), "it has expired");
        assertEquals(1, table.size());
    }

    @Test
    void shouldKeepASilentEstablishedFlowForDays() {
        establish();

        assertEquals(FlowTable.KNOWN, back(ACK, 2 + IDLE - 1));
        assertEquals(FlowTable.UNKNOWN, back(ACK, 2 + IDLE - 1 + IDLE));
    }

    @Test
    void shouldKeepAHalfClosedFlow() {
        establish();
        back(FIN | ACK, 3);

        assertEquals(FlowTable.KNOWN, forth(ACK, 3 + IDLE - 1));
    }

    @Test
    void shouldForgetAClosedFlowAfterTwoMinutes() {
        establish();
        back(FIN | ACK, 3);
        forth(FIN | ACK, 4);
        assertEquals(FlowTable.KNOWN, back(ACK, 5));

        assertEquals(FlowTable.KNOWN, back(ACK, 5 + 120 * SECOND - 1));
        assertEquals(FlowTable.UNKNOWN, back(ACK, 5 + 240 * SECOND));
    }

    @Test
    void shouldForgetAResetFlowAfterTenSeconds() {
        establish();
        back(RST | ACK, 3);

        assertEquals(FlowTable.STALE_SYN, forth(SYN, 4), "a retry needs a new expectation");
        assertEquals(FlowTable.UNKNOWN, forth(ACK, 3 + 10 * SECOND));
    }

    /** What the packet does to a flow whose expectation could be armed again. */
    private boolean refuses(final boolean reply, final int flags, final int sequence, final int acknowledgement) {
        assertEquals(
                FlowTable.KNOWN,
                reply
                        ? table.follow(
                                scratch,
                                new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                                Segments.of(flags, sequence, acknowledgement, 0, 40, 0, 0),
                                5)
                        : table.follow(
                                scratch,
                                new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                                Segments.of(flags, sequence, acknowledgement, 0, 40, 0, 0),
                                5));
        return scratch.followed().refused();
    }

    private void openArmed() {
        table.openExpected(
                scratch,
                new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                Segments.syn(ISN, 0, 60),
                Segments.taken(StreamName.DATA, OWNER, 60 * SECOND),
                0);
    }

    @Test
    void shouldTakeOnlyTheAnswerToTheSynForARefusal() {
        openArmed();
        assertEquals(false, refuses(true, RST | ACK, 0, ISN), "acknowledges another SYN");
        assertEquals(false, refuses(true, RST, 0, ISN + 1), "acknowledges nothing");
        assertTrue(refuses(true, RST | ACK, 0, ISN + 1));
        assertEquals(0, table.size());
    }

    /** In gate placement the table sees the SYN and, when the connection is over, perhaps RSTs of both sides. */
    @Test
    void shouldNotTakeTheEndOfAnUnseenConnectionForARefusal() {
        openArmed();
        assertEquals(false, refuses(true, RST | ACK, ANSWER + 1, ISN + 1));
        openArmed();
        assertEquals(false, refuses(false, RST | ACK, ISN + 1, ANSWER + 1));
        openArmed();
        assertEquals(false, refuses(false, RST, ISN + 1, 0));
    }

    /** The responder answers a SYN that the originator never sent, and the originator says so. */
    @Test
    void shouldNoticeAForgedSyn() {
        openArmed();
        back(SYN | ACK, 1);
        assertTrue(refuses(false, RST, ISN + 1, 0));
        assertEquals(0, table.size());
    }

    @Test
    void shouldNotTakeAConnectionThatEndsAtOnceForARefusal() {
        openArmed();
        back(SYN | ACK, 1);
        assertEquals(false, refuses(false, RST | ACK, ISN + 1, ANSWER + 1), "closed before its first ACK was seen");
        openArmed();
        back(SYN | ACK, 1);
        assertEquals(false, refuses(true, RST | ACK, ANSWER + 1, ISN + 1), "the responder had begun it");
    }

    @Test
    void shouldLiveAcrossTheEndOfTheClock() {
        final long now = Long.valueOf(Long.MAX_VALUE - 5);
        open(now);

        assertEquals(FlowTable.KNOWN, back(SYN | ACK, now + 10));
        assertEquals(FlowTable.KNOWN, forth(ACK, now + 20));
        table.expire(scratch, now + 30, table.capacity());
        assertEquals(1, table.size());
    }

    @Test
    void shouldStartAnewForTheSameAddressesAndPorts() {
        establish();
        back(FIN | ACK, 3);
        forth(FIN | ACK, 4);
        open(10);

        assertEquals(1, table.size());
        assertEquals(FlowTable.KNOWN, forth(SYN, 11));
        table.expire(scratch, 10 + 121 * SECOND, table.capacity());
        assertEquals(0, table.size());
    }

    @Test
    void shouldGiveUpFlowsOfTheHostThatHasMost() {
        for (int i = 0; i < 64; i++) {
            open(table, i < 8 ? server : V4 + 99, CONNECTOR + i, 0);
        }
        for (int i = 64; i < 200; i++) {
            open(table, V4 + 99, CONNECTOR + i, 0);
        }

        assertEquals(64, table.size());
        assertEquals(136, counters.limitReached(TableName.FLOWS, LimitScope.GLOBAL));
        for (int i = 0; i < 8; i++) {
            assertEquals(
                    FlowTable.KNOWN,
                    table.follow(
                            scratch,
                            new Tuple().set(0, client, PORT, 0, server, CONNECTOR + i),
                            Segments.of(SYN | ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                            1));
        }
        assertEquals(
                FlowTable.KNOWN,
                table.follow(
                        scratch,
                        new Tuple().set(0, client, PORT, 0, V4 + 99, CONNECTOR + 199),
                        Segments.of(SYN | ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                        1),
                "and the newest");
    }

    /** Two workers see the FINs of both sides in the same moment. */
    @Test
    void shouldCountFinsThatComeAtOnce() throws Exception {
        final int rounds = 500;
        final AtomicInteger ready = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
        Threads.run(2, thread -> {
            final Scratch own = new Scratch(ending -> ended.incrementAndGet());
            for (int i = 0; i < rounds; i++) {
                if (thread == 0) {
                    establish();
                    ready.incrementAndGet();
                } else {
                    await(ready, 4 * i + 1);
                    ready.incrementAndGet();
                }
                await(ready, 4 * i + 2);
                if (thread == 0) {
                    table.follow(
                            own,
                            new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                            Segments.of(FIN | ACK, ISN + 1, ANSWER + 1, 0, 52, 0, 0),
                            3);
                } else {
                    table.follow(
                            own,
                            new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                            Segments.of(FIN | ACK, ANSWER + 1, ISN + 1, 0, 52, 0, 0),
                            3);
                }
                ready.incrementAndGet();
                await(ready, 4 * i + 4);
                if (thread == 0) {
                    table.follow(
                            own,
                            new Tuple().set(0, server, CONNECTOR, 0, client, PORT),
                            Segments.of(ACK, ISN + 2, ANSWER + 2, 0, 52, 0, 0),
                            4);
                    table.follow(
                            own,
                            new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                            Segments.of(ACK, ANSWER + 2, ISN + 2, 0, 52, 0, 0),
                            4);
                }
            }
            return 0;
        });

        assertEquals(rounds, ended.get());
    }

    private static void await(final AtomicInteger counter, final int least) {
        while (counter.get() < least) {
            Thread.onSpinWait();
        }
    }

    /** Two workers count the largest packets of one direction, past every carry. */
    @Test
    void shouldCountEveryPacketAndByte() throws Exception {
        final int each = 3_000_000;
        establish();
        final Tuple tuple = new Tuple().set(0, client, PORT, 0, server, CONNECTOR);
        Threads.run(2, thread -> {
            final Scratch own = new Scratch();
            final Segment segment = Segments.of(ACK, ANSWER + 1, ISN + 1, 0, FlowCounts.PACKET_BYTES_MAX, 0, 0);
            for (int i = 0; i < each; i++) {
                table.follow(own, tuple, segment, 3);
            }
            return 0;
        });

        final FlowSnapshot flow = table.look(scratch, tuple);
        assertNotNull(flow);
        assertEquals(2L, flow.originalPackets);
        assertEquals(60 + 52, flow.originalBytes);
        assertEquals(1 + 2L * each, flow.replyPackets);
        assertEquals(52 + 2L * each * FlowCounts.PACKET_BYTES_MAX, flow.replyBytes);
    }

    /** Threads follow, open and sweep the same few flows; nothing is lost and a living flow stays known. */
    @Test
    void shouldKeepALivingFlowAmongManyThreads() throws Exception {
        establish();
        final List<Integer> unknown = Threads.run(4, thread -> {
            final Scratch own = new Scratch();
            final SplittableRandom random = new SplittableRandom(thread);
            int misses = 0;
            for (int i = 0; i < 100_000; i++) {
                final int port = CONNECTOR + 1 + random.nextInt(20);
                if (thread == 0) {
                    misses += table.follow(
                                            own,
                                            new Tuple().set(0, client, PORT, 0, server, CONNECTOR),
                                            Segments.of(ACK, ANSWER, ISN + 1, 0, 52, 0, 0),
                                            10)
                                    == FlowTable.KNOWN
                            ? 0
                            : 1;
                } else if (thread == 1) {
                    table.openExpected(
                            own,
                            new Tuple().set(0, server, port, 0, client, PORT),
                            Segments.syn(ISN, 0, 60),
                            Segments.taken(StreamName.MESG, 1, 0),
                            10 - 300 * SECOND);
                } else if (thread == 2) {
                    table.follow(
                            own,
                            new Tuple().set(0, server, port, 0, client, PORT),
                            Segments.of(RST, ISN + 1, 0, 0, 40, 0, 0),
                            10 - 300 * SECOND);
                } else {
                    table.expire(own, 10, 8);
                    misses += permitted(own, CONNECTOR, i, 0, 10) == FlowTable.CHALLENGES ? 0 : 1;
                    misses += adopts(own, CONNECTOR, 10) ? 1 : 0;
                }
            }
            return misses;
        });

        assertEquals(List.of(0, 0, 0, 0), unknown);
        table.expire(scratch, 10, table.capacity());
        assertEquals(1, table.size());
    }
}
