package org.amverdict.track;

import org.amverdict.amanda.Service;
import org.jspecify.annotations.Nullable;

/** Which service announced a connection, as a number for the META of a record: 0 for none, as with legacy recovery. */
final class AnnouncedBy {
    /** What the bits in a record may hold. */
    static final int MAX = 15;

    private static final Service[] SERVICES = Service.values();

    private AnnouncedBy() {}

    static int of(final @Nullable Service service) {
        return service == null ? 0 : service.ordinal() + 1;
    }

    /** Null for none, and for a number that no service has. */
    static @Nullable Service service(final int announcedBy) {
        return announcedBy == 0 || announcedBy > SERVICES.length ? null : SERVICES[announcedBy - 1];
    }
}
