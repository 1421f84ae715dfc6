package org.amverdict.telemetry;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.WallClock;
import org.amverdict.json.JsonLine;

/**
 * How many packets were accepted and dropped in each second of the last two minutes and each minute of the last 24 hours,
 * so that the status page can show what happened before it was opened. Read from the counters in the reader's thread, at
 * no cost per packet; some 40 kB whatever the traffic. Copied by any thread.
 */
public final class VerdictHistory implements EventListener {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SECONDS = 120;
    private static final int MINUTES = 24 * 60;
    private static final int SECONDS_PER_MINUTE = 60;
    private static final int SERIES = Count.values().length;

    private final WallClock clock;
    private final Ring seconds = new Ring(SECONDS, Duration.ofSeconds(1));
    private final Ring minutes = new Ring(MINUTES, Duration.ofMinutes(1));
    private final long[] before = new long[SERIES];
    private List<TelemetrySources.Queue> queues = List.of();
    /** End of the last second that was counted. */
    private long countedNanos;

    /** What is counted. */
    private enum Count {
        /** Every verdict but drop. */
        PASSED("passed"),
        DROP("drop"),
        WOULD_DROP("would_drop");

        private final String label;

        Count(final String label) {
            this.label = label;
        }

        long read(final List<TelemetrySources.Queue> queues) {
            long total = 0;
            for (final TelemetrySources.Queue queue : queues) {
                for (final Reason reason : Reason.values()) {
                    total += switch (this) {
                        case PASSED -> passed(queue, reason);
                        case DROP -> queue.counters().packets(Verdict.DROP, reason);
                        case WOULD_DROP -> queue.counters().wouldDrop(reason);
                    };
                }
            }
            return total;
        }

        private static long passed(final TelemetrySources.Queue queue, final Reason reason) {
            long passed = 0;
            for (final Verdict verdict : Verdict.values()) {
                passed += verdict == Verdict.DROP ? 0 : queue.counters().packets(verdict, reason);
            }
            return passed;
        }
    }

    /** The last steps of one length; the oldest is overwritten. */
    private static final class Ring {
        private final int steps;
        private final int stepSeconds;
        private final long[][] counts;
        private final long[] current = new long[SERIES];
        private int currentSeconds;
        /** Steps that are complete, since the start. */
        private long complete;

        Ring(final int steps, final Duration step) {
            this.steps = steps;
            this.stepSeconds = (int) step.toSeconds();
            counts = new long[SERIES][steps];
        }

        /** Adds what one second brought. */
        void addSecond(final long[] amounts) {
            for (int i = 0; i < SERIES; i++) {
                current[i] += amounts[i];
            }
            currentSeconds++;
            if (currentSeconds == stepSeconds) {
                for (int i = 0; i < SERIES; i++) {
                    counts[i][(int) (complete % steps)] = current[i];
                    current[i] = 0;
                }
                currentSeconds = 0;
                complete++;
            }
        }

        /** Adds it to the open object; oldest step first. */
        void write(final JsonLine line, final long countedEpochNanos) {
            final long endNanos = countedEpochNanos - currentSeconds * SECOND_NANOS;
            line.add("step_seconds", stepSeconds).addTimestamp("end", TimeUnit.NANOSECONDS.toMillis(endNanos));
            for (final Count count : Count.values()) {
                final long[] kept = counts[count.ordinal()];
                line.add(
                        count.label,
                        LongStream.range(Math.max(0, complete - steps), complete)
                                .map(step -> kept[(int) (step % steps)])
                                .toArray());
            }
        }
    }

    /** @param nowNanos of {@link System#nanoTime} */
    VerdictHistory(final WallClock clock, final long nowNanos) {
        this.clock = clock;
        countedNanos = nowNanos;
    }

    /** The queues to look at; once, before the first tick. */
    synchronized void watch(final List<TelemetrySources.Queue> newQueues) {
        queues = newQueues;
    }

    @Override
    public void event(final EventRecord event) {
        // Only the time matters here.
    }

    @Override
    public synchronized void tick(final long nowNanos) {
        final long passed = (nowNanos - countedNanos) / SECOND_NANOS;
        if (passed <= 0) {
            return;
        }
        final long[] since = new long[SERIES];
        for (final Count count : Count.values()) {
            final long total = count.read(queues);
            since[count.ordinal()] = total - before[count.ordinal()];
            before[count.ordinal()] = total;
        }
        // A late tick: nothing older than the longest ring is kept anyway.
        final long counted = Math.min(passed, (long) MINUTES * SECONDS_PER_MINUTE);
        final long[] each = new long[SERIES];
        for (long second = 0; second < counted; second++) {
            for (int i = 0; i < SERIES; i++) {
                each[i] = since[i] * (second + 1) / counted - since[i] * second / counted;
            }
            seconds.addSecond(each);
            minutes.addSecond(each);
        }
        countedNanos += passed * SECOND_NANOS;
    }

    /** One line of JSON, as history.schema.json says. Any thread. */
    public synchronized String json() {
        final long countedEpochNanos = clock.epochNanos(countedNanos);
        final JsonLine line = new JsonLine().openObject("seconds");
        seconds.write(line, countedEpochNanos);
        line.closeObject().openObject("minutes");
        minutes.write(line, countedEpochNanos);
        return line.closeObject().end();
    }
}
