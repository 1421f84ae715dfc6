package org.amverdict.amanda;

import org.jspecify.annotations.Nullable;

/**
 * The services that a requester may ask for. Sources: amandad-src/amandad.c and client-src/amandad.c of Amanda 2.3 to
 * 4.0-alpha. Which streams a service may announce is {@link StreamLists}.
 */
public enum Service {
    NOOP("noop"),
    SELFCHECK("selfcheck"),
    SENDSIZE("sendsize"),
    SENDBACKUP("sendbackup"),
    AMINDEXD("amindexd"),
    AMIDXTAPED("amidxtaped"),
    AMDUMPD("amdumpd"),
    SENDDISCOVER("senddiscover"),
    RESTORE("restore"),
    AMBACKUPD("ambackupd"),
    /** Amanda 2.4 and older. */
    SENDFSINFO("sendfsinfo"),
    /** Amanda 2.3 only. */
    SENDINDEX("sendindex");

    private final String label;

    Service(final String label) {
        this.label = label;
    }

    /** Name on the wire, in configuration, metrics and events. */
    public String label() {
        return label;
    }

    /** This service's bit in a set of services. */
    public int bit() {
        return 1 << ordinal();
    }

    /** The service with that name, or null. Not for the packet path. */
    public static @Nullable Service ofLabel(final String label) {
        for (final Service service : values()) {
            if (service.label.equals(label)) {
                return service;
            }
        }
        return null;
    }
}
