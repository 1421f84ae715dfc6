package org.amverdict.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

/**
 * Random conversations of two honest hosts, of which the table sees a part, late and in another order, among packets that
 * others forge. Whatever is seen, honest packets are known until the end, the flow ends when the connection does, and what
 * is forged ends and prolongs nothing. {@code -Dseed=} gives another seed.
 */
final class TcpDialogueTest {
    private static final long SEED = Long.getLong("seed", 20_261_130);
    private static final int DIALOGUES = 3000;
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;
    private static final long IDLE = 5 * 86_400 * SECOND;
    private static final long V4 = 0xffff_0000_0000L;
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;
    private static final int[] FORGED_FLAGS = {ACK, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK, ACK};
    private static final int ORIGINATORS_SIDE = 1;
    private static final int RESPONDERS_SIDE = 2;
    private static final int OTHER_SIDE = 3;

    /** A host of the conversation: the true numbers. */
    private static final class Host {
        int sent;
        int received;
    }

    /** A packet of the true connection. */
    private record Sent(boolean reply, int flags, int sequence, int acknowledgement, int payload) {}

    /** One conversation and what the table makes of it. */
    private static final class Dialogue {
        final long seed;
        final SplittableRandom random;
        final List<String> ends = new ArrayList<>();
        final Scratch scratch = new Scratch(
                ending -> ends.add(ending.flowEnd() + " after " + (ending.originalPackets() + ending.replyPackets())));
        final FlowTable table = new FlowTable(new TableLimits.Flows(8, IDLE), 7, new TableCounters());
        final Host originator = new Host();
        final Host responder = new Host();
        final List<Sent> late = new ArrayList<>();
        final long one = V4 + 10;
        final long other;
        final int start;
        long now;

        Dialogue(final long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            other = random.nextBoolean() ? V4 + 5 : V4 + 20;
            start = random.nextInt();
        }

        private int follow(final Sent segment, final int in, final int out) {
            return table.follow(
                    scratch,
                    new Tuple()
                            .set(
                                    0,
                                    segment.reply ? other : one,
                                    segment.reply ? 20_000 : 50_000,
                                    0,
                                    segment.reply ? one : other,
                                    segment.reply ? 50_000 : 20_000),
                    Segments.of(
                            segment.flags,
                            segment.sequence,
                            segment.acknowledgement,
                            segment.payload,
                            40 + segment.payload,
                            in,
                            out),
                    now);
        }

        private int honest(final Sent segment) {
            return segment.reply
                    ? follow(segment, RESPONDERS_SIDE, ORIGINATORS_SIDE)
                    : follow(segment, ORIGINATORS_SIDE, RESPONDERS_SIDE);
        }

        private void see(final Sent segment) {
            assertEquals(FlowTable.KNOWN, honest(segment), () -> "honest and unknown: " + segment + ", seed " + seed);
            assertEquals(false, scratch.followed().refused(), () -> "seed " + seed);
        }

        Sent send(final boolean reply, final int flags, final int payload) {
            final Host from = reply ? responder : originator;
            final Host to = reply ? originator : responder;
            final Sent segment = new Sent(reply, flags, from.sent, from.received, payload);
            from.sent += payload + (flags & FIN);
            to.received = from.sent;
            return segment;
        }

        void open() {
            table.openExpected(
                    scratch,
                    new Tuple().set(0, one, 50_000, 0, other, 20_000),
                    Segments.syn(start, InterfacePair.of(ORIGINATORS_SIDE, RESPONDERS_SIDE), 60),
                    Segments.taken(StreamName.DATA, 1, 0),
                    now);
        }

        private Sent randomSegment(final boolean reply) {
            final int flags = FORGED_FLAGS[random.nextInt(FORGED_FLAGS.length)];
            return new Sent(reply, flags, random.nextInt(), random.nextInt(), random.nextInt(3) * 700);
        }

        /** From where its sender is, but with numbers at random; or from elsewhere, with numbers that are right. */
        void forge() {
            if (random.nextBoolean()) {
                honest(randomSegment(random.nextBoolean()));
                return;
            }
            final boolean reply = random.nextBoolean();
            final Host from = reply ? responder : originator;
            final int flags = FORGED_FLAGS[random.nextInt(FORGED_FLAGS.length)];
            final int sequence = (flags & (SYN | ACK)) == SYN ? start : from.sent;
            final int known = follow(new Sent(reply, flags, sequence, from.received, 0), OTHER_SIDE, RESPONDERS_SIDE);
            assertTrue(known == FlowTable.MISPLACED || known == FlowTable.UNKNOWN, () -> known + ", seed " + seed);
        }

