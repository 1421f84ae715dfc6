package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.nfqueue.DescriptorSocket;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.CLayout;
import org.amverdict.nfqueue.ffi.NativeLibraries;
import org.amverdict.nfqueue.ffi.NativeMemory;
import org.amverdict.nfqueue.netlink.VerdictWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is held back and what is sent, with a pair of Unix sockets for the kernel. */
final class NfqueueSinkTest {
    private static final int SLOTS = 8;
    private static final int SLOT_BYTES = 512;
    /** Of the id in a verdict message without mark. */
    private static final int ID_AT = VerdictWriter.MESSAGE_BYTES - Integer.BYTES;

    private static final int EVERYTHING = 1 << 20;

    private final ReceiveBatch datagrams = new ReceiveBatch(SLOTS, SLOT_BYTES);
    private final ReceiveBatch answers = new ReceiveBatch(64, SLOT_BYTES);
    private final LatencyRecorder latency = new LatencyRecorder(1_000_000_000_000L);
    private final VerdictBatch verdicts = new VerdictBatch(SLOTS);
    private final QueueSocket queue;
    private final QueueSocket kernel;
    private final NfqueueSink sink;
    private int lastId;

    NfqueueSinkTest() {
        final NativeMemory ends = new NativeMemory(2 * Integer.BYTES);
        assertEquals(
                0,
                NativeLibraries.libC()
                        .socketpair(CLayout.AF_UNIX, CLayout.SOCK_SEQPACKET | CLayout.SOCK_CLOEXEC, 0, ends.address()));
        queue = DescriptorSocket.of(ends.bytes().getIntLE(0));
        kernel = DescriptorSocket.of(ends.bytes().getIntLE(Integer.BYTES));
        final QueueCounters counters = new QueueCounters();
        final NfqueueSource source = new NfqueueSource(queue, datagrams, counters);
        source.receive(new PacketBatch(SLOTS, datagrams.slab()), 0);
        sink = new NfqueueSink(queue, source, SLOTS, latency, counters);
    }

    @AfterEach
    void close() {
        queue.close();
        kernel.close();
    }

    /** Hands over a batch of so many packets with the next ids, all accepted. */
    private void write(final int packets) {
        verdicts.clear();
        for (int i = 0; i < packets; i++) {
            lastId++;
            verdicts.add(lastId, Verdict.ACCEPT, VerdictBatch.NO_MARK);
        }
        sink.send(verdicts, System.nanoTime());
    }

    /** The last id of each datagram that was sent since the last look. */
    private List<Integer> sent() {
        final List<Integer> ids = new ArrayList<>();
        final int count = kernel.receive(answers, 0);
        final ByteBuf slab = answers.slab();
        for (int i = 0; i < count; i++) {
            ids.add(slab.getInt(answers.offset(i) + ID_AT));
        }
        return ids;
    }

    @Test
    void shouldSendNothingUntilReleased() {
        write(3);
        write(4);
        assertEquals(List.of(), sent());

        sink.release(0);

        assertEquals(List.of(3, 7), sent(), "a datagram for each batch, the oldest first");
    }

    @Test
    void shouldKeepTheVerdictsOfAsManyPacketsAsItIsTold() {
        final List<List<Integer>> each = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            write(4);
            sink.release(8);
            each.add(sent());
        }

        assertEquals(List.of(List.of(), List.of(), List.of(4), List.of(8)), each);
        sink.release(5);
        assertEquals(List.of(), sent(), "8 are held, and 4 would be fewer than 5");
        sink.release(4);
        assertEquals(List.of(12), sent());
        sink.release(0);
        assertEquals(List.of(16), sent());
        sink.release(0);
        assertEquals(List.of(), sent(), "each once");
    }

    @Test
    void shouldHoldSixteenBatchesAtMost() {
        for (int i = 1; i <= 100; i++) {
            write(1);
            sink.release(EVERYTHING);
            assertEquals(i <= 16 ? List.of() : List.of(i - 16), sent());
        }
        sink.release(0);
        assertEquals(16, sent().size());
    }

    @Test
    void shouldTimeOneBatchInSixteenUntilItIsSent() {
        for (int i = 0; i < 31; i++) {
            write(1);
            sink.release(2);
        }
        assertEquals(1, latency.count(0), "of 31 batches 29 were sent");

        sink.release(0);
        assertEquals(1, latency.count(0));
        write(1);
        sink.release(0);
        assertEquals(2, latency.count(0));
        assertTrue(latency.sum() > 0);
    }
}
