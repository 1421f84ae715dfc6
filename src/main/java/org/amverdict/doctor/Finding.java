package org.amverdict.doctor;

/**
 * One thing that a check found. Immutable.
 *
 * @param status how bad it is
 * @param message what was seen
 * @param remedy what to do, a command to paste where there is one; empty when there is nothing to do
 */
public record Finding(Status status, String message, String remedy) {
    static Finding ok(final String message) {
        return new Finding(Status.OK, message, "");
    }

    public static Finding unknown(final String message, final String remedy) {
        return new Finding(Status.UNKNOWN, message, remedy);
    }

    static Finding warning(final String message, final String remedy) {
        return new Finding(Status.WARNING, message, remedy);
    }

    static Finding fault(final String message, final String remedy) {
        return new Finding(Status.FAULT, message, remedy);
    }
}
