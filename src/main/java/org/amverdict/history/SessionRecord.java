package org.amverdict.history;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.StreamName;
import org.jspecify.annotations.Nullable;

/**
 * One transaction as {@link SessionLog} writes it down: what was seen of it, when it was seen. What is said of it is made
 * from these facts by {@link SessionExplanation}. Guarded by the lock of {@link SessionLog}.
 */
final class SessionRecord {
    private static final long UNKNOWN = -1;

    final long id;
    final long number;
    final long requesterHigh;
    final long requesterLow;
    final int requesterPort;
    final long responderHigh;
    final long responderLow;
    final int controlPort;
    final String service;
    final String handle;
    final long requestNanos;
    List<String> disks = List.of();

    @Nullable String level;

    /** REQs that were let through, and when the last one was. */
    int requests;

    long lastRequestNanos;
    /** REQs that came after the responder's ACK, sooner than a requester gives up waiting for the REP. */
    int deafRequests;

    long ackNanos = UNKNOWN;
    /** REPs that were let through, and when the last one was. */
    int replies;

    long lastReplyNanos;
    long replyNanos = UNKNOWN;
    /** The requester acknowledged a REP. */
    boolean acknowledged;

    Session.Outcome outcome = Session.Outcome.OPEN;
    /** Why its transaction ended without a REP, as a {@link org.amverdict.track.Removal} is labeled; empty if it has not. */
    String endCause = "";

    @Nullable String refusal;
    /** The responder's words, printable and capped, null if it said nothing. */
    @Nullable String said;

    /** Answers that were dropped while it waited, and ACKs of the requester that were dropped. */
    final Strays strayAnswers = new Strays();

    final Strays strayAcks = new Strays();

    /** Another story has the same number: the count of transactions began again. */
    boolean sharesNumber;

    final List<Stream> streams = new ArrayList<>();

    SessionRecord(
            final long id,
            final long number,
            final long requesterHigh,
            final long requesterLow,
            final int requesterPort,
            final long responderHigh,
            final long responderLow,
            final int controlPort,
            final String service,
            final String handle,
            final long requestNanos) {
        this.id = id;
        this.number = number;
        this.requesterHigh = requesterHigh;
        this.requesterLow = requesterLow;
        this.requesterPort = requesterPort;
        this.responderHigh = responderHigh;
        this.responderLow = responderLow;
        this.controlPort = controlPort;
        this.service = service;
        this.handle = handle;
        this.requestNanos = requestNanos;
        lastRequestNanos = requestNanos;
    }

    /** One announced stream. */
    static final class Stream {
        /** TCP repeats a SYN no oftener. */
        private static final long SYN_PAUSE_NANOS = 700_000_000L;
        /** TCP repeats a SYN so often at most. */
        private static final int SYNS_MAX = 12;
        /** Headers of IPv6 and TCP, with all options. */
        private static final int SYN_BYTES_MAX = 100;
        /** A connection of which only the SYN is seen is no longer counted as one that may go on. */
        static final long UNSEEN_MAX_NANOS = 12 * 3600 * 1_000_000_000L;
        /** One that the kernel's connection tracking reported is kept by it so long at most. */
        static final long TRACKED_MAX_NANOS = 5 * 86_400 * 1_000_000_000L;

        final StreamName name;
        final int port;
        final long announcedNanos;
        /** SYNs to its port that were not let in while it was expected. */
        final Strays strays = new Strays();
        /** What answered its SYN and was dropped. */
        final Strays strayAnswers = new Strays();
        /** Records of drops that were lost by then. */
        final long lostBefore;

        Session.StreamState state = Session.StreamState.PENDING;
        long waitedNanos = UNKNOWN;
        int connectorPort;
        /** When its SYN was let through, and when the last packet of it came that is known of. */
        long openedNanos;

        long heardNanos;
        /** Length of its SYN, 0 if it was not seen alone. */
        long synBytes;
        /** Connections that the listener refused. */
        int refusals;

        /** What the engine saw; of a connection that it does not follow the SYNs alone. */
        long originalPackets;

        long originalBytes = UNKNOWN;
        long replyPackets;
        long replyBytes = UNKNOWN;
        long longestGapNanos = UNKNOWN;
        /** What the kernel's connection tracking counted, where it counts. */
        long trackedOriginalBytes = UNKNOWN;

        long trackedReplyBytes = UNKNOWN;
        long durationNanos = UNKNOWN;
        /** When its state last changed. */
        long changedNanos;
        /** How it ended, empty if it has not. */
        String cause = "";
        /** Its SYN went to this address: its host's own, or the public one. */
        long openedHigh;

        long openedLow;
        /** The kernel's connection tracking has reported it to be answered, refused or over. */
        boolean tracked;
        /** Its record has left the engine's table: nothing more is seen of it there. */
        boolean unseen;

