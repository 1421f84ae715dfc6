package org.amverdict.state;

/** A state file cannot be used. The message is for the operator and names the file. */
public final class StateException extends Exception {
    private static final long serialVersionUID = 1L;

    StateException(final String message) {
        super(message);
    }
}
