package org.amverdict.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.jspecify.annotations.Nullable;

/** Finds sets of hosts that are larger than any site: with them, a line allows what nobody meant. Stateless. */
final class WideHosts {
    /** The widest first. RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
    private static final Map<HostPrefix, String> RANGES = new LinkedHashMap<>();

    private static final int ADDRESS_BITS = 128;

    static {
        range("0.0.0.0/0", "every IPv4 host");
        range("::/0", "every IPv6 host");
        range("2000::/3", "every public IPv6 host");
        range("10.0.0.0/8", "a whole private range");
        range("172.16.0.0/12", "a whole private range");
        range("192.168.0.0/16", "a whole private range");
        range("100.64.0.0/10", "a whole shared range");
        range("169.254.0.0/16", "all link-local addresses");
        range("fc00::/7", "a whole private range");
        range("fd00::/8", "a whole private range");
        range("fe80::/10", "all link-local addresses");
    }

    private WideHosts() {}

    private static void range(final String prefix, final String meaning) {
        RANGES.put(HostPrefix.parse(prefix), meaning);
    }

    /** The widest range of which the hosts are all, in one prefix or several, in words; null if there is none. */
    static @Nullable String rangeIn(final HostSet hosts) {
        for (final Map.Entry<HostPrefix, String> range : RANGES.entrySet()) {
            if (isCovered(range.getKey(), hosts.prefixes())) {
                return range.getValue() + " (" + range.getKey() + ")";
            }
        }
        return null;
    }

    /** Halves the range until each part lies in one prefix or holds none; as deep as the longest prefix is long. */
    private static boolean isCovered(final HostPrefix range, final List<HostPrefix> prefixes) {
        if (prefixes.stream().anyMatch(prefix -> prefix.contains(range))) {
            return true;
        }
        final List<HostPrefix> inside =
                prefixes.stream().filter(range::contains).toList();
        if (inside.isEmpty() || range.bits() == ADDRESS_BITS) {
            return false;
        }
        return isCovered(half(range, false), inside) && isCovered(half(range, true), inside);
    }

    private static HostPrefix half(final HostPrefix range, final boolean upper) {
        final int bit = ADDRESS_BITS - 1 - range.bits();
        final long high = range.high() | (upper && bit >= Long.SIZE ? 1L << (bit - Long.SIZE) : 0);
        final long low = range.low() | (upper && bit < Long.SIZE ? 1L << bit : 0);
        return new HostPrefix(high, low, range.bits() + 1);
    }
}
