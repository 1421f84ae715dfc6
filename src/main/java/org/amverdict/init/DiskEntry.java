package org.amverdict.init;

import java.util.Locale;

/**
 * One entry of Amanda's disk list, as far as the network sees it. Immutable.
 *
 * @param host as the entry names it
 * @param auth in small letters; empty if the source does not say
 * @param clientPort {@code client-port} of the entry; empty for the usual one
 * @param ignored whether Amanda skips the entry
 */
record DiskEntry(String host, String auth, String clientPort, boolean ignored) {
    DiskEntry {
        auth = auth.toLowerCase(Locale.ROOT);
    }
}
