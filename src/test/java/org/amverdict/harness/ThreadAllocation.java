package org.amverdict.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.consumer.EventStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import org.jspecify.annotations.Nullable;

/**
 * What one thread of another JVM has allocated, by that JVM's own count, which Flight Recorder records ten times a
 * second; and where, by samples. Read while the JVM runs. Any thread.
 */
public final class ThreadAllocation implements AutoCloseable {
    private static final String COUNT = "jdk.ThreadAllocationStatistics";
    private static final String SAMPLE = "jdk.ObjectAllocationSample";
    private static final String SETTINGS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="%s">
                <setting name="enabled">true</setting>
                <setting name="period">100 ms</setting>
              </event>
              <event name="%s">
                <setting name="enabled">true</setting>
                <setting name="throttle">100/s</setting>
                <setting name="stackTrace">true</setting>
              </event>
            </configuration>
            """.formatted(COUNT, SAMPLE);
    /** The two clocks are one, but the recorder notes its time in ticks. */
    private static final Duration INACCURACY = Duration.ofMillis(50);

    private static final int SITES_SHOWN = 5;

    private final String thread;
    private final EventStream stream;
    /** In order of time; only where the count changes, and the latest. Guarded by itself. */
    private final List<Count> counts = new ArrayList<>();
    /** Bytes by place. Guarded by {@link #counts}. */
    private final Map<String, Long> sites = new HashMap<>();

    /** Bytes that the thread had allocated since its start. */
    public record Count(Instant at, long bytes) {}

    /** A time in which the thread allocated nothing. */
    public record Quiet(Instant from, Instant to) {
        /** Whether the moment is certainly within this time. */
        public boolean contains(final Instant moment) {
            return moment.isAfter(from.plus(INACCURACY)) && moment.isBefore(to.minus(INACCURACY));
        }
    }

    private ThreadAllocation(final String thread, final EventStream stream) {
        this.thread = thread;
        this.stream = stream;
    }

    /**
     * Writes the recorder's settings.
     *
     * @param directory where it may work
     * @return options for the JVM to be watched
     */
    public static String options(final Path directory) throws IOException {
        final Path settings = Files.writeString(directory.resolve("allocation.jfc"), SETTINGS);
        return "-XX:StartFlightRecording=settings=" + settings + " -XX:FlightRecorderOptions=repository="
                + repository(directory);
    }

    private static Path repository(final Path directory) {
        return directory.resolve("repository");
    }

    /** Watches the JVM that was started with {@link #options}, from its start on. */
    public static ThreadAllocation watch(final Path directory, final String thread) throws IOException {
        final EventStream stream = EventStream.openRepository(repository(directory));
        final ThreadAllocation watch = new ThreadAllocation(thread, stream);
        stream.setStartTime(Instant.EPOCH);
        stream.setReuse(false);
        stream.onEvent(COUNT, watch::count);
        stream.onEvent(SAMPLE, watch::sample);
        stream.startAsync();
        return watch;
    }

    private void count(final RecordedEvent event) {
        if (!isOurs(event.getThread("thread"))) {
            return;
        }
        final Count now = new Count(event.getStartTime(), event.getLong("allocated"));
        synchronized (counts) {
            final int size = counts.size();
            if (size > 1
                    && counts.get(size - 1).bytes() == now.bytes()
                    && counts.get(size - 2).bytes() == now.bytes()) {
                counts.remove(size - 1);
            }
            counts.add(now);
        }
    }

    private void sample(final RecordedEvent event) {
        if (!isOurs(event.getThread()) || event.getStackTrace() == null) {
            return;
        }
        final List<RecordedFrame> frames = event.getStackTrace().getFrames();
        final RecordedFrame ours = frames.stream()
                .filter(frame -> frame.getMethod().getType().getName().startsWith("org.amverdict."))
                .findFirst()
                .orElse(frames.get(0));
        final String site = event.getClass("objectClass").getName() + " in "
                + ours.getMethod().getType().getName() + "." + ours.getMethod().getName() + ":" + ours.getLineNumber();
        synchronized (counts) {
            sites.merge(site, event.getLong("weight"), Long::sum);
        }
    }

    private boolean isOurs(final @Nullable RecordedThread of) {
        return of != null && thread.equals(of.getJavaName());
    }

    /** The time since the thread last allocated; empty if nothing has been seen. */
    public Quiet quiet() {
        synchronized (counts) {
            if (counts.isEmpty()) {
                return new Quiet(Instant.EPOCH, Instant.EPOCH);
            }
            final Count last = counts.get(counts.size() - 1);
            Instant from = last.at();
            for (int i = counts.size() - 1; i >= 0 && counts.get(i).bytes() == last.bytes(); i--) {
                from = counts.get(i).at();
            }
            return new Quiet(from, last.at());
        }
    }

    /** Bytes allocated in the time that was watched after {@code from}. */
    public long bytesSince(final Instant from) {
        synchronized (counts) {
            final long last =
                    counts.isEmpty() ? 0 : counts.get(counts.size() - 1).bytes();
            return last
                    - counts.stream()
                            .filter(count -> !count.at().isAfter(from))
                            .mapToLong(Count::bytes)
                            .max()
                            .orElse(0);
        }
    }

    /** The places that allocate most, by samples. */
    public String sites() {
        synchronized (counts) {
            return sites.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                    .limit(SITES_SHOWN)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.joining("; "));
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
