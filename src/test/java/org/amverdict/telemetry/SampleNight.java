package org.amverdict.telemetry;

import java.time.Instant;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.WallClock;

/** The verdicts of 24 hours that end now: dumps from two o'clock on, some drops, and quiet days. */
final class SampleNight {
    private static final long SECOND = 1_000_000_000L;
    private static final long MINUTE = 60 * SECOND;
    private static final int MINUTES = 24 * 60;

    private SampleNight() {}

    static VerdictHistory verdicts() {
        final SampleSources sample = new SampleSources();
        final Instant begin = Instant.now().minusSeconds(MINUTES * 60L);
        final long[] now = {0};
        final VerdictHistory history =
                new VerdictHistory(new WallClock(() -> now[0], () -> begin.plusNanos(now[0])), 0);
        history.watch(sample.sources().queues());
        for (int minute = 0; minute < MINUTES; minute++) {
            final boolean dumping = minute > 700 && minute < 900;
            final int packets = dumping ? 300 + minute % 37 * 9 : minute % 60 == 0 ? 12 : 0;
            for (int packet = 0; packet < packets; packet++) {
                EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.ESTABLISHED, 60);
            }
            for (int packet = 0; packet < (minute % 97 == 0 ? 7 : minute == 800 ? 45 : 0); packet++) {
                EngineTestAccess.countPacket(sample.second, Verdict.DROP, Reason.UNEXPECTED, 60);
            }
            now[0] += MINUTE;
            history.tick(now[0]);
        }
        return history;
    }
}
