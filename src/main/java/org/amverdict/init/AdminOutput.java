package org.amverdict.init;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code amadmin CONFIG disklist} prints: for each entry its host, its disk and all options of its dump type,
 * indented. Seen in Amanda 3.5.1; older ones print the options in small letters and without quotes. Stateless.
 *
 * <pre>
 * line 1 (/etc/amanda/daily/disklist):
 *     host client.example:
 *         interface default
 *     disk /home:
 *         AUTH                "bsd"
 *         CLIENT-PORT         ""
 *         IGNORE              no
 * </pre>
 */
final class AdminOutput {
    private static final String HOST = "host ";

    private AdminOutput() {}

    static List<DiskEntry> read(final String text) {
        final List<DiskEntry> entries = new ArrayList<>();
        String host = "";
        String auth = "";
        String port = "";
        boolean ignored = false;
        for (final String raw : text.split("\n", -1)) {
            final String line = raw.strip();
            if (isHost(raw)) {
                add(entries, host, auth, port, ignored);
                host = line.substring(HOST.length(), line.length() - 1);
                auth = "";
                port = "";
                ignored = false;
                continue;
            }
            final String[] words = line.split("\\s+", 2);
            final String value = words.length < 2 ? "" : unquoted(words[1]);
            switch (words[0].toLowerCase(Locale.ROOT)) {
                case "auth" -> auth = value;
                case "client-port" -> port = value;
                case "ignore" -> ignored = value.equalsIgnoreCase("yes");
                default -> {}
            }
        }
        add(entries, host, auth, port, ignored);
        return entries;
    }

    /** The name of a disk could look like an option, but not stand as far to the left as a host. */
    private static boolean isHost(final String line) {
        return line.matches("(\t| {1,4})host [^ ]+:");
    }

    private static void add(
            final List<DiskEntry> entries,
            final String host,
            final String auth,
            final String port,
            final boolean ignored) {
        if (!host.isEmpty()) {
            entries.add(new DiskEntry(host, auth, port, ignored));
        }
    }

    static String unquoted(final String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
