package org.amverdict.worker;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.ShortSleep;
import org.amverdict.nfqueue.netlink.PacketMessageWriter;

/**
 * Made-up packets through a worker of their own, from the receiving system call to the sending one, until the JVM has
 * compiled that path and has nothing more to compile. So the first real packets meet neither an interpreter nor a compiler
 * that takes the processor from them. One thread, before any queue is bound.
 */
public final class Rehearsal implements AutoCloseable {
    private static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("amv.limit", 3000));
    /** No compilation has ended for so long: there are none. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("amv.quiet", 100));

    private static final int DUMPS_BETWEEN_LOOKS = 16;
    private static final int BURST = 8;
    private static final int WAIT_MILLIS = 1;

    private final Supplier<PacketBatch> traffic;
    private final QueueWorker worker;
    private final LoopbackQueue loop = LoopbackQueue.open();
    private final NfqueueSource source;
    private final NfqueueSink sink;
    private final Pacing pacing = new Pacing();
    private final ShortSleep sleep = new ShortSleep(Pacing.GATHER_NANOS);

    /**
     * @param settings like those of the real queues
     * @param engine of its own, with tables of its own
     * @param traffic never ends; packets up to {@link LoopbackQueue#PACKET_MAX_BYTES}
     */
    public Rehearsal(final QueueSettings settings, final VerdictEngine engine, final Supplier<PacketBatch> traffic) {
        this.traffic = traffic;
        worker = new QueueWorker(settings, -1, false, engine);
        source = worker.sourceOf(loop.queue());
        sink = worker.sinkOf(loop.queue(), source);
    }

    /** Plays until the compilers rest, at most 3 s. */
    public void run() {
        final CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        final long startNanos = System.nanoTime();
        long quietSinceNanos = startNanos;
        long nowNanos = startNanos;
        long compiledMillis = 0;
        int dumps = 0;
        while (nowNanos - startNanos < LIMIT_NANOS && nowNanos - quietSinceNanos < QUIET_NANOS) {
            for (int i = 0; i < DUMPS_BETWEEN_LOOKS; i++) {
                play(dumps);
                dumps++;
            }
            nowNanos = System.nanoTime();
            final long millis = compilers.getTotalCompilationTime();
            if (millis != compiledMillis) {
                compiledMillis = millis;
                quietSinceNanos = nowNanos;
            }
        }
        System.err.println("rehearsal " + (nowNanos - startNanos) / 1000000 + " ms, " + dumps + " dumps, compiled "
                + compiledMillis);
    }

    @Override
    public void close() {
        loop.close();
    }

    /** One dump: packet by packet, as most traffic is, or a burst at a time. */
    private void play(final int number) {
        final int burst = (number & 1) == 0 ? 1 : BURST;
        final PacketBatch packets = traffic.get();
        final int count = packets.count();
        for (int i = 0; i < count; i++) {
            loop.deliver(
                    packets.id(i),
                    packets.hook(i),
                    packets.inInterface(i),
                    packets.outInterface(i),
                    (number >> 1) % PacketMessageWriter.FORMS,
                    packets.slab(),
                    packets.offset(i),
                    packets.length(i));
            if (i % burst == burst - 1 || i == count - 1) {
                worker.turn(source, sink, pacing, sleep, WAIT_MILLIS);
                loop.discardAnswers();
            }
        }
        worker.turn(source, sink, pacing, sleep, 0);
    }
}
