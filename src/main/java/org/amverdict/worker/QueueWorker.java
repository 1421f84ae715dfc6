package org.amverdict.worker;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.InheritedSocket;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.QueueSocket;
import org.amverdict.nfqueue.ReceiveBatch;
import org.amverdict.nfqueue.ffi.NativeThread;
import org.amverdict.nfqueue.ffi.ShortSleep;
import org.jspecify.annotations.Nullable;

/**
 * One queue, one thread, one duty cycle: receive a batch, judge it, answer it, keep house. The thread opens the socket
 * itself, so the queue is bound in its network namespace.
 *
 * <p>{@link #stop()} may be called from any thread: the worker makes the kernel take no more packets, answers those it
 * holds, and ends.
 */
public final class QueueWorker implements Runnable {
    private static final Logger LOG = System.getLogger(QueueWorker.class.getName());
    /** How long an idle worker sleeps in the kernel: how soon it sees a stop, and keeps house. */
    private static final int IDLE_MILLIS = 100;

    /** How late the kernel may end the sleep of {@link Pacing}. */
    private static final long TIMER_SLACK_NANOS = 1_000;

    /** How soon verdicts are sent again that the kernel had no memory for. */
    private static final int REFUSED_MILLIS = 1;

    private static final int HOUSEKEEPING_BUSY_SLOTS = 32;
    private static final int HOUSEKEEPING_IDLE_SLOTS = 4096;
    /** At most this part of the queue is held back. */
    private static final int HELD_PART = 4;

    private static final int DRAIN_BATCHES_MAX = 4096;
    /** What comes later is for the next process. */
    private static final int KEPT_BATCHES_MAX = 16;

    private static final int FAILURES_LOGGED_MAX = 10;
    /** A worker that has not completed a round for this long is stuck. */
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final QueueSettings settings;
    private final int processor;
    private final boolean spins;
    private final VerdictEngine engine;
    private final SocketKeeper keeper;
    private final Pacing pacing;
    private final int heldMax;
    private final PacketBatch packets;
    private final VerdictBatch verdicts;
    private final ReceiveBatch datagrams;
    private final QueueCounters counters = new QueueCounters();
    private final LatencyRecorder latency = new LatencyRecorder(
            5_000,
            10_000,
            20_000,
            50_000,
            100_000,
            200_000,
            500_000,
            1_000_000,
            2_000_000,
            5_000_000,
            10_000_000,
            20_000_000,
            50_000_000,
            100_000_000);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile boolean bound;
    private volatile long lastCycleNanos;
    private volatile @Nullable QueueSocket socket;
    private volatile @Nullable RuntimeException failure;
    private int failuresLogged;

    /**
     * @param processor core to stay on, or -1 for any
     * @param spins poll the kernel constantly, at the cost of a whole processor, instead of sleeping until it has a
     *     packet
     * @param engine this worker's own
     */
    public QueueWorker(
            final QueueSettings settings, final int processor, final boolean spins, final VerdictEngine engine) {
        this(settings, processor, spins, engine, SocketKeeper.NONE);
    }

    /** As the other one, with sockets that outlive a process. */
    public QueueWorker(
            final QueueSettings settings,
            final int processor,
            final boolean spins,
            final VerdictEngine engine,
            final SocketKeeper keeper) {
        this(settings, processor, spins, engine, keeper, new Pacing());
    }

    QueueWorker(
            final QueueSettings settings,
            final int processor,
            final boolean spins,
            final VerdictEngine engine,
            final SocketKeeper keeper,
            final Pacing pacing) {
        this.keeper = keeper;
        this.pacing = pacing;
        this.settings = settings;
        this.processor = processor;
        this.spins = spins;
        this.engine = engine;
        heldMax = settings.maxLength() / HELD_PART;
        datagrams = ReceiveBatch.of(settings);
        packets = new PacketBatch(settings.batchSlots(), datagrams.slab());
        verdicts = new VerdictBatch(settings.batchSlots());
    }

