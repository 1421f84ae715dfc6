package org.amverdict.rules;

import org.amverdict.host.ToolException;

/** A rule set cannot be made or changed. The message is for the operator and says what to do. */
public final class RulesException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Cause why;

    /** Why. */
    public enum Cause {
        /** The configuration does not fit the requested rules. */
        UNSUITABLE,
        /** A program or a part of the kernel is missing. */
        UNAVAILABLE,
        /** Needs root or CAP_NET_ADMIN. */
        NOT_PERMITTED,
        /** The tool refused for another reason. */
        FAILED
    }

    public RulesException(final Cause why, final String message) {
        super(message);
        this.why = why;
    }

    /** The tool's error, for the same reason. */
    RulesException(final ToolException e) {
        super(e.getMessage(), e);
        why = switch (e.why()) {
            case UNAVAILABLE -> Cause.UNAVAILABLE;
            case NOT_PERMITTED -> Cause.NOT_PERMITTED;
            case FAILED -> Cause.FAILED;
        };
    }

    /** Why. */
    public Cause why() {
        return why;
    }
}
