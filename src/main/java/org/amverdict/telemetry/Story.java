package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.StreamName;
import org.jspecify.annotations.Nullable;

/** One transaction as {@link Sessions} writes it down. Guarded by the lock of {@link Sessions}. */
final class Story {
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

    long ackNanos = UNKNOWN;
    long replyNanos = UNKNOWN;
    Session.Outcome outcome = Session.Outcome.OPEN;

    @Nullable String refusal;

    final List<Stream> streams = new ArrayList<>();

    Story(
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
    }

    /** One announced stream. */
    static final class Stream {
        final StreamName name;
        final int port;
        final long announcedNanos;
        Session.StreamState state = Session.StreamState.PENDING;
        long waitedNanos = UNKNOWN;
        int connectorPort;
        long originalBytes = UNKNOWN;
        long replyBytes = UNKNOWN;
        long originalPackets;
        long replyPackets;
        long durationNanos = UNKNOWN;
        long longestGapNanos = UNKNOWN;
        /** When its state last changed. */
        long changedNanos;
        /** How it ended, empty if it has not. */
        String cause = "";

        Stream(final StreamName name, final int port, final long announcedNanos) {
            this.name = name;
            this.port = port;
            this.announcedNanos = announcedNanos;
            changedNanos = announcedNanos;
        }

        void connected(final int from, final long waited, final long nanos) {
            state = Session.StreamState.CONNECTED;
            connectorPort = from;
            waitedNanos = waited;
            changedNanos = nanos;
            cause = "";
        }

        /** The connection was refused, and is expected once more. */
        void pendingAgain(final long nanos) {
            state = Session.StreamState.PENDING;
            connectorPort = 0;
            waitedNanos = UNKNOWN;
            changedNanos = nanos;
        }

        Session.Stream copy() {
            return new Session.Stream(
                    name.name(),
                    port,
                    state,
                    waitedNanos,
                    connectorPort,
                    originalBytes,
                    replyBytes,
                    durationNanos,
                    longestGapNanos);
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

    /** Whether nothing more is awaited of it. */
    boolean finished() {
        if (outcome == Session.Outcome.OPEN) {
            return false;
        }
        for (final Stream stream : streams) {
            if (stream.state == Session.StreamState.PENDING
                    || (stream.state == Session.StreamState.CONNECTED && stream.cause.isEmpty())) {
                return false;
            }
        }
        return true;
    }
}