    @Override
    public void run() {
        final InheritedSocket inherited = keeper.inherited(settings.queue());
        try (QueueSocket queue =
                inherited == null ? QueueSocket.open(settings) : QueueSocket.inherit(settings, inherited)) {
            if (processor >= 0) {
                NativeThread.pinTo(processor);
            }
            final boolean kept = keeper.keep(queue);
            if (kept) {
                queue.keepBound();
            }
            socket = queue;
            bound = true;
            opened.countDown();
            begun.await();
            final NfqueueSource source = new NfqueueSource(queue, datagrams, counters, inherited == null);
            final NfqueueSink sink = sinkOf(queue, source);
            if (inherited != null) {
                resume(queue, source, sink);
            }
            if (spins) {
                spin(source, sink);
            } else {
                block(source, sink);
            }
            sink.release(0); // what was held back
            if (!kept) {
                queue.stopTaking();
            }
            drain(source, sink, kept ? KEPT_BATCHES_MAX : DRAIN_BATCHES_MAX);
        } catch (final RuntimeException e) {
            failure = e;
        } catch (final InterruptedException e) {
            failure = new IllegalStateException("queue " + settings.queue() + ": interrupted", e);
        } catch (final Error e) {
            // The program itself is broken, for instance its jar was replaced under it, or memory ran out: end as a
            // failure and get restarted.
            failure = new IllegalStateException("queue " + settings.queue() + ": " + e, e);
        } finally {
            bound = false;
            opened.countDown();
        }
    }

    private void resume(final QueueSocket queue, final NfqueueSource source, final NfqueueSink sink) {
        final Resumption resumption = new Resumption(queue, source);
        final int count = resumption.begin(packets);
        answer(count, sink, 0);
        keeper.resumed(settings.queue(), resumption);
    }

    /** Answers all that the kernel holds, as far as so many batches do. */
    private void drain(final NfqueueSource source, final NfqueueSink sink, final int batchesMax) {
        for (int i = 0; i < batchesMax; i++) {
            if (cycle(source, sink, 0, 0) == 0) {
                sink.release(0);
                if (!sink.isRefused()) {
                    return;
                }
                pauseForMemory();
            }
        }
    }

