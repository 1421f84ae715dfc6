package org.amverdict.nfqueue.ffi;

import java.util.Objects;

/**
 * A native call failed for a reason in the environment: a missing library or privilege, a queue that is taken, a closed
 * descriptor. The message names the operation, the error, and what to do. Never thrown for the contents of a packet.
 */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String operation;
    private final int errno;
    private final String hint;

    /**
     * @param operation what was tried, e.g. {@code bind queue 5}
     * @param errno the error number, or 0 if there is none
     * @param hint why it may have failed and what to do; may be empty
     */
    public NativeException(final String operation, final int errno, final String hint) {
        super(operation
                + (errno == 0 ? "" : ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")")
                + (hint.isEmpty() ? "" : ": " + hint));
        this.operation = operation;
        this.errno = errno;
        this.hint = hint;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNullElse(super.getMessage(), operation);
    }

    public String operation() {
        return operation;
    }

    /** See {@link Errno}; 0 if the failure has no error number. */
    public int errno() {
        return errno;
    }

    public String hint() {
        return hint;
    }
}
