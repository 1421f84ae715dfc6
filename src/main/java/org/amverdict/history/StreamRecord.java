package org.amverdict.history;

import org.amverdict.amanda.StreamName;
import org.amverdict.events.StreamCounts;
import org.amverdict.events.TrackedConnection;
import org.amverdict.packet.IpAddress;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * One announced stream of a {@link SessionRecord}: what was seen, when it was seen. Guarded by the lock of
 * {@link SessionLog}.
 */
final class StreamRecord {
    private static final long UNKNOWN = -1;

    /** TCP does not repeat a SYN faster than this. */
    private static final long SYN_PAUSE_NANOS = 700_000_000L;
    /** Most repetitions of a SYN by TCP. */
    private static final int SYNS_MAX = 12;
    /** Length of the IPv6 and TCP headers with all options. */
    private static final int SYN_BYTES_MAX = 100;
    /** After this time a connection whose SYN alone was seen no longer counts as possibly running. */
    static final long UNSEEN_MAX_NANOS = 12 * 3600 * 1_000_000_000L;
    /** Longest time that the kernel's connection tracking keeps a connection that it reported. */
    static final long TRACKED_MAX_NANOS = 5 * 86_400 * 1_000_000_000L;

    final StreamName name;
    final int port;
    final long announcedNanos;
    /** SYNs to its port that were not let in while it was expected. */
    final Strays strays = new Strays();
    /** Answers to its SYN that were dropped. */
    final Strays strayAnswers = new Strays();
    /** Records of drops that were lost by then. */
    final long lostBefore;

    Session.StreamState state = Session.StreamState.PENDING;
    long waitedNanos = UNKNOWN;
    int connectorPort;
    /** When its SYN was let through, and when its last known packet came. */
    long openedNanos;

    long heardNanos;
    /** Length of its SYN, 0 if it was not seen alone. */
    long synBytes;
    /** Connections that the listener refused. */
    int refusals;

    /** What the engine saw; only the SYNs of a connection that it does not follow. */
    long originalPackets;

    long originalBytes = UNKNOWN;
    long replyPackets;
    long replyBytes = UNKNOWN;
    long longestGapNanos = UNKNOWN;
    /** What the kernel's connection tracking counted, if it counts. */
    long trackedOriginalBytes = UNKNOWN;

    long trackedReplyBytes = UNKNOWN;
    long durationNanos = UNKNOWN;
    /** When its state last changed. */
    long changedNanos;
    /** Why it was no longer expected, if no connection had come. */
    Removal removal = Removal.EXPIRED;
    /** How it ended; empty if it has not. */
    String cause = "";
    /** Its SYN went to this address: its host's own, or the public one. */
    @Nullable IpAddress opened;
    /** The kernel's connection tracking has reported it as answered, refused or over. */
    boolean tracked;
    /** Its record has left the engine's table, where nothing more is seen of it. */
    boolean unseen;

    StreamRecord(final StreamName name, final long announcedNanos, final int port, final long lostBefore) {
        this.lostBefore = lostBefore;
        this.name = name;
        this.port = port;
        this.announcedNanos = announcedNanos;
        changedNanos = announcedNanos;
    }

    /** Its SYN passed. */
    void letThrough(final long waited, final int from, final long nanos) {
        tracked = false;
        become(Session.StreamState.LET_THROUGH, nanos);
        connectorPort = from;
        waitedNanos = waited;
        openedNanos = nanos;
        heardNanos = nanos;
        cause = "";
        unseen = false;
        synBytes = 0;
        trackedOriginalBytes = UNKNOWN;
        trackedReplyBytes = UNKNOWN;
        originalPackets = 1;
        originalBytes = UNKNOWN;
        replyPackets = 0;
        replyBytes = UNKNOWN;
        longestGapNanos = UNKNOWN;
        durationNanos = UNKNOWN;
    }

    /** The listener's side answered. */
    void answered(final long nanos) {
        heardNanos = Math.max(heardNanos, nanos);
        if (state == Session.StreamState.LET_THROUGH || state == Session.StreamState.NO_ANSWER) {
            become(Session.StreamState.CONNECTED, nanos);
            cause = "";
        }
    }

    /** The connection was refused, and is expected again. */
    void pendingAgain(final long nanos) {
        become(Session.StreamState.PENDING, nanos);
        connectorPort = 0;
        waitedNanos = UNKNOWN;
        originalPackets = 0;
        originalBytes = UNKNOWN;
        replyPackets = 0;
        replyBytes = UNKNOWN;
        longestGapNanos = UNKNOWN;
    }

    /** It is over. */
    void end(final Session.StreamState how, final long lastNanos, final String why, final long nanos) {
        become(how, nanos);
        cause = why;
        heardNanos = Math.max(heardNanos, lastNanos);
        durationNanos = Math.max(0, lastNanos - openedNanos);
    }