    private static void pauseForMemory() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(REFUSED_MILLIS));
    }

    private void block(final NfqueueSource source, final NfqueueSink sink) {
        NativeThread.timerSlack(TIMER_SLACK_NANOS);
        final ShortSleep sleep = new ShortSleep(Pacing.GATHER_NANOS);
        while (!stopping) {
            turn(source, sink, sleep, IDLE_MILLIS);
        }
    }

    /** Lets packets gather where that pays, and runs one round. */
    void turn(final NfqueueSource source, final NfqueueSink sink, final ShortSleep sleep, final int idleMillis) {
        if (pacing.gather()) {
            sleep.sleep();
        }
        final int keep = Math.min(pacing.held(), heldMax);
        final int count =
                cycle(source, sink, pacing.flooded() ? 0 : sink.isRefused() ? REFUSED_MILLIS : idleMillis, keep);
        if (count > 0) {
            pacing.received(count, lastCycleNanos);
        } else {
            pacing.silent();
            housekeep(lastCycleNanos, HOUSEKEEPING_IDLE_SLOTS);
        }
        if (!pacing.flooded()) {
            sink.release(0); // the next receive may wait
        }
    }

    private void spin(final NfqueueSource source, final NfqueueSink sink) {
        while (!stopping) {
            if (cycle(source, sink, 0, 0) == 0) {
                sink.release(0); // what the kernel refused
                Thread.onSpinWait();
            }
        }
    }

    /** What {@link #turn} reads from. */
    NfqueueSource sourceOf(final QueueSocket queue) {
        return new NfqueueSource(queue, datagrams, counters);
    }

    /** What {@link #turn} answers to. */
    NfqueueSink sinkOf(final QueueSocket queue, final NfqueueSource source) {
        return new NfqueueSink(queue, source, settings.batchSlots(), latency, counters);
    }

    private int cycle(final NfqueueSource source, final NfqueueSink sink, final int timeoutMillis, final int keep) {
        if (!sink.hasRoom()) {
            pauseForMemory();
            return 0;
        }
        return answer(source.receive(packets, timeoutMillis), sink, keep);
    }

    private int answer(final int count, final NfqueueSink sink, final int keep) {
        final long nowNanos = System.nanoTime();
        lastCycleNanos = nowNanos;
        if (count > 0) {
            judge(nowNanos);
            sink.send(verdicts, nowNanos);
            sink.release(keep);
        }
        housekeep(nowNanos, HOUSEKEEPING_BUSY_SLOTS);
        return count;
    }

    /** If it fails, the next round continues with the next slots. */
    @SuppressWarnings("IllegalCatch") // nothing that a packet left in the tables may end the worker
    private void housekeep(final long nowNanos, final int slots) {
        try {
            engine.housekeep(nowNanos, slots);
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            failed("housekeeping was given up for this round", e);
        }
    }

    private void failed(final String consequence, final Throwable e) {
        counters.add(QueueCounters.FAILED_BATCHES, 1);
        if (failuresLogged < FAILURES_LOGGED_MAX) {
            failuresLogged++;
            LOG.log(Level.ERROR, "queue " + settings.queue() + ": the engine failed, " + consequence, e);
        }
    }

    /** Whatever happens in the engine, every packet gets its one verdict: DROP if the engine fails as a whole. */
    @SuppressWarnings("IllegalCatch") // an error must not leave packets without verdict, which would stall the queue
    private void judge(final long nowNanos) {
        try {
            engine.onBatch(packets, verdicts, nowNanos);
        } catch (final RuntimeException | LinkageError | StackOverflowError | AssertionError e) {
            verdicts.clear();
            for (int i = 0; i < packets.count(); i++) {
                verdicts.add(packets.id(i), Verdict.DROP, VerdictBatch.NO_MARK);
            }
            failed("a batch was dropped", e);
        }
    }

    /** Lets the worker judge; until then the kernel holds the packets. Any thread. */
    void begin() {
        begun.countDown();
    }

    /** Ends the worker in an orderly way, once it has begun, within about {@code 0.1 s} if it is idle. Any thread. */
    public void stop() {
        stopping = true;
    }

    /** Waits until the queue is bound or could not be. */
    void awaitOpened() throws InterruptedException {
        opened.await();
    }

    /** Why the worker ended, or null if it runs or ended well. Any thread. */
    public @Nullable RuntimeException failure() {
        return failure;
    }

    /** Whether the queue is bound now. Any thread. */
    public boolean bound() {
        return bound;
    }

    /** When the worker last began a round, as {@link System#nanoTime}; it does so at least ten times a second. */
    public long lastCycleNanos() {
        return lastCycleNanos;
    }

    /** Whether the queue is bound and the worker keeps up its rounds. Any thread. */
    public boolean ready() {
        final long last = lastCycleNanos;
        return bound && (last == 0 || System.nanoTime() - last <= STALLED_NANOS);
    }

    public int queue() {
        return settings.queue();
    }

    /** How the queue is opened. */
    public QueueSettings settings() {
        return settings;
    }

    public VerdictEngine engine() {
        return engine;
    }

    public QueueCounters counters() {
        return counters;
    }

    /** Nanoseconds from receive to send, of one batch in sixteen. */
    public LatencyRecorder latency() {
        return latency;
    }

    /** Times the kernel's receive buffer for this queue was full. Any thread. */
    public long overruns() {
        final QueueSocket current = socket;
        return current == null ? 0 : current.overruns();
    }

    /** Size of the receive buffer as the kernel counts it, 0 before the queue is bound. Any thread. */
    public int receiveBufferBytes() {
        final QueueSocket current = socket;
        return current == null ? 0 : current.effectiveReceiveBufferBytes();
    }
}
