package org.amverdict.firewall;

import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of a rule, in every form that the tools print: one address, a prefix, a mask whose bits need not be
 * contiguous, or a range. Multicast and all others count too: other people's rules name what they like. Immutable.
 *
 * @param ipv4 their family
 * @param first lowest address, or the address that is compared under the mask
 * @param last highest address of a range, or the mask
 * @param range whether it is a range
 */
record AddressPattern(boolean ipv4, IpAddress first, IpAddress last, boolean range) {
    private static final int IPV4_BITS = 96;
    private static final int BITS = 128;
    private static final IpAddress ALL = new IpAddress(-1, -1);

    /** "192.0.2.7", "192.0.2.0/24", "10.0.0.1/255.0.0.255", "2001:db8::1-2001:db8::9"; null if it is none of these. */
    static @Nullable AddressPattern parse(final String text) {
        final int dash = text.indexOf('-');
        if (dash >= 0) {
            return range(text.substring(0, dash), text.substring(dash + 1));
        }
        final int slash = text.indexOf('/');
        if (slash >= 0) {
            return masked(text.substring(0, slash), text.substring(slash + 1));
        }
        final IpAddress one = IpAddress.parse(text);
        return one == null ? null : new AddressPattern(isIpv4(text), one, ALL, false);
    }

    static @Nullable AddressPattern range(final String from, final String to) {
        final IpAddress first = IpAddress.parse(from);
        final IpAddress last = IpAddress.parse(to);
        return first == null || last == null || isIpv4(from) != isIpv4(to)
                ? null
                : new AddressPattern(isIpv4(from), first, last, true);
    }

    /** A mapped address, such as {@code ::ffff:0.0.0.0/96} in firewalld's rules, is one of IPv6. */
    private static boolean isIpv4(final String text) {
        return !text.contains(":");
    }

    private static @Nullable AddressPattern masked(final String text, final String mask) {
        final IpAddress address = IpAddress.parse(text);
        if (address == null) {
            return null;
        }
        final boolean ipv4 = isIpv4(text);
        final IpAddress bits =
                mask.matches("[0-9]{1,3}") ? prefix(Integer.parseInt(mask) + (ipv4 ? IPV4_BITS : 0)) : mask(mask, ipv4);
        return bits == null ? null : new AddressPattern(ipv4, address, bits, false);
    }

    private static @Nullable IpAddress mask(final String text, final boolean ipv4) {
        final IpAddress mask = IpAddress.parse(text);
        if (mask == null || isIpv4(text) != ipv4) {
            return null;
        }
        return ipv4 ? new IpAddress(-1, mask.low() | 0xffff_ffff_0000_0000L) : mask;
    }

    private static @Nullable IpAddress prefix(final int bits) {
        if (bits > BITS) {
            return null;
        }
        final long high = bits >= Long.SIZE ? -1 : bits == 0 ? 0 : -1L << (Long.SIZE - bits);
        final long low = bits <= Long.SIZE ? 0 : -1L << (BITS - bits);
        return new IpAddress(high, low);
    }

    /** Whether an address of the prefix is one of these; PERHAPS if that holds for some of them only. */
    Certainty has(final HostPrefix hosts) {
        if (hosts.isIpv4() != ipv4) {
            return Certainty.NO;
        }
        if (range) {
            final boolean begins = compare(first.high(), first.low(), hosts.lastHigh(), hosts.lastLow()) <= 0;
            final boolean ends = compare(hosts.high(), hosts.low(), last.high(), last.low()) <= 0;
            final boolean begunBefore = compare(first.high(), first.low(), hosts.high(), hosts.low()) <= 0;
            final boolean endsBehind = compare(hosts.lastHigh(), hosts.lastLow(), last.high(), last.low()) <= 0;
            return Certainty.of(begins && ends).butPerhapsNot(!(begunBefore && endsBehind));
        }
        // Bits in which the hosts of the prefix differ.
        final long highVaries = hosts.high() ^ hosts.lastHigh();
        final long lowVaries = hosts.low() ^ hosts.lastLow();
        final boolean differs = ((hosts.high() ^ first.high()) & last.high() & ~highVaries) != 0
                || ((hosts.low() ^ first.low()) & last.low() & ~lowVaries) != 0;
        return Certainty.of(!differs).butPerhapsNot((last.high() & highVaries) != 0 || (last.low() & lowVaries) != 0);
    }

    private static int compare(final long high, final long low, final long otherHigh, final long otherLow) {
        final int halves = Long.compareUnsigned(high, otherHigh);
        return halves != 0 ? halves : Long.compareUnsigned(low, otherLow);
    }
}
