package org.amverdict.control;

/** A command could not be given to the daemon, or the daemon refused it; the message is for the user. */
public final class ControlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What went wrong. */
    public enum Kind {
        /** There is no answer at the socket. */
        NOT_RUNNING,
        /** This user may not use the socket. */
        NO_PERMISSION,
        /** The daemon answered with an error. */
        REFUSED,
        /** The daemon stopped or takes too long. */
        BROKEN
    }

    ControlException(final Kind kind, final String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
