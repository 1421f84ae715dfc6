package org.amverdict.nfqueue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the calling thread may do (capabilities(7)). Any thread. */
public final class Capabilities {
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String CAPABILITIES = "CapEff:";
    private static final int CAP_NET_ADMIN = 12; // linux/capability.h
    private static final int HEXADECIMAL = 16;

    private Capabilities() {}

    /** Whether CAP_NET_ADMIN is effective; true if that cannot be determined. */
    public static boolean hasNetAdmin() {
        try {
            return hasNetAdmin(Files.readString(STATUS, StandardCharsets.US_ASCII));
        } catch (final IOException e) {
            return true;
        }
    }

    /** Whether the effective capabilities in the text of /proc/PID/status include CAP_NET_ADMIN. */
    public static boolean hasNetAdmin(final String status) {
        for (final String line : status.lines().toList()) {
            if (line.startsWith(CAPABILITIES)) {
                final String digits = line.substring(CAPABILITIES.length()).strip();
                try {
                    return (Long.parseUnsignedLong(digits, HEXADECIMAL) >>> CAP_NET_ADMIN & 1) != 0;
                } catch (final NumberFormatException e) {
                    return true; // unreadable: do not blame the privilege
                }
            }
        }
        return true;
    }
}
