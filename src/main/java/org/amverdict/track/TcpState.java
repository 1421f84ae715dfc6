package org.amverdict.track;

/**
 * The states of a TCP connection as an observer in the middle knows them, RFC 9293, and how long each may be silent.
 */
final class TcpState {
    static final int SYN_SENT = 0;
    static final int SYN_RECEIVED = 1;
    static final int ESTABLISHED = 2;
    /** One side has sent its FIN; the other may go on sending for as long as it likes. */
    static final int HALF_CLOSED_BY_ORIGINATOR = 3;

    static final int HALF_CLOSED_BY_RESPONDER = 4;
    static final int CLOSING = 5;
    static final int RESET = 6;
    /** Never kept: such a flow is forgotten at once. */
    static final int REFUSED = 7;

    /** With a state from {@link TcpTracker#next}: the packet restarts the full timeout of that state. */
    static final int RENEWS = 8;

    /** The bits of a state in the result of {@link TcpTracker#next}. */
    static final int STATE_MASK = 7;

    private static final long SECOND = 1_000_000_000L;
    static final long SYN_TIMEOUT_NANOS = 120 * SECOND;
    private static final long CLOSING_TIMEOUT_NANOS = 120 * SECOND;
    private static final long RESET_TIMEOUT_NANOS = 10 * SECOND;

    private TcpState() {}

    /** The state after that side closes its half. */
    static int closedBy(final int state, final boolean responder) {
        final int closedByOther = responder ? HALF_CLOSED_BY_ORIGINATOR : HALF_CLOSED_BY_RESPONDER;
        if (state == closedByOther || state == CLOSING) {
            return CLOSING;
        }
        return state == RESET ? RESET : responder ? HALF_CLOSED_BY_RESPONDER : HALF_CLOSED_BY_ORIGINATOR;
    }

    /** The state of a flow that one worker has just brought to the first state while another finds the second. */
    static int merged(final int first, final int second) {
        final boolean bothClosed = (first == HALF_CLOSED_BY_ORIGINATOR && second == HALF_CLOSED_BY_RESPONDER)
                || (first == HALF_CLOSED_BY_RESPONDER && second == HALF_CLOSED_BY_ORIGINATOR);
        return bothClosed ? CLOSING : first;
    }

    /**
     * How long a flow in that state may be silent.
     *
     * @param idleNanos how long an established one may
     */
    static long timeoutNanos(final int state, final long idleNanos) {
        return switch (state) {
            case SYN_SENT, SYN_RECEIVED -> SYN_TIMEOUT_NANOS;
            case CLOSING -> CLOSING_TIMEOUT_NANOS;
            case RESET -> RESET_TIMEOUT_NANOS;
            default -> idleNanos;
        };
    }
}