        void handshake() {
            originator.sent = start + 1;
            responder.sent = random.nextInt() + 1;
            originator.received = responder.sent;
            responder.received = originator.sent;
            final List<Sent> segments = List.of(
                    new Sent(true, SYN | ACK, responder.sent - 1, responder.received, 0),
                    new Sent(false, ACK, originator.sent, originator.received, 0),
                    new Sent(false, SYN, start, 0, 0));
            for (final Sent segment : segments) {
                if (random.nextInt(3) > 0) {
                    see(segment);
                }
            }
            // Anything at all shows that the connection is there, even if nothing of the handshake was seen.
            see(send(random.nextBoolean(), ACK, 100));
        }

        /** Much passes, and nothing is seen of it. */
        private void blackOut() {
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                send(random.nextBoolean(), ACK, random.nextInt() >>> random.nextInt(1, 30));
            }
        }

        void talk() {
            for (int i = random.nextInt(200); i > 0; i--) {
                final boolean reply = random.nextInt(4) > 0;
                final Sent segment = send(reply, ACK, random.nextInt(4) == 0 ? 0 : random.nextInt(65_000));
                switch (random.nextInt(8)) {
                    case 0 -> {}
                    case 1 -> late.add(segment);
                    default -> see(segment);
                }
                if (random.nextInt(3) == 0) {
                    see(send(!reply, ACK, 0));
                }
                if (late.size() > 3) {
                    see(late.remove(random.nextInt(late.size())));
                }
                if (random.nextInt(5) == 0) {
                    forge();
                }
                if (random.nextInt(60) == 0) {
                    blackOut();
                }
                now += random.nextInt(50) == 0 ? 5 * HOUR : random.nextInt(1_000_000);
            }
            late.forEach(this::see);
            late.clear();
        }

        /** Each side hears of the other once, with nothing under way. */
        void rest() {
            final boolean reply = random.nextBoolean();
            see(send(reply, ACK, 10));
            see(send(!reply, ACK, 10));
            see(send(reply, ACK, 0));
            assertEquals(List.of(), ends, () -> "ended by what was forged, seed " + seed);
            assertEquals(1, table.size(), () -> "seed " + seed);
        }

        void finish() {
            final boolean first = random.nextBoolean();
            see(send(first, FIN | ACK, 0));
            forge();
            see(send(!first, ACK, random.nextInt(2) * 1000));
            see(send(!first, FIN | ACK, 0));
            forge();
            assertEquals(List.of(), ends, () -> "not acknowledged yet, seed " + seed);
            see(send(first, ACK, 0));
            assertEquals(1, ends.size(), () -> ends + ", seed " + seed);
            assertTrue(ends.get(0).startsWith("FINISHED"), () -> ends + ", seed " + seed);
        }

        void reset() {
            see(send(random.nextBoolean(), RST | ACK, 0));
            assertEquals(1, ends.size(), () -> ends + ", seed " + seed);
            assertTrue(ends.get(0).startsWith("RESET"), () -> ends + ", seed " + seed);
        }

        /** Others go on forging; after the time that such a flow has left it is gone all the same. */
        void assertGoneAfter(final long nanos) {
            final long end = now + nanos;
            for (int i = 0; i < 20; i++) {
                now += nanos / 21;
                forge();
            }
            now = end;
            assertEquals(
                    FlowTable.UNKNOWN,
                    honest(new Sent(false, ACK, originator.sent, originator.received, 0)),
                    () -> "prolonged by what was forged, seed " + seed);
        }
    }

    @Test
    void shouldFollowHonestHostsAndNobodyElse() {
        for (int i = 0; i < DIALOGUES; i++) {
            final Dialogue dialogue = new Dialogue(SEED + i);
            dialogue.open();
            dialogue.handshake();
            dialogue.talk();
            dialogue.rest();
            if (dialogue.random.nextInt(4) == 0) {
                dialogue.reset();
                dialogue.assertGoneAfter(10 * SECOND);
            } else {
                dialogue.finish();
                dialogue.assertGoneAfter(120 * SECOND);
            }
        }
    }

    @Test
    void shouldForgetWhatNobodyAnswersAfterTwoMinutes() {
        for (int i = 0; i < DIALOGUES; i++) {
            final Dialogue dialogue = new Dialogue(SEED + i);
            dialogue.open();
            dialogue.assertGoneAfter(120 * SECOND);
        }
    }
}
