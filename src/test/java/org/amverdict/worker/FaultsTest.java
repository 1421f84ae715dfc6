package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.Errno;
import org.amverdict.nfqueue.ffi.FaultyLibC.Outcome;
import org.amverdict.nfqueue.ffi.NativeException;
import org.amverdict.nfqueue.ffi.ShortSleep;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.amverdict.worker.FaultInjector.Fault;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Faults between the kernel and the engine, one kind at a time and all together: every packet that was sent is accepted,
 * dropped, continued, or lost and reported, to the packet. Seeds are printed and can be given with {@code -Dseed=}.
 */
@Tag("property")
@Timeout(60)
final class FaultsTest {
    private static final long SEED = Long.getLong("seed", 20_261_201);
    private static final int ROUNDS = 12;
    private static final int STEPS = 60;
    private static final int ARRIVALS_MAX = 24;
    private static final int SETTLE_TURNS_MAX = 5_000;
    private static final int QUEUE_LENGTH = 64;
    /** The ids wrap within the first packets. */
    private static final int NEAR_THE_WRAP = -40;

    private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);

    private final EngineCounters engineCounters = new EngineCounters();
    private final QueueWorker worker = new QueueWorker(
            QueueSettings.builder(0).maxLength(QUEUE_LENGTH * 4).conclude(),
            -1,
            false,
            new VerdictEngine(
                    EngineFixture.settings(EngineFixture.policy()),
                    new Tables(TableLimits.DEFAULTS, 0x5eed),
                    engineCounters,
                    EngineEvents.NONE),
            // A few packets in a row are a flood, so that verdicts are held back.
            SocketKeeper.NONE,
            new Pacing(50_000));

    /** One that continues, is accepted, dropped, or makes no sense. */
    private static byte[] packet(final SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 ->
                PacketBuilder.ip(EngineFixture.SERVER, EngineFixture.CLIENT)
                        .tcp(2000 + random.nextInt(1000), 11_000, TcpView.SYN, new byte[0]);
            case 1 ->
                EngineFixture.udp(
                        EngineFixture.STRANGER, EngineFixture.REQUESTER_PORT, EngineFixture.CLIENT, 10_080, request());
            case 2 ->
                EngineFixture.udp(
                        EngineFixture.SERVER, EngineFixture.REQUESTER_PORT, EngineFixture.CLIENT, 10_080, new byte[9]);
            default -> request(random.nextInt(100));
        };
    }

    private static byte[] request() {
        return EngineFixture.message("REQ", "000-00000000", "1", "SECURITY USER x\nSERVICE noop\nOPTIONS ;\n");
    }

    private static byte[] request(final int number) {
        return EngineFixture.udp(
                EngineFixture.SERVER,
                EngineFixture.REQUESTER_PORT,
                EngineFixture.CLIENT,
                EngineFixture.CONTROL,
                EngineFixture.message(
                        "REQ", "000-000000" + (10 + number), "1", "SECURITY USER x\nSERVICE noop\nOPTIONS ;\n"));
    }

    private long judged() {
        long sum = 0;
        for (final Verdict verdict : Verdict.values()) {
            for (final Reason reason : Reason.values()) {
                sum += engineCounters.packets(verdict, reason);
            }
        }
        return sum;
    }

    /** Plays random traffic with these faults, and lets it end well. */
    private ModelQueue.Account play(final FaultInjector faults, final long seed, final int firstId) {
        final SplittableRandom random = new SplittableRandom(seed);
        final String where = "seed " + seed;
        try (ModelQueue model = new ModelQueue(faults, QUEUE_LENGTH, firstId)) {
            final NfqueueSource source = worker.sourceOf(model.socket());
            final NfqueueSink sink = worker.sinkOf(model.socket(), source);
            final ShortSleep sleep = new ShortSleep(0);
            for (int step = 0; step < STEPS; step++) {
                for (int i = random.nextInt(ARRIVALS_MAX); i > 0; i--) {
                    model.arrive(packet(random));
                }
                turn(model, source, sink, sleep);
            }
            faults.end();
            // It reveals what was lost before it.
            settle(model, source, sink, sleep);
            model.arrive(request(1));
            settle(model, source, sink, sleep);
            model.assertSettled(where);
            return model.account;
        }
    }

    private void turn(
            final ModelQueue model, final NfqueueSource source, final NfqueueSink sink, final ShortSleep sleep) {
        model.deliver();
        worker.turn(source, sink, sleep, 0);
        model.apply();
    }

    private void settle(
            final ModelQueue model, final NfqueueSource source, final NfqueueSink sink, final ShortSleep sleep) {
        for (int i = 0; i < SETTLE_TURNS_MAX && (model.isBusy() || model.waiting() > 0 || sink.isRefused()); i++) {
            turn(model, source, sink, sleep);
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void shouldAccountForEachPacketWithOneKindOfFault(final Fault fault) {
        long happened = 0;
        long judgedBefore = 0;
        final QueueCounters counters = worker.counters();
        for (int round = 0; round < ROUNDS; round++) {
            final long gapsBefore = counters.idGaps();
            final long errorsBefore = counters.kernelErrors();
            final long malformedBefore = counters.malformedMessages();
            final FaultInjector faults = new FaultInjector(SEED + round, Set.of(fault), 20);
            final String where = fault + ", seed " + (SEED + round);

            final ModelQueue.Account account = play(faults, SEED + round, 1);

            happened += faults.count(fault);
            final long gaps = counters.idGaps() - gapsBefore;
            if (fault == Fault.REORDER) {
                assertTrue(gaps <= faults.count(fault), where + ", " + account);
            } else {
                assertEquals(account.userDropped, gaps, where + ", " + account);
            }
            assertEquals(account.errors, counters.kernelErrors() - errorsBefore, where + ", " + account);
            assertEquals(account.unreadable, counters.malformedMessages() - malformedBefore, where + ", " + account);
            final long judged = judged() - judgedBefore;
            judgedBefore += judged;
            assertEquals(
                    account.sent - account.queueDropped - account.userDropped - account.unreadable + account.duplicated,
                    judged,
                    where + ", " + account);
            if (fault != Fault.FORGET && fault != Fault.DUPLICATE) {
                // What drops unreadable packets may come to none, if the verdict before it did.
                assertTrue(account.errors <= account.unreadable, where + ": each verdict has its packet");
                assertEquals(
                        judged + account.unreadable, account.accepted + account.dropped + account.continued, where);
            }
        }
        assertTrue(happened > ROUNDS, fault + " happened " + happened + " times only");
        assertEquals(0, counters.failedBatches());
    }

    @Test
    void shouldAccountForEachPacketWithAllFaultsTogether() {
        for (int round = 0; round < 8 * ROUNDS; round++) {
            play(new FaultInjector(SEED + round, ALL, 40), SEED + round, round % 2 == 0 ? 1 : NEAR_THE_WRAP);
        }
        assertEquals(0, worker.counters().failedBatches());
    }

    @Test
    void shouldDoTheSameForTheSameSeed() {
        final FaultInjector first = new FaultInjector(SEED, Set.of(Fault.LOSE, Fault.UNREADABLE), 10);
        final FaultInjector second = new FaultInjector(SEED, Set.of(Fault.LOSE, Fault.UNREADABLE), 10);

        assertEquals(play(first, SEED, 1).toString(), play(second, SEED, 1).toString());
    }

    /** The kernel has no memory for verdicts: they wait here, and nothing more is read than can be answered. */
    @Test
    void shouldKeepVerdictsThatTheKernelDoesNotTake() {
        final FaultInjector none = new FaultInjector(SEED, Set.of(), 1);
        final boolean[] refuses = {true};
        try (ModelQueue model = new ModelQueue(
                none,
                QUEUE_LENGTH,
                1,
                (function, arguments) ->
                        refuses[0] && function.equals("send") ? new Outcome.Failed(Errno.ENOBUFS) : Outcome.REAL)) {
            final NfqueueSource source = worker.sourceOf(model.socket());
            final NfqueueSink sink = worker.sinkOf(model.socket(), source);
            final ShortSleep sleep = new ShortSleep(0);
            for (int i = 0; i < QUEUE_LENGTH; i++) {
                model.arrive(request(i));
                turn(model, source, sink, sleep);
            }
            assertEquals(QUEUE_LENGTH, model.waiting(), "none is answered");
            assertTrue(worker.counters().repeatedSends() > 0);
            assertEquals(16, judged(), "as many batches as the sink holds");

            refuses[0] = false;
            settle(model, source, sink, sleep);

            model.assertSettled("after it");
            assertEquals(QUEUE_LENGTH, model.account.accepted);
        }
    }

    /** Another error does not pass: the program ends, and is started again. */
    @Test
    void shouldFailWhenASendFailsForGood() {
        for (final int errno : new int[] {Errno.ENOENT, Errno.EBADF, Errno.ECONNREFUSED, Errno.EPERM}) {
            try (ModelQueue model = new ModelQueue(
                    new FaultInjector(SEED, Set.of(), 1),
                    QUEUE_LENGTH,
                    1,
                    (function, arguments) -> function.equals("send") ? new Outcome.Failed(errno) : Outcome.REAL)) {
                final NfqueueSource source = worker.sourceOf(model.socket());
                final NfqueueSink sink = worker.sinkOf(model.socket(), source);
                model.arrive(request(1));
                model.deliver();

                final NativeException failure =
                        assertThrows(NativeException.class, () -> worker.turn(source, sink, new ShortSleep(0), 0));

                assertEquals(errno, failure.errno());
            }
        }
    }
}
