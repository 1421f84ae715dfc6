package org.amverdict.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.engine.VerdictBatch;
import org.junit.jupiter.api.Test;

final class SyntheticDumpsTest {
    private static final int BATCHES = 480;
    private static final long BATCH_NANOS = 100_000;

    @Test
    void shouldShowTheEngineWhatItSeesInANight() {
        final SyntheticDumps dumps = new SyntheticDumps(EngineEvents.NONE);
        final VerdictBatch verdicts = new VerdictBatch(64);
        for (int i = 0; i < BATCHES; i++) {
            final PacketBatch packets = dumps.get();
            dumps.engine().onBatch(packets, verdicts, i * BATCH_NANOS);
            dumps.engine().housekeep(i * BATCH_NANOS, 4096);
        }

        final EngineCounters counters = dumps.engine().counters();
        final Set<Reason> seen = EnumSet.noneOf(Reason.class);
        for (final Reason reason : Reason.values()) {
            if (packets(counters, reason) > 0) {
                seen.add(reason);
            }
        }
        assertEquals(
                EnumSet.of(
                        Reason.NOT_ALLOWED,
                        Reason.BAD_CONTROL,
                        Reason.BAD_REQUEST,
                        Reason.REQUEST,
                        Reason.ACK,
                        Reason.UNSOLICITED,
                        Reason.REPLY,
                        Reason.REFUSED_REPLY,
                        Reason.ESTABLISHED,
                        Reason.EXPECTED,
                        Reason.UNEXPECTED,
                        Reason.NO_FLOW,
                        Reason.NOT_AMANDA),
                seen);
        // Of 480 batches 160 are dumps with three streams each, all of which connect and carry five packets more.
        assertEquals(480, packets(counters, Reason.EXPECTED));
        assertEquals(5 * 480, packets(counters, Reason.ESTABLISHED));
        assertTrue(counters.wouldDrop(Reason.UNEXPECTED) > 0, "all modes are used");
        assertTrue(counters.packets(Verdict.DROP, Reason.UNEXPECTED) > 0, "all modes are used");
        assertTrue(
                counters.packets(Verdict.CONTINUE, Reason.UNEXPECTED) > counters.wouldDrop(Reason.UNEXPECTED),
                "all modes are used");
    }

    private static long packets(final EngineCounters counters, final Reason reason) {
        long sum = 0;
        for (final Verdict verdict : Verdict.values()) {
            sum += counters.packets(verdict, reason);
        }
        return sum;
    }
}
