package org.amverdict.probe;

/**
 * What came of a probe. Immutable.
 *
 * @param outcome how it ended
 * @param elapsedMs from the first request to the answer, or to the end
 * @param text what the client said, or what the kernel said; empty if nothing
 */
public record ProbeResult(Outcome outcome, long elapsedMs, String text) {
    /** How a probe ended. */
    public enum Outcome {
        /** A REP to the request: the path holds in both directions, and the client lets this host ask. */
        ANSWERED(true),
        /** The client refuses this host, in a NAK or in its REP; the path holds. */
        REFUSED(false),
        /** It acknowledged the request and sent no REP: one of two answers is lost on the way. */
        ACKNOWLEDGED(false),
        /** The answer came from another address than the one that was asked. */
        OTHER_ADDRESS(false),
        /** Nothing listens on the port; the client itself says so. */
        NOBODY_LISTENS(false),
        /** A router or the client's filter says that the packet may not pass, or that there is no way. */
        UNREACHABLE(false),
        /** Something answers that is not Amanda. */
        NOT_AMANDA(false),
        /** Nothing came back. */
        SILENT(false);

        private final boolean good;

        Outcome(final boolean good) {
            this.good = good;
        }

        /** Whether a backup can begin. */
        public boolean good() {
            return good;
        }
    }
}
