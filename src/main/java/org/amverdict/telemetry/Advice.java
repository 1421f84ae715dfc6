package org.amverdict.telemetry;

import java.util.function.Supplier;
import org.amverdict.console.Units;
import org.amverdict.engine.EngineSettings;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.policy.Policy;
import org.jspecify.annotations.Nullable;

/** Says in a sentence why a packet was dropped, and what an Amanda administrator should look at. Any thread. */
final class Advice {
    private final Sessions sessions;
    private final Supplier<EngineSettings> settings;

    /** @param settings in force now */
    Advice(final Sessions sessions, final Supplier<EngineSettings> settings) {
        this.sessions = sessions;
        this.settings = settings;
    }

    String explain(final Drop drop) {
        final String source = drop.source();
        final String destination = drop.destination();
        return switch (drop.reason) {
            case MALFORMED ->
                drop.decodeStatus == DecodeStatus.TRUNCATED
                        ? "the packet is not whole; control datagrams need a queue with copy: packet"
                        : "the packet is malformed (" + DecodeStatus.name(drop.decodeStatus)
                                + "); no host sends such a one by itself, look for a broken device or a scan";
            case FRAGMENT ->
                "a fragment whose first fragment was not let through; with conntrack in the path (placement"
                        + " gate) the kernel puts fragments together";
            case NOT_ALLOWED ->
                "no line of `allow` lets " + source + " ask " + destination
                        + "; add one if it is a backup server of that client, or recovers from it";
            case BAD_CONTROL ->
                "it has no Amanda header, though it was sent to a control port; look at what runs on " + source;
            case BAD_REQUEST -> badRequest(drop);
            case SERVICE_NOT_ALLOWED ->
                "no line of `allow` lets " + source + " ask " + destination + " for "
                        + (drop.service == null ? "that service" : drop.service.label())
                        + "; add it to `services` of their line if that is meant";
            case WRONG_DIRECTION ->
                source + " sent a message that its side never sends; if " + destination
                        + " is the one that asks, a line of `allow` for that direction is needed";
            case UNSOLICITED ->
                "it answers no request that was seen; queue both directions of the control port, and see"
                        + " whether the request came before the program started";
            case REFUSED_REPLY -> "the REP failed the check " + drop.refusal.label() + ", so it opened nothing";
            case UNEXPECTED -> unexpected(drop);
            case NO_FLOW ->
                "it belongs to no connection that was let in; one that began before the program ran is taken"
                        + " up with flows.adopt: true";
            case LEGACY_RECOVERY -> "a segment of old recovery that came before the one it follows; TCP repeats it";
            case NOT_AMANDA ->
                "it is neither TCP nor a datagram to or from a control port; the firewall rule queues more"
                        + " than it should";
            case ERROR -> "the program failed on this packet; please report it with the log";
            default -> "it was judged " + drop.reason.label();
        };
    }

    private String badRequest(final Drop drop) {
        final Policy policy = settings.get().policy();
        if (!policy.isRequesterPort(drop.sourcePort)) {
            return "the request came from port " + drop.sourcePort + ", but `requester-ports` is "
                    + policy.requesterPorts() + "; Amanda asks from privileged ports only";
        }
        return "the request is not well-formed, or uses HANDLE and SEQ of another one; real Amanda does not send it";
    }

    /** A SYN that no REP announced: what came nearest to it. */
    private String unexpected(final Drop drop) {
        final @Nullable String nearest = nearest(
                drop.sourceHigh,
                drop.sourceLow,
                drop.destinationHigh,
                drop.destinationLow,
                drop.destinationPort,
                drop.lastNanos);
        if (nearest != null) {
            return nearest;
        }
        if (drop.nearestPort != 0) {
            return "no REP announced that port; the nearest expected one was " + drop.nearestPort;
        }
        return settings.get()
                        .policy()
                        .permits(drop.sourceHigh, drop.sourceLow, drop.destinationHigh, drop.destinationLow)
                ? "no REP announced that port, nor any other between these hosts; see whether the UDP exchange before it"
                        + " was queued"
                : "no line of `allow` lets " + drop.source() + " ask " + drop.destination()
                        + ", so nothing was announced";
    }

    /**
     * The announced port between two hosts that is nearest to this one, and what became of it.
     *
     * @param atNanos the moment that is asked about
     * @return a sentence, or null if no REP announced any
     */
    @Nullable String nearest(
            final long sourceHigh,
            final long sourceLow,
            final long destinationHigh,
            final long destinationLow,
            final int port,
            final long atNanos) {
        final Nearest nearest = new Nearest();
        sessions.look(story -> {
            if (story.requesterHigh == sourceHigh
                    && story.requesterLow == sourceLow
                    && story.responderHigh == destinationHigh
                    && story.responderLow == destinationLow) {
                story.streams.forEach(stream -> nearest.offer(story, stream, port));
            }
            return nearest.distance != 0;
        });
        return nearest.sentence(atNanos);
    }

    private static final class Nearest {
        private int distance = Integer.MAX_VALUE;
        private @Nullable String what;
        private long changedNanos;
        private long announcedNanos;
        private int port;
        private Session.StreamState state = Session.StreamState.NEVER;
        private String cause = "";
        private int connectorPort;

        void offer(final Story story, final Story.Stream stream, final int wanted) {
            final int away = Math.abs(stream.port - wanted);
            if (away < distance) {
                distance = away;
                what = stream.name.name() + " of " + story.service;
                port = stream.port;
                state = stream.state;
                cause = stream.cause;
                changedNanos = stream.changedNanos;
                announcedNanos = stream.announcedNanos;
                connectorPort = stream.connectorPort;
            }
        }

        @Nullable String sentence(final long atNanos) {
            if (what == null) {
                return null;
            }
            final String subject = distance == 0
                    ? "the expectation of that port (" + what + ")"
                    : "the nearest expectation was port " + port + " (" + what + "), it";
            return switch (state) {
                case PENDING ->
                    subject + " had been announced " + ago(atNanos - announcedNanos) + " before and was open"
                            + (distance == 0 ? ", but not for this source port or interface" : "");
                case NEVER ->
                    subject + " " + cause + " " + ago(atNanos - changedNanos) + " before; "
                            + (cause.equals("expired")
                                    ? "see what delayed the connection, or raise expectations.lifetime"
                                    : "the responder took it back or announced another one");
                case LET_THROUGH, CONNECTED, CLOSED, REFUSED, NO_ANSWER ->
                    subject + " had been taken from port " + connectorPort + " " + ago(atNanos - changedNanos)
                            + " before; each admits one connection";
            };
        }
    }

    /** A time in words. */
    static String ago(final long nanos) {
        return Units.nanos(nanos);
    }

    /** Bytes in words. */
    static String bytes(final long bytes) {
        return Units.bytes(bytes);
    }
}
