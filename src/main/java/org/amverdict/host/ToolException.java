package org.amverdict.host;

/** A tool of the host failed. The message is for the operator and says what to do. */
public final class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Cause why;

    /** Why. */
    public enum Cause {
        /** A program or a part of the kernel is missing. */
        UNAVAILABLE,
        /** Needs root or CAP_NET_ADMIN. */
        NOT_PERMITTED,
        /** The tool refused for another reason, or did not end in time. */
        FAILED
    }

    /** With a message for the operator. */
    public ToolException(final Cause why, final String message) {
        super(message);
        this.why = why;
    }

    /** Why. */
    public Cause why() {
        return why;
    }
}
