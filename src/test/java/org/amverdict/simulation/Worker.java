package org.amverdict.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Reason;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.netlink.VerdictMerger;
import org.amverdict.nfqueue.netlink.VerdictWriter;

/**
 * One queue with its engine. Where workers take turns, time passes between the arrival of a packet, its receive, and the
 * send of its verdict, and others work meanwhile; elsewhere each packet is judged and answered as it comes.
 */
final class Worker {
    /** Most packets in one receive. */
    static final int BATCH_MAX = 8;

    private static final int HOUSEKEEPING = 8;
    private static final long LONGEST_WAIT = 300 * Simulation.MICRO;
    /** One verdict batch in this many is sent late, as in a flood (decision 026). */
    private static final int HELD_BACK_ONE_IN = 16;

    private static final long HELD_BACK = 20_000 * Simulation.MICRO;
    /** Code fails in one batch of this many. */
    private static final int FAILS_ONE_IN = 40;

    private static final int NOWHERE = 1 << 20;

    private final Node node;
    private final int number;
    private final SplittableRandom random;
    private final KernelQueue queue;
    private final PacketBatch packets = new PacketBatch(BATCH_MAX, Unpooled.EMPTY_BUFFER);
    private final VerdictBatch verdicts = new VerdictBatch(BATCH_MAX);
    private final Seen seen = new Seen();
    private final VerdictEngine engine;
    /** Verdicts that are not sent yet. */
    private final Deque<Answer> held = new ArrayDeque<>();

    private boolean awake;
    private boolean closed;
    private long lastRelease = Long.MIN_VALUE;
    private long stalledUntil = Long.MIN_VALUE;

    /** Messages with the verdicts of one receive. */
    private record Answer(ByteBuf messages, List<KernelQueue.Held> read) {}

    Worker(final Node node, final int number, final SplittableRandom random) {
        this.node = node;
        this.number = number;
        this.random = random;
        queue = new KernelQueue(random.nextInt(4) == 0 ? -random.nextInt(64) : 1);
        engine = new VerdictEngine(node.settings(), node.tables(), new EngineCounters(), seen);
    }

    void settings(final EngineSettings settings) {
        engine.settings(settings);
    }

    /** The kernel queues a packet. */
    void offer(final Passage passage) {
        queue.add(passage);
        if (!node.takesTurns()) {
            final List<KernelQueue.Held> read = queue.read(1);
            release(judge(read), read);
        } else if (!awake) {
            awake = true;
            node.simulation().at(Math.max(stalledUntil, within(LONGEST_WAIT)), this::turn);
        }
    }

    /** A moment within that span. */
    private long within(final long longest) {
        return node.simulation().now() + random.nextLong(longest);
    }

    /** The worker gets no processor until then. */
    void stall(final long untilNanos) {
        stalledUntil = untilNanos;
    }

    private void turn() {
        if (closed) {
            return;
        }
        final long now = node.simulation().now();
        if (now < stalledUntil) {
            node.simulation().at(stalledUntil, this::turn);
            return;
        }
        final List<KernelQueue.Held> read = queue.read(1 + random.nextInt(BATCH_MAX));
        if (read.isEmpty()) {
            awake = false;
            return;
        }
        held.add(new Answer(judge(read), read));
        final long longest = random.nextInt(HELD_BACK_ONE_IN) == 0 ? HELD_BACK : LONGEST_WAIT;
        lastRelease = Math.max(lastRelease, within(longest));
        node.simulation().at(lastRelease, this::releaseFirst);
        node.simulation().at(within(LONGEST_WAIT), this::turn);
    }

    private void releaseFirst() {
        final Answer first = held.poll();
        if (first != null) {
            release(first.messages, first.read);
        }
    }

    /** An orderly end: what was held back is sent, and what the kernel holds is judged and answered. */
    void stop() {
        while (!held.isEmpty()) {
            releaseFirst();
        }
        while (queue.hasUnread()) {
            final List<KernelQueue.Held> read = queue.read(BATCH_MAX);
            release(judge(read), read);
        }
    }

    /** The socket is closed; the kernel drops what it holds. */
    void close() {
        closed = true;
        held.clear();
        queue.flush(passage -> true);
    }

    /** The kernel drops these. */
    void flush(final Predicate<Passage> which) {
        queue.flush(which);
    }

