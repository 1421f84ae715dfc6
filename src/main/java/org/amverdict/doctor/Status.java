package org.amverdict.doctor;

/** How a check ended; the later one outweighs the earlier ones. */
public enum Status {
    /** As it should be. */
    OK("ok"),
    /** It could not be checked, which says nothing about the host. */
    UNKNOWN("unknown"),
    /** It works, but not as it should, or not always. */
    WARNING("warning"),
    /** Backups fail, or packets pass unjudged. */
    FAULT("fault");

    private final String label;

    Status(final String label) {
        this.label = label;
    }

    /** Name in reports. */
    public String label() {
        return label;
    }

    /** The worse of the two. */
    Status worse(final Status other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
