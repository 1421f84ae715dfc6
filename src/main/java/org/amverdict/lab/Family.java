package org.amverdict.lab;

/** Address family of a trial. */
public enum Family {
    IPV4("IPv4"),
    IPV6("IPv6");

    private final String label;

    Family(final String label) {
        this.label = label;
    }

    /** Name for people. */
    public String label() {
        return label;
    }
}
