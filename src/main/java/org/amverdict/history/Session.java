package org.amverdict.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One transaction for people: its hosts and service, how long the answers took, and what became of the streams.
 * Immutable; any thread.
 *
 * @param id counts the transactions since the start, from 1
 * @param requester address as text
 * @param requesterPort UDP port of the request
 * @param responder address as text
 * @param controlPort UDP port that was asked
 * @param service name of the service, {@code other} if Amanda has no such service
 * @param handle HANDLE of the exchange, escaped and capped
 * @param disks disks that the request names, escaped and capped; empty if it names none
 * @param level dump level that the request names, null if none
 * @param requestEpochNanos when the first REQ was judged, nanoseconds since 1970
 * @param ackDelayNanos from the REQ to the responder's ACK, -1 if none was seen
 * @param replyDelayNanos from the REQ to the REP, -1 if none was seen
 * @param outcome how far it got
 * @param refusal which check the last refused REP failed, null if none was refused
 * @param requests REQs that were let through
 * @param replies REPs that were let through
 * @param acknowledged whether the requester acknowledged a REP
 * @param text what the responder says went wrong, printable and capped, null if it gives no text
 * @param explanation how far it got and what to look at, in words
 * @param open whether it waits for its REP, or one of its streams may still be running
 * @param failed whether it did not do what was asked, as far as seen, or has taken longer than Amanda waits: no reply, or one
 *     that says so or does not arrive, or a stream that failed
 * @param streams in the order in which they were announced
 */
public record Session(
        long id,
        String requester,
        int requesterPort,
        String responder,
        int controlPort,
        String service,
        String handle,
        List<String> disks,
        @Nullable String level,
        long requestEpochNanos,
        long ackDelayNanos,
        long replyDelayNanos,
        Outcome outcome,
        @Nullable String refusal,
        int requests,
        int replies,
        boolean acknowledged,
        @Nullable String text,
        String explanation,
        boolean open,
        boolean failed,
        List<Stream> streams) {
    /** How far a transaction got. */
    public enum Outcome {
        /** Asked, no REP yet. */
        OPEN("open"),
        /** A REP came, and what it announced, if anything, was opened. */
        REPLIED("replied"),
        /** A REP came that failed a check: nothing was opened. */
        REFUSED("refused"),
        /** The responder refused the request. */
        NAK("nak"),
        /** No REP came within Amanda's waiting time. */
        EXPIRED("expired");

        private final String label;

        Outcome(final String label) {
            this.label = label;
        }

        /** Name in reports. */
        public String label() {
            return label;
        }
    }

    /** How far a stream got. */
    public enum StreamState {
        /** Announced, no SYN yet. */
        PENDING("pending"),
        /** Its SYN was let through, no answer was seen; where only SYNs are queued, nothing more is seen of it. */
        LET_THROUGH("let-through"),
        /** The listener answered. */
        CONNECTED("connected"),
        /** Both sides have finished, or one has reset it. */
        CLOSED("closed"),
        /** The listener has answered with a RST. */
        REFUSED("refused"),
        /** Its SYN was let through and repeated, but never answered. */
        NO_ANSWER("no-answer"),
        /** No connection came during the lifetime of the expectation. */
        NEVER("never");

        private final String label;

        StreamState(final String label) {
            this.label = label;
        }

        /** Name in reports. */
        public String label() {
            return label;
        }
    }

    public Session {
        disks = List.copyOf(disks);
        streams = List.copyOf(streams);
    }

    /**
     * One announced stream.
     *
     * @param name DATA, MESG, INDEX, STATE or CTL
     * @param port TCP port of the listener
     * @param state how far it got
     * @param connectDelayNanos from the announcement to the SYN, -1 if none came
     * @param connectorPort TCP port that connected, 0 if none
     * @param syns how often its SYN was let through, 0 where not known or once it is answered
     * @param originalBytes IP bytes towards the listener that were counted, -1 where not known
     * @param replyBytes IP bytes from the listener that were counted, -1 where not known
     * @param durationNanos from the SYN to the end, -1 while it is not over or where not known
     * @param longestGapNanos longest time without a packet, -1 where packets are not queued
     * @param cause how it ended, as events name it; empty if it has not
     * @param explanation how far it came and what to look at, in words
     */
    public record Stream(
            String name,
            int port,
            StreamState state,
            long connectDelayNanos,
            int connectorPort,
            int syns,
            long originalBytes,
            long replyBytes,
            long durationNanos,
            long longestGapNanos,
            String cause,
            String explanation) {
        /** Whether it carried nothing although it was announced. */
        public boolean failed() {
            return switch (state) {
                case REFUSED, NO_ANSWER, NEVER -> true;
                case PENDING, LET_THROUGH, CONNECTED, CLOSED -> false;
            };
        }
    }
}
