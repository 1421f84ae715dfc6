package org.amverdict.doctor;

/** Remedies that several checks have. */
final class Remedies {
    static final String AS_ROOT = "sudo amverdict doctor";

    private Remedies() {}
}
