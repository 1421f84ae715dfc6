package org.amverdict.report;

import java.io.IOException;

/** There is nothing to report from; the message is for the user. */
public final class NoEventsException extends IOException {
    private static final long serialVersionUID = 1L;

    NoEventsException(final String message) {
        super(message);
    }
}
