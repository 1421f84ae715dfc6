package org.amverdict.engine;

import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.RequestParser;

/**
 * Reads which service a request asks for although no line allows its hosts, so that reports can say which line it would
 * need. The decision has been made, and this does not change it. Reading costs more than the decision, so a flood is not
 * read: at most {@link #READ_MAX} a window. One instance per worker.
 */
final class StrangersRequest {
    static final int READ_MAX = 100;
    static final long WINDOW_NANOS = 100_000_000;

    private final ControlMessage message;
    private final RequestParser request = new RequestParser();
    private long windowNanos;
    private int left = READ_MAX;

    StrangersRequest(final ControlMessage message) {
        this.message = message;
    }

    /** Notes the message and its service with the decision, if it is a well-formed request. */
    void note(final JudgedPacket judged) {
        if (judged.nowNanos - windowNanos >= WINDOW_NANOS) {
            windowNanos = judged.nowNanos;
            left = READ_MAX;
        }
        if (left == 0) {
            return;
        }
        left--;
        final boolean whole = !judged.packet.fragment();
        if (message.readHeader(judged)
                && message.header.type() == MessageType.REQ
                && request.parse(
                        judged.packet.buffer(), message.header.bodyOffset(), message.header.bodyLength(), whole)) {
            judged.decision.service = request.service();
        }
    }
}