    /** What the kernel's connection tracking counted. */
    void counted(final StreamCounts counts) {
        trackedOriginalBytes = Math.max(trackedOriginalBytes, counts.originalBytes());
        trackedReplyBytes = Math.max(trackedReplyBytes, counts.replyBytes());
    }

    /**
     * What the kernel's connection tracking reports.
     *
     * @param nanos when it was reported
     * @return whether the report ended it
     */
    boolean reported(final TrackedConnection report, final long nanos) {
        if (report.kind() == TrackedConnection.Kind.ANSWERED || Tracking.wasAnswered(report)) {
            answered(nanos);
            tracked = true;
        }
        final boolean answered = state == Session.StreamState.CONNECTED;
        final boolean over = !answered && state != Session.StreamState.LET_THROUGH;
        if (report.kind() == TrackedConnection.Kind.ANSWERED || over) {
            return false;
        }
        final boolean reset = report.kind() == TrackedConnection.Kind.RESET;
        final boolean finished = report.kind() == TrackedConnection.Kind.FINISHED;
        // The connecting host may also give up with a RST before there is an answer.
        final boolean refused = reset && !answered && report.replyPackets() != 0;
        final boolean came = answered || finished;
        refusals += refused ? 1 : 0;
        end(
                came
                        ? Session.StreamState.CLOSED
                        : refused ? Session.StreamState.REFUSED : Session.StreamState.NO_ANSWER,
                report.kind() == TrackedConnection.Kind.TIMED_OUT ? heardNanos : nanos,
                refused ? FlowEnd.REFUSED.label() : Tracking.cause(report.kind(), came),
                nanos);
        // If there was no answer, the engine's table knows just as much.
        tracked |= came || refused;
        return true;
    }

    private void become(final Session.StreamState next, final long nanos) {
        state = next;
        changedNanos = nanos;
    }

    /**
     * What the engine has counted.
     *
     * @param lastNanos when its last packet came
     */
    void figures(final long newLongestGapNanos, final StreamCounts counts, final long lastNanos) {
        originalPackets = counts.originalPackets();
        originalBytes = counts.originalBytes();
        replyPackets = counts.replyPackets();
        replyBytes = counts.replyBytes();
        longestGapNanos = counts.replyPackets() == 0 ? UNKNOWN : newLongestGapNanos;
        heardNanos = Math.max(heardNanos, lastNanos);
    }

    /** Whether the engine sees both directions of it. */
    boolean followed() {
        return replyPackets > 0;
    }

    /**
     * IP bytes toward the listener; -1 where they are not counted, and for a connection that was never established: its
     * SYN does not count as payload. The kernel sees the rest of what is not queued.
     */
    long originalBytes() {
        return cameToBe() ? Math.max(followed() ? originalBytes : UNKNOWN, trackedOriginalBytes) : UNKNOWN;
    }

    /** IP bytes from the listener, as {@link #originalBytes}. */
    long replyBytes() {
        return cameToBe() ? Math.max(followed() ? replyBytes : UNKNOWN, trackedReplyBytes) : UNKNOWN;
    }

    /** Whether connection tracking reports its end, or did: the engine saw none of its answers. */
    boolean toldByTracking() {
        return tracked && !followed();
    }

    private boolean cameToBe() {
        return state == Session.StreamState.CONNECTED || state == Session.StreamState.CLOSED;
    }

    /**
     * How often its SYN was let through, 0 if not known: where answers bypass this host, the packets are not only SYNs.
     * SYNs all have the same length, with pauses between them.
     */
    int syns() {
        if (connectorPort == 0 || followed() || originalPackets > SYNS_MAX) {
            return 0;
        }
        if (originalPackets <= 1) {
            return (int) originalPackets;
        }
        final long each = synBytes > 0 ? synBytes : originalBytes / originalPackets;
        final boolean alike = each <= SYN_BYTES_MAX && originalBytes == each * originalPackets;
        // A repeated SYN does not keep the record in its table, so only the time of the first one may be known.
        final boolean paused =
                heardNanos == openedNanos || heardNanos - openedNanos >= (originalPackets - 1) * SYN_PAUSE_NANOS;
        return alike && paused ? (int) originalPackets : 0;
    }

    /** Whether more may follow: it is expected, or may still be running. */
    boolean open(final long nowNanos) {
        return switch (state) {
            case PENDING -> true;
            case LET_THROUGH -> !unseen || nowNanos - heardNanos < UNSEEN_MAX_NANOS;
            case CONNECTED -> !unseen || nowNanos - heardNanos < TRACKED_MAX_NANOS;
            case CLOSED, REFUSED, NO_ANSWER, NEVER -> false;
        };
    }

    /** Whether its listener has answered, and it runs or ended as TCP ends. */
    boolean wentWell() {
        return state == Session.StreamState.CONNECTED
                || (state == Session.StreamState.CLOSED && cause.equals(FlowEnd.FINISHED.label()));
    }
}
