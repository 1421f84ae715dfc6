package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

class VerdictMergerTest {
    private static final int QUEUE = 5;
    private static final int ACCEPT = NfqueueProtocol.NF_ACCEPT;
    private static final int DROP = NfqueueProtocol.NF_DROP;
    private static final long NONE = VerdictWriter.NO_MARK;

    private final ByteBuf buffer = Unpooled.buffer(64 * VerdictWriter.MARKED_MESSAGE_BYTES);
    private final VerdictWriter writer = new VerdictWriter(buffer);

    @Test
    void shouldAnswerAnEqualBatchWithOneMessage() {
        assertEquals(List.of("batch 9 1"), merge(new int[] {7, 8, 9}, new int[] {ACCEPT, ACCEPT, ACCEPT}));
    }

    @Test
    void shouldAnswerOnePacketWithASingleMessage() {
        assertEquals(List.of("one 7 0"), merge(new int[] {7}, new int[] {DROP}));
    }

    @Test
    void shouldWriteNothingForNothing() {
        assertEquals(List.of(), merge(new int[0], new int[0]));
    }

    @Test
    void shouldSendExceptionsBeforeTheBatch() {
        assertEquals(
                List.of("one 2 0", "one 4 0", "batch 5 1"),
                merge(new int[] {1, 2, 3, 4, 5}, new int[] {ACCEPT, DROP, ACCEPT, DROP, ACCEPT}));
    }

    @Test
    void shouldCoverTheLastPacketEvenIfItIsAnException() {
        assertEquals(
                List.of("one 2 0", "one 4 0", "one 6 0", "batch 6 1"),
                merge(new int[] {1, 2, 3, 4, 5, 6}, new int[] {ACCEPT, DROP, ACCEPT, DROP, ACCEPT, DROP}));
    }

    @Test
    void shouldSendLongRunsAsBatches() {
        assertEquals(
                List.of("batch 3 1", "batch 6 0"),
                merge(new int[] {1, 2, 3, 4, 5, 6}, new int[] {ACCEPT, ACCEPT, ACCEPT, DROP, DROP, DROP}));
    }

    @Test
    void shouldSplitARunWhereTheMarkChanges() {
        writer.begin();
        final int messages = VerdictMerger.write(
                writer, QUEUE, new int[] {1, 2, 3, 4}, new int[] {1, 1, 1, 1}, new long[] {NONE, NONE, 0, 0}, 4);

        assertEquals(2, messages);
        assertEquals(List.of("batch 2 1", "batch 4 1 mark 0"), messages());
    }

    @Test
    @BadInput(21)
    void shouldNotCoverAWrapOfTheIdWithABatch() {
        assertEquals(
                List.of("one 4294967294 1", "one 4294967295 1", "one 0 1", "one 1 1"),
                merge(new int[] {-2, -1, 0, 1}, new int[] {ACCEPT, ACCEPT, ACCEPT, ACCEPT}));
    }

