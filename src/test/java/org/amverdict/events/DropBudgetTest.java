package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.amverdict.engine.VerdictEngine;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;

/** In a flood of drops the reader gets a bounded number of records, and the sum of what it gets is right. */
final class DropBudgetTest {
    private static final long MILLI = 1_000_000L;
    private static final int BATCH = 100;
    private static final int MILLIS = 3_000;

    private final Map<String, Long> counted = new HashMap<>();
    private long reported;

    /** Adds up what a listener gets. */
    private final EventListener listener = new EventListener() {
        @Override
        public void event(final EventRecord event) {
            reported++;
            counted.merge(event.reason().label(), 1L, Long::sum);
        }

        @Override
        public void counted(final Verdict decided, final Verdict verdict, final Reason reason, final long count) {
            assertEquals(Verdict.DROP, decided);
            assertEquals(Verdict.DROP, verdict);
            counted.merge(reason.label(), count, Long::sum);
        }
    };

    private final EventReader reader = new EventReader(List.of(listener), () -> 0);
    private final EngineCounters counters = new EngineCounters();
    private final VerdictEngine engine = new VerdictEngine(
            EngineFixture.settings(EngineFixture.policy()),
            new Tables(TableLimits.DEFAULTS, 1),
            counters,
            reader.events());
    private final VerdictBatch verdicts = new VerdictBatch(BATCH);

    private static PacketBatch batch(final byte[] packet, final int times) {
        final PacketBatch batch = new PacketBatch(BATCH, Unpooled.directBuffer());
        batch.reset(Unpooled.directBuffer().writeBytes(packet));
        for (int i = 0; i < times; i++) {
            batch.add(i + 1).setBytes(0, packet.length);
        }
        return batch;
    }

    @Test
    void shouldReportSoManyOfAFloodAndCountTheRest() {
        final PacketBatch flood = batch(
                PacketBuilder.ip(EngineFixture.SERVER, EngineFixture.CLIENT)
                        .tcp(2000, 11_000, TcpView.SYN, new byte[0]),
                BATCH);
        final PacketBatch other = batch(
                EngineFixture.udp(
                        EngineFixture.STRANGER,
                        EngineFixture.REQUESTER_PORT,
                        EngineFixture.CLIENT,
                        10_080,
                        new byte[9]),
                1);
        for (int i = 1; i <= MILLIS; i++) {
            engine.onBatch(flood, verdicts, i * MILLI);
            engine.onBatch(other, verdicts, i * MILLI);
            reader.round(i * MILLI + 1);
        }

        assertEquals(MILLIS * (long) BATCH, counters.packets(Verdict.DROP, Reason.UNEXPECTED));
        assertEquals(MILLIS * (long) BATCH, counted.get("unexpected"));
        assertEquals(MILLIS, counted.get("not-allowed"), "a slow one is not hidden by the flood");
        final long most = MILLIS + 2L * DropBudget.AT_ONCE + MILLIS * DropBudget.PER_SECOND / 1000;
        assertTrue(reported <= most, reported + " records");
        assertTrue(reported > MILLIS * DropBudget.PER_SECOND / 1000, reported + " records");
        assertEquals(0, reader.lostDrops());
        assertEquals(MILLIS * (long) BATCH + MILLIS - reported, reader.countedDrops());
    }

    @Test
    void shouldReportEachAgainAfterAQuietTime() {
        final byte[] packet = PacketBuilder.ip(EngineFixture.SERVER, EngineFixture.CLIENT)
                .tcp(2000, 11_000, TcpView.SYN, new byte[0]);
        final PacketBatch flood = batch(packet, BATCH);
        for (int i = 0; i < 100; i++) {
            engine.onBatch(flood, verdicts, MILLI);
        }
        reader.round(2 * MILLI);
        final long before = reported;

        engine.onBatch(flood, verdicts, 10_000 * MILLI);
        reader.round(10_001 * MILLI);

        assertEquals(BATCH, reported - before);
    }
}
