package org.amverdict.doctor;

/** Remedies that several checks share. */
final class Remedies {
    static final String AS_ROOT = "sudo amverdict doctor";

    private Remedies() {}
}