    @Test
    void shouldCoverIdsAboveTheSignBit() {
        assertEquals(
                List.of("batch 2147483648 1"),
                merge(new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE}, new int[] {ACCEPT, ACCEPT}));
    }

    @Test
    @BadInput(22)
    void shouldCoverAGapInTheIds() {
        assertEquals(List.of("batch 900 1"), merge(new int[] {7, 800, 900}, new int[] {ACCEPT, ACCEPT, ACCEPT}));
    }

    @Test
    void shouldRefuseWhatMightNotFit() {
        final VerdictWriter small = new VerdictWriter(Unpooled.buffer(80, 80));
        final int[] ids = {1, 2, 3};
        final long[] marks = {NONE, NONE, NONE};
        assertEquals(-1, VerdictMerger.write(small, QUEUE, ids, ids, marks, 3));
        assertEquals(-1, VerdictMerger.writeSingles(small, QUEUE, ids, ids, marks, 3));
        assertEquals(0, small.length());
    }

    @Test
    void shouldGiveEveryPacketItsVerdictAndNoOtherPacketAny() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100_000; round++) {
            checkRandomColumns(random, "seed " + seed + ", round " + round);
        }
    }

    private void checkRandomColumns(final SplittableRandom random, final String context) {
        final int count = random.nextInt(33);
        final int unread = random.nextInt(5);
        final int kinds = 1 + random.nextInt(4);
        final int stickiness = 1 + random.nextInt(8);
        final int[] starts = {1, random.nextInt(), -1 - random.nextInt(40), Integer.MAX_VALUE - random.nextInt(40)};
        final FakeKernel kernel = new FakeKernel();
        int id = starts[random.nextInt(starts.length)];
        final int[] ids = new int[40];
        final int[] verdicts = new int[40];
        final long[] marks = new long[40];
        int kind = 0;
        for (int i = 0; i < count + unread; i++) {
            id += random.nextInt(5) == 0 ? 1 + random.nextInt(3) : 1; // lost packets use up ids
            kernel.held.add(id);
            if (random.nextInt(stickiness) == 0) {
                kind = random.nextInt(kinds);
            }
            if (i < count) {
                ids[i] = id;
                verdicts[i] = kind & 1;
                marks[i] = kind < 2 ? NONE : 0xffff_fffeL + random.nextInt(2);
            }
        }
        writer.begin();
        final int written = VerdictMerger.write(writer, QUEUE, ids, verdicts, marks, count);

        kernel.apply(buffer, writer.length());

        assertEquals(unread, kernel.held.size(), context + ": packets not read must stay held");
        assertEquals(count, kernel.answered.size(), context);
        for (int i = 0; i < count; i++) {
            final long[] answer = kernel.answerTo(ids[i]);
            assertEquals(verdicts[i], answer[1], context + ", packet " + i);
            assertEquals(marks[i], answer[2], context + ", packet " + i);
        }
        assertEquals(written, messages().size(), context);
        assertTrue(written <= Math.max(count, 0), context);
    }

    private List<String> merge(final int[] ids, final int[] verdicts) {
        final long[] marks = new long[ids.length];
        Arrays.fill(marks, NONE);
        writer.begin();
        final int count = VerdictMerger.write(writer, QUEUE, ids, verdicts, marks, ids.length);
        final List<String> messages = messages();
        assertEquals(count, messages.size());
        return messages;
    }

    private List<String> messages() {
        final List<String> result = new ArrayList<>();
        for (int at = 0; at < writer.length(); at += buffer.getIntLE(at)) {
            final boolean batch = buffer.getUnsignedShortLE(at + 4) == NfqueueProtocol.MSG_VERDICT_BATCH;
            final String mark = buffer.getIntLE(at) == 40 ? " mark " + buffer.getUnsignedInt(at + 36) : "";
            result.add(
                    (batch ? "batch " : "one ") + buffer.getUnsignedInt(at + 28) + " " + buffer.getInt(at + 24) + mark);
        }
        return result;
    }

    /** Verdict messages as nfqnl_recv_verdict and nfqnl_recv_verdict_batch obey them: held packets in order of arrival. */
    private static final class FakeKernel {
        private final List<Integer> held = new ArrayList<>();
        private final List<long[]> answered = new ArrayList<>();

        void apply(final ByteBuf bytes, final int length) {
            for (int at = 0; at < length; at += bytes.getIntLE(at)) {
                final boolean batch = bytes.getUnsignedShortLE(at + 4) == NfqueueProtocol.MSG_VERDICT_BATCH;
                final int verdict = bytes.getInt(at + 24);
                final int id = bytes.getInt(at + 28);
                final long mark = bytes.getIntLE(at) == 40 ? bytes.getUnsignedInt(at + 36) : NONE;
                final int before = held.size();
                while (batch && !held.isEmpty() && held.get(0) - id <= 0) {
                    answered.add(new long[] {held.remove(0), verdict, mark});
                }
                if (!batch && held.remove((Integer) id)) {
                    answered.add(new long[] {id, verdict, mark});
                }
                // ENOENT is legal for the last batch if every packet was an exception, which a majority rules out.
                assertTrue(held.size() < before, "the kernel would say ENOENT");
            }
        }

        long[] answerTo(final int id) {
            return answered.stream().filter(a -> a[0] == id).findFirst().orElseThrow();
        }
    }
}