    void housekeep(final long engineNow, final int steps) {
        engine.housekeep(engineNow, steps);
        node.twinKeepsHouse(engineNow, steps);
    }

    private ByteBuf judge(final List<KernelQueue.Held> read) {
        final long engineNow = node.engineNow();
        housekeep(engineNow, HOUSEKEEPING);
        final int failing = fill(read);
        seen.clear();
        if (failing >= 0 && random.nextBoolean()) {
            seen.fail();
        }
        judgeAll(engineNow, failing);
        int errors = 0;
        for (int i = 0; i < read.size(); i++) {
            final Seen.Said said = seen.get(i);
            read.get(i).decided = verdicts.verdict(i);
            if (i == failing) {
                check(said.reason() == Reason.ERROR && verdicts.verdict(i) == 0, "O3: code failed, and the packet");
                errors++;
            } else {
                check(said.reason() != Reason.ERROR, "P7: the engine failed: " + engine.lastFailure());
            }
        }
        final RuntimeException failure = engine.lastFailure();
        check(errors > 0 || failure == null || node.expects(failure), "P7: the engine failed: " + failure);
        node.judged(read, seen, packets, verdicts, engineNow, failing);
        return messages(read.size());
    }

    private void judgeAll(final long engineNow, final int failing) {
        final String which = failing < 0 ? "P5: " : "O3: code failed, and ";
        try {
            engine.onBatch(packets, verdicts, engineNow);
        } catch (final RuntimeException e) {
            throw new AssertionError((failing < 0 ? "P7: " : "O3: ") + "the engine threw " + e, e);
        }
        check(
                verdicts.count() == packets.count() && seen.count() == packets.count(),
                which + verdicts.count() + " verdicts and " + seen.count() + " reports for " + packets.count()
                        + " packets");
        for (int i = 0; i < packets.count(); i++) {
            check(verdicts.id(i) == packets.id(i), which + "a verdict has the id of another packet");
        }
    }

    /**
     * Puts the packets into the batch. The slab ends where the last packet ends: a read behind it throws (P7).
     *
     * @return which of them code fails on, or -1
     */
    private int fill(final List<KernelQueue.Held> read) {
        int failing = -1;
        if (node.fails() && random.nextInt(FAILS_ONE_IN) == 0) {
            final int one = random.nextInt(read.size());
            failing = node.simulation().mayLose(read.get(one).passage) ? one : -1;
        }
        final byte[][] all = new byte[read.size()][];
        int total = 0;
        for (int i = 0; i < all.length; i++) {
            all[i] = read.get(i).passage.packet().bytes();
            total += all[i].length;
        }
        byte[] slab = all[0];
        if (all.length > 1) {
            slab = new byte[total];
            int at = 0;
            for (final byte[] one : all) {
                System.arraycopy(one, 0, slab, at, one.length);
                at += one.length;
            }
        }
        packets.reset(Unpooled.wrappedBuffer(slab));
        int at = 0;
        for (int i = 0; i < all.length; i++) {
            final KernelQueue.Held held = read.get(i);
            packets.add(held.id)
                    .setBytes(i == failing ? NOWHERE : at, all[i].length)
                    .setOriginalLength(all[i].length + held.passage.packet().cutOff())
                    .setHook(1)
                    .setInInterface(held.passage.in())
                    .setOutInterface(held.passage.out());
            at += all[i].length;
        }
        return failing;
    }

    private ByteBuf messages(final int count) {
        final ByteBuf messages = Unpooled.buffer(count * VerdictWriter.MARKED_MESSAGE_BYTES);
        final VerdictWriter writer = new VerdictWriter(messages);
        final int written = random.nextInt(8) == 0
                ? VerdictMerger.writeSingles(
                        writer, number, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), count)
                : VerdictMerger.write(writer, number, verdicts.ids(), verdicts.verdicts(), verdicts.marks(), count);
        check(written > 0, "P5: no verdict was written");
        messages.writerIndex(writer.length());
        return messages;
    }

    private void release(final ByteBuf messages, final List<KernelQueue.Held> read) {
        final List<Passage> passing = queue.answer(messages, messages.writerIndex());
        check(!queue.holds(read), "P5: a packet got no verdict");
        passing.forEach(node::passed);
    }

    private static void check(final boolean holds, final String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
