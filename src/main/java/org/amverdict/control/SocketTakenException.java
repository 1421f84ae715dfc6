package org.amverdict.control;

/** Another daemon answers at the socket; the message says so to the user. */
public final class SocketTakenException extends Exception {
    private static final long serialVersionUID = 1L;

    SocketTakenException(final String message) {
        super(message);
    }
}
