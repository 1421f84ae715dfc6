package org.amverdict.host;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.packet.IpAddress;

/**
 * Addresses of this host in its network namespace, from /proc/net/fib_trie (lines {@code |-- ADDRESS}, then
 * {@code /32 host LOCAL}) and /proc/net/if_inet6 (32 hexadecimal digits first). Immutable.
 */
public final class LocalAddresses {
    private static final int LINES_MAX = 100_000;
    private static final int INET6_DIGITS = 32;
    private static final int GROUP_DIGITS = 4;

    private final List<IpAddress> addresses;

    private LocalAddresses(final List<IpAddress> addresses) {
        this.addresses = List.copyOf(addresses);
    }

    public static LocalAddresses of(final Host host) {
        final List<IpAddress> found = new ArrayList<>();
        String leaf = "";
        for (final String line : host.read("/proc/net/fib_trie")
                .orEmpty()
                .lines()
                .limit(LINES_MAX)
                .toList()) {
            final String words = line.strip();
            if (words.startsWith("|-- ")) {
                leaf = words.substring("|-- ".length());
            } else if (words.startsWith("/32 host LOCAL")) {
                add(leaf, found);
            }
        }
        for (final String line : host.read("/proc/net/if_inet6")
                .orEmpty()
                .lines()
                .limit(LINES_MAX)
                .toList()) {
            if (line.length() > INET6_DIGITS) {
                final StringBuilder text = new StringBuilder();
                for (int i = 0; i < INET6_DIGITS; i += GROUP_DIGITS) {
                    text.append(i == 0 ? "" : ":").append(line, i, i + GROUP_DIGITS);
                }
                add(text.toString(), found);
            }
        }
        return new LocalAddresses(found.stream().distinct().toList());
    }

    private static void add(final String text, final List<IpAddress> found) {
        final IpAddress address = IpAddress.parse(text);
        if (address != null) {
            found.add(address);
        }
    }

    public boolean contains(final IpAddress address) {
        return addresses.contains(address);
    }

    /** All of them. */
    public List<IpAddress> all() {
        return addresses;
    }
}