        Stream(final StreamName name, final int port, final long announcedNanos, final long lostBefore) {
            this.lostBefore = lostBefore;
            this.name = name;
            this.port = port;
            this.announcedNanos = announcedNanos;
            changedNanos = announcedNanos;
        }

        /** Its SYN passed. */
        void letThrough(final int from, final long waited, final long nanos) {
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

        /** The connection was refused, and is expected once more. */
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
        void end(final Session.StreamState how, final String why, final long lastNanos, final long nanos) {
            become(how, nanos);
            cause = why;
            heardNanos = Math.max(heardNanos, lastNanos);
            durationNanos = Math.max(0, lastNanos - openedNanos);
        }

        private void become(final Session.StreamState next, final long nanos) {
            state = next;
            changedNanos = nanos;
        }

        /** What the engine's table has of it. */
        void figures(
                final long newOriginalPackets,
                final long newOriginalBytes,
                final long newReplyPackets,
                final long newReplyBytes,
                final long newLongestGapNanos,
                final long lastNanos) {
            originalPackets = newOriginalPackets;
            originalBytes = newOriginalBytes;
            replyPackets = newReplyPackets;
            replyBytes = newReplyBytes;
            longestGapNanos = newReplyPackets == 0 ? UNKNOWN : newLongestGapNanos;
            heardNanos = Math.max(heardNanos, lastNanos);
        }

        /** Whether the engine sees both directions of it. */
        boolean followed() {
            return replyPackets > 0;
        }

        /**
         * IP bytes towards the listener, -1 where nobody counts them, and of a connection that never came to be: a SYN is
         * not what it carries. The kernel sees the rest of what is not queued.
         */
        long originalBytes() {
            return cameToBe() ? Math.max(followed() ? originalBytes : UNKNOWN, trackedOriginalBytes) : UNKNOWN;
        }

        /** IP bytes from the listener, as {@link #originalBytes}. */
        long replyBytes() {
            return cameToBe() ? Math.max(followed() ? replyBytes : UNKNOWN, trackedReplyBytes) : UNKNOWN;
        }

        /** Whether its end is told by connection tracking, or was: the engine saw none of its answers. */
        boolean toldByTracking() {
            return tracked && !followed();
        }

        private boolean cameToBe() {
            return state == Session.StreamState.CONNECTED || state == Session.StreamState.CLOSED;
        }

        /**
         * How often its SYN was let through, 0 if not known: where the answers are routed past here, the packets are not
         * SYNs alone. Those are all of one length, with pauses between them.
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
            // A repeated SYN does not keep the record in its table, so the time of the first one may be all that is
            // known.
            final boolean paused =
                    heardNanos == openedNanos || heardNanos - openedNanos >= (originalPackets - 1) * SYN_PAUSE_NANOS;
            return alike && paused ? (int) originalPackets : 0;
        }

        /** Whether anything more may come of it: it is expected, or it may go on. */
        boolean open(final long nowNanos) {
            return switch (state) {
                case PENDING -> true;
                case LET_THROUGH -> !unseen || nowNanos - heardNanos < UNSEEN_MAX_NANOS;
                case CONNECTED -> !unseen || nowNanos - heardNanos < TRACKED_MAX_NANOS;
                default -> false;
            };
        }
    }

    /** The newest stream of that port, or null. */
    @Nullable Stream stream(final int port) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            if (streams.get(i).port == port) {
                return streams.get(i);
            }
        }
        return null;
    }

    /** The newest stream of that port which that port connected to, or null. */
    @Nullable Stream stream(final int port, final int connectorPort) {
        for (int i = streams.size() - 1; i >= 0; i--) {
            final Stream stream = streams.get(i);
            if (stream.port == port && stream.connectorPort == connectorPort) {
                return stream;
            }
        }
        return null;
    }

    /** Whether any stream of it was connected to: then its REP arrived. */
    boolean taken() {
        for (final Stream stream : streams) {
            if (stream.connectorPort != 0 || stream.refusals > 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether it waits for its REP, or a stream of it may go on. */
    boolean open(final long nowNanos) {
        if (outcome == Session.Outcome.OPEN) {
            return true;
        }
        for (final Stream stream : streams) {
            if (stream.open(nowNanos)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is the first to be forgotten: nothing more is awaited of it, or nothing more can be seen. */
    boolean finished(final long nowNanos) {
        if (outcome == Session.Outcome.OPEN) {
            return false;
        }
        for (final Stream stream : streams) {
            final boolean unseen = stream.unseen && stream.state == Session.StreamState.LET_THROUGH;
            if (stream.open(nowNanos) && !unseen) {
                return false;
            }
        }
        return true;
    }
}
