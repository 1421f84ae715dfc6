package org.amverdict.worker;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.NativeThread;
import org.amverdict.nfqueue.ffi.ShortSleep;
import org.amverdict.nfqueue.netlink.PacketMessageHeader;
import org.amverdict.nfqueue.netlink.PacketMessageWriter;

/**
 * Synthetic packets through a worker of their own, from the receiving system call to the sending one, until the JVM has
 * compiled that path. A cold JVM lets the kernel's receive buffer overflow within a few packets.
 *
 * <p>After it, no code of the path is interpreted any more. The compilers finish their work during the first real
 * packets, at idle rank, so a packet takes the processor from them at once (decision 024). Used once, by one thread.
 */
public final class WarmUp {
    private static final long FIRST_PART_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long SECOND_PART_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
    /** If longer, the packet path waits for its code under a flood. */
    private static final long IDLE_RANK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After this long without compiling, nothing is left. One method may take half of it. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int BATCHES_BETWEEN_LOOKS = 16;
    private static final int BURST = 8;
    private static final int WAIT_MILLIS = 1;

    private final Supplier<PacketBatch> workload;
    private final QueueWorker worker;
    private final ShortSleep sleep = new ShortSleep(Pacing.GATHER_NANOS);
    private final CountDownLatch firstPart = new CountDownLatch(1);
    private final PacketMessageHeader header = new PacketMessageHeader();
    private int driven;

    /**
     * @param settings like those of the real queues
     * @param engine separate, with separate tables
     * @param workload a few packets each time, without end; none longer than {@link LoopbackQueue#PACKET_MAX_BYTES}
     */
    public WarmUp(final QueueSettings settings, final VerdictEngine engine, final Supplier<PacketBatch> workload) {
        this.workload = workload;
        worker = new QueueWorker(settings, -1, false, engine);
    }

    /**
     * Returns after 0.2 s; the compilers have the idle rank for 1 s more. Where that cannot be undone, which takes
     * CAP_SYS_NICE or RLIMIT_NICE of 20, it goes on until they rest, 1.7 s at most.
     */
    public void run() throws InterruptedException {
        final Thread thread = new Thread(this::driveInParts, "warm-up");
        thread.setDaemon(true);
        thread.start();
        firstPart.await();
    }

    private void driveInParts() {
        final boolean compilersIdle;
        try (LoopbackQueue loop = LoopbackQueue.open()) {
            final NfqueueSource source = worker.sourceOf(loop.queue());
            final NfqueueSink sink = worker.sinkOf(loop.queue(), source);
            drive(loop, source, sink, FIRST_PART_NANOS);
            final int self = NativeThread.threadId();
            compilersIdle = NativeThread.idle(self, true) && NativeThread.idle(self, false);
            if (compilersIdle) {
                CompilerThreads.idle(true);
            } else {
                drive(loop, source, sink, SECOND_PART_NANOS);
            }
        } finally {
            firstPart.countDown();
        }
        if (compilersIdle) {
            letCompilersFinish();
        }
    }

    /** The rest of what the first part requested, and what the first real packets request. */
    private static void letCompilersFinish() {
        try {
            TimeUnit.NANOSECONDS.sleep(IDLE_RANK_NANOS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            CompilerThreads.idle(false);
        }
    }

    /** Drives it until the compilers rest or the time is over. */
    private void drive(
            final LoopbackQueue loop, final NfqueueSource source, final NfqueueSink sink, final long limitNanos) {
        final CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        final long startNanos = System.nanoTime();
        long quietSinceNanos = startNanos;
        long nowNanos = startNanos;
        long compiledMillis = 0;
        while (nowNanos - startNanos < limitNanos && nowNanos - quietSinceNanos < QUIET_NANOS) {
            for (int i = 0; i < BATCHES_BETWEEN_LOOKS; i++) {
                drive(loop, source, sink);
            }
            nowNanos = System.nanoTime();
            // None in a JVM that only interprets.
            final long millis = compilers == null ? 0 : compilers.getTotalCompilationTime();
            if (millis != compiledMillis) {
                compiledMillis = millis;
                quietSinceNanos = nowNanos;
            }
        }
    }

    /** One batch: packet by packet, as most traffic comes, or in bursts. */
    private void drive(final LoopbackQueue loop, final NfqueueSource source, final NfqueueSink sink) {
        final int burst = (driven & 1) == 0 ? 1 : BURST;
        header.form = (driven >> 1) % PacketMessageWriter.FORMS;
        final PacketBatch packets = workload.get();
        final int count = packets.count();
        for (int i = 0; i < count; i++) {
            header.packetId = packets.id(i);
            header.hook = packets.hook(i);
            header.inInterface = packets.inInterface(i);
            header.outInterface = packets.outInterface(i);
            loop.deliver(header, packets.slab(), packets.offset(i), packets.length(i));
            if (i % burst == burst - 1 || i == count - 1) {
                worker.turn(source, sink, sleep, WAIT_MILLIS);
                loop.discardAnswers();
            }
        }
        worker.turn(source, sink, sleep, 0);
        driven++;
    }
}
