package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.nfqueue.ffi.ShortSleep;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Announcement;
import org.amverdict.track.Ending;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker whose engine fails goes on. */
@Timeout(30)
final class QueueWorkerTest {
    private static final int EXPECTATIONS = 3;
    private static final int TURNS = 200;

    private final Tables tables = new Tables(
            new TableLimits(
                    new TableLimits.Transactions(16, 16, 1),
                    new TableLimits.Expectations(64, 64, 1, 5),
                    new TableLimits.Flows(16, EngineFixture.SECOND)),
            0x5eed);

    /** Hears of endings and fails, as when the program's jar was replaced under it. */
    private static final EngineEvents BROKEN = new EngineEvents() {
        @Override
        public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
            // nothing to hear
        }

        @Override
        public void ended(final Ending ending, final long nowNanos) {
            throw new NoClassDefFoundError("made for this test");
        }
    };

    private void expectNothingForLong() {
        final long now = System.nanoTime();
        for (int i = 0; i < EXPECTATIONS; i++) {
            assertTrue(tables.expectations()
                    .expect(
                            new Scratch(),
                            new Tuple().set(0, 1, 0, 0, 2, 11_000 + i),
                            new Announcement()
                                    .stream(StreamName.DATA)
                                            .service(Service.SENDBACKUP)
                                            .owner(1)
                                            .until(now - 1),
                            now - 2));
        }
    }

    @Test
    void shouldSurviveAHousekeepingThatFails() {
        final VerdictEngine engine =
                new VerdictEngine(EngineFixture.settings(EngineFixture.policy()), tables, new EngineCounters(), BROKEN);
        final QueueWorker worker = new QueueWorker(QueueSettings.of(LoopbackQueue.NUMBER), -1, false, engine);
        expectNothingForLong();
        try (LoopbackQueue loop = LoopbackQueue.open()) {
            final NfqueueSource source = worker.sourceOf(loop.queue());
            final NfqueueSink sink = worker.sinkOf(loop.queue(), source);
            final ShortSleep sleep = new ShortSleep(0);
            for (int i = 0; i < TURNS; i++) {
                assertDoesNotThrow(() -> worker.turn(source, sink, sleep, 0));
            }
        }
        assertEquals(0, tables.expectations().size(), "it goes on behind what failed");
        assertEquals(EXPECTATIONS, worker.counters().failedBatches());
    }
}
