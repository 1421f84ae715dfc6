package org.amverdict.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;

/**
 * Addresses of this host in its network namespace, from /proc/net/fib_trie (lines {@code |-- ADDRESS}, then
 * {@code /32 host LOCAL}) and /proc/net/if_inet6 (32 hexadecimal digits first). Immutable.
 */
public final class LocalAddresses {
    private static final int LINES_MAX = 100_000;
    private static final int INET6_DIGITS = 32;
    private static final int GROUP_DIGITS = 4;

    private final List<HostPrefix> addresses;

    private LocalAddresses(final List<HostPrefix> addresses) {
        this.addresses = List.copyOf(addresses);
    }

    public static LocalAddresses of(final Host host) {
        final List<HostPrefix> found = new ArrayList<>();
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

    private static void add(final String text, final List<HostPrefix> found) {
        try {
            found.add(HostPrefix.parse(text));
        } catch (final IllegalArgumentException e) {
            // Not a host address.
        }
    }

    public boolean contains(final HostPrefix address) {
        return addresses.contains(address);
    }

    /** All of them. */
    public List<HostPrefix> all() {
        return addresses;
    }

    /** An address of this host that is in the set. */
    public Optional<HostPrefix> in(final HostSet hosts, final boolean ipv4) {
        return addresses.stream()
                .filter(address -> address.isIpv4() == ipv4 && hosts.contains(address.high(), address.low()))
                .findFirst();
    }

    /** An address of another host that is in the set; not the first of a prefix, which may be the network's own. */
    public Optional<HostPrefix> outside(final HostSet hosts, final boolean ipv4) {
        for (final HostPrefix prefix : hosts.prefixes()) {
            if (prefix.isIpv4() != ipv4) {
                continue;
            }
            final long last = prefix.lastLow() - prefix.low();
            for (long i = last == 0 ? 0 : 1; i <= Math.min(Long.remainderUnsigned(last, 1L << 16), LINES_MAX); i++) {
                final HostPrefix one = new HostPrefix(prefix.high(), prefix.low() + i, 128);
                if (!contains(one)) {
                    return Optional.of(one);
                }
            }
        }
        return Optional.empty();
    }
}
