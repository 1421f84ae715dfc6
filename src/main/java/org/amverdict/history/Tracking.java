package org.amverdict.history;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.amverdict.engine.EngineSettings;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.events.TrackedConnection;
import org.amverdict.track.FlowEnd;

/**
 * Takes the reports of the kernel's connection tracking from any thread and passes them on in the reader's thread,
 * after the records of earlier packets. Reports about other connections than Amanda's are discarded at once.
 */
public final class Tracking implements EventListener {
    /** Most waiting reports; more are lost and counted. The kernel may report this many ends in a second and a half. */
    static final int WAITING_MAX = 8192;
    /** A report may arrive before the record of its SYN if the reader is busy. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    /**
     * An end waits this long: if its packets are queued, the engine's record has arrived by then and takes precedence.
     */
    private static final long SETTLE_NANOS = 250_000_000L;

    private final SessionLog sessions;
    private final Connections connections;
    private final Supplier<EngineSettings> settings;
    private final Queue<Report> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong lost = new AtomicLong();
    private boolean ending;

    public Tracking(final SessionLog sessions, final Connections connections, final Supplier<EngineSettings> settings) {
        this.sessions = sessions;
        this.connections = connections;
        this.settings = settings;
    }

    private record Report(TrackedConnection connection, long nanos) {
        long dueNanos() {
            return connection.kind() == TrackedConnection.Kind.ANSWERED ? nanos : nanos + SETTLE_NANOS;
        }
    }

    /**
     * The name of the end of a connection, as in events.
     *
     * @param cameToBe whether it was answered
     */
    static String cause(final TrackedConnection.Kind kind, final boolean cameToBe) {
        return switch (kind) {
            case ANSWERED -> "";
            case FINISHED -> FlowEnd.FINISHED.label();
            case RESET -> FlowEnd.RESET.label();
            case TIMED_OUT -> (cameToBe ? FlowEnd.IDLE : FlowEnd.UNFOLLOWED).label();
        };
    }

    /** Whether more came back than a refusing listener's RST, if the kernel counts. */
    static boolean wasAnswered(final TrackedConnection connection) {
        return connection.replyPackets() > 1;
    }

    /** Any thread. */
    public void report(final TrackedConnection connection, final long nowNanos) {
        if (!isOurs(connection)) {
            return;
        }
        if (count.incrementAndGet() > WAITING_MAX) {
            count.decrementAndGet();
            lost.incrementAndGet();
        } else {
            waiting.add(new Report(connection, nowNanos));
        }
    }

    /** Whether the policy connects these hosts, or did when the connection was let in. */
    private boolean isOurs(final TrackedConnection connection) {
        return settings.get().policy().permits(connection.ends().tuple())
                || sessions.has(connection)
                || connections.has(connection);
    }

    /** Reports that were lost because too many came at once, since the start. Any thread. */
    public long lost() {
        return lost.get();
    }

    @Override
    public void event(final EventRecord event) {
        // Only the time matters here.
    }

    @Override
    public void end(final long nowNanos) {
        ending = true;
        tick(nowNanos);
    }

    @Override
    public void tick(final long nowNanos) {
        final int most = count.get();
        for (int i = 0; i < most; i++) {
            final Report report = waiting.poll();
            if (report == null) {
                return;
            }
            // It may be from this very moment: the packet's own record comes with the next round.
            final boolean early = !ending && report.dueNanos() - nowNanos > 0;
            final boolean done = !early
                    && (sessions.tracked(report.connection(), report.nanos())
                            || connections.tracked(report.connection(), report.nanos()));
            if (!done && nowNanos - report.nanos() < PATIENCE_NANOS) {
                waiting.add(report);
            } else {
                count.decrementAndGet();
            }
        }
    }
}
