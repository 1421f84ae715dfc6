package org.amverdict.history;

/**
 * How long Amanda waits for an answer (common-src/protocol.c), and so from when on a
 * request without one has failed. Sessions, {@code why}, the status page and the report all ask here. Pure.
 */
public final class Patience {
    /** A requester without an answer asks again after this time, a responder without an ACK answers again. */
    public static final long REPEAT_NANOS = 10_000_000_000L;

    private static final long SECOND = 1_000_000_000L;

    private Patience() {}

    /**
     * Whether a request that nothing has answered is in trouble: it was repeated, or should have been by now.
     *
     * @param requests how often it was let through
     * @param sinceNanos since it was let through first
     */
    public static boolean isUnanswered(final int requests, final long sinceNanos) {
        return requests > 1 || sinceNanos >= REPEAT_NANOS;
    }

    /**
     * Whether a REP without an ACK is in trouble, as {@link #isUnanswered}.
     *
     * @param replies how often it was let through
     * @param sinceNanos since it was let through last
     */
    public static boolean isUnacknowledged(final int replies, final long sinceNanos) {
        return replies > 1 || (replies == 1 && sinceNanos >= REPEAT_NANOS);
    }

    /**
     * How long a requester waits for the REP to an acknowledged request.
     *
     * @param disks that the request names; each estimate has its own time
     */
    public static long replyNanos(final String service, final int disks) {
        return switch (service) {
            case "sendbackup", "amindexd", "amidxtaped" -> 60 * SECOND;
            case "sendsize" -> 300 * SECOND * Math.max(1, disks);
            default -> 30 * SECOND;
        };
    }
}
