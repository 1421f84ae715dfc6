package org.amverdict.policy;

import org.amverdict.packet.IpAddress;

/**
 * One address or one CIDR prefix. Immutable. For construction and reports; look-ups go through {@link HostSet} and
 * {@link Policy}.
 *
 * @param high upper half of the first address
 * @param low lower half of the first address; IPv4 is {@code ::ffff:a.b.c.d}
 * @param bits length of the prefix as IPv6, 0 to 128; an IPv4 prefix of n bits has 96 + n
 */
public record HostPrefix(long high, long low, int bits) implements Comparable<HostPrefix> {
    /** The bits before the 32 bits of an IPv4 address in the lower half. */
    static final long MAPPED_PREFIX = 0xffff_0000_0000L;

    private static final int IPV4_BITS = 96;
    private static final int BITS_MAX = 128;

    /** The last address is derived, so a prefix with bits set past its length is refused. */
    public HostPrefix {
        if (bits < 0 || bits > BITS_MAX) {
            throw new IllegalArgumentException("a prefix has 0 to 128 bits, not " + bits);
        }
        if ((high & ~highMask(bits)) != 0 || (low & ~lowMask(bits)) != 0) {
            throw new IllegalArgumentException("bits set behind the length " + bits);
        }
    }

    /**
     * Reads "192.0.2.10", "198.51.100.0/24", "2001:db8::10" or "2001:db8::/32".
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static HostPrefix parse(final String text) {
        final int slash = text.indexOf('/');
        final String addressText = slash < 0 ? text : text.substring(0, slash);
        final IpAddress address = IpAddress.parse(addressText);
        if (address == null) {
            throw new IllegalArgumentException(notAnAddress(addressText));
        }
        final boolean ipv4 = address.isIpv4();
        if (ipv4 && addressText.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "'" + addressText + "' is an IPv4 address in IPv6 notation; write " + address);
        }
        final int family = ipv4 ? 32 : 128;
        final int length = slash < 0 ? family : parseLength(text.substring(slash + 1), family);
        final int bits = 128 - family + length;
        final IpAddress first = new IpAddress(address.high() & highMask(bits), address.low() & lowMask(bits));
        if (!first.equals(address)) {
            throw new IllegalArgumentException("'" + text + "' has host bits set; write " + first + "/" + length
                    + " for the network or " + address + " for the one host");
        }
        final HostPrefix prefix = new HostPrefix(first.high(), first.low(), bits);
        prefix.refuseUnusable(text);
        return prefix;
    }

    /** The prefix that is this one address. */
    public static HostPrefix of(final IpAddress address) {
        return new HostPrefix(address.high(), address.low(), BITS_MAX);
    }

    /**
     * Refuses an address that no host has: the unspecified one, multicast and broadcast.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static void refuseUnusable(final IpAddress address) {
        of(address).refuseUnusable(address.toString());
    }

    private static String notAnAddress(final String text) {
        if (text.indexOf('%') >= 0) {
            return "'" + text + "' has a zone; packets do not carry it, so leave it out";
        }
        if (text.matches("[0-9.]+")) {
            return "'" + text + "' is not an IPv4 address (four numbers 0-255 without leading zeros)";
        }
        if (text.indexOf(':') >= 0) {
            return "'" + text + "' is not an IPv6 address";
        }
        return "'" + text + "' is not an address; names are not looked up, so write the address";
    }

    private static int parseLength(final String text, final int family) {
        if (!text.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(text) > family) {
            throw new IllegalArgumentException("'/" + text + "' is not a prefix length (0-" + family + ")");
        }
        return Integer.parseInt(text);
    }

    private void refuseUnusable(final String text) {
        final boolean ipv4 = isIpv4();
        if (isOneHost() && high == 0 && (low == 0 || low == MAPPED_PREFIX)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is the unspecified address; write the host's address, or "
                            + (ipv4 ? "0.0.0.0/0" : "::/0") + " for every host");
        }
        if (ipv4 ? (low & 0xf000_0000L) == 0xe000_0000L && length() >= 4 : high >>> 56 == 0xff && bits >= 8) {
            throw new IllegalArgumentException("'" + text + "' is multicast; Amanda speaks host to host");
        }
        if (ipv4 && (low & 0xffff_ffffL) == 0xffff_ffffL) {
            throw new IllegalArgumentException("'" + text + "' is the broadcast address; Amanda speaks host to host");
        }
    }

    /** Is it a prefix of IPv4 addresses? */
    public boolean isIpv4() {
        return bits >= IPV4_BITS && address().isIpv4();
    }

    /** Is it one address? */
    public boolean isOneHost() {
        return bits == BITS_MAX;
    }

    /** The first address. */
    public IpAddress address() {
        return new IpAddress(high, low);
    }

    /** Length as written: 0 to 32 for IPv4, 0 to 128 for IPv6. */
    public int length() {
        return isIpv4() ? bits - IPV4_BITS : bits;
    }

    /** Upper half of the last address. */
    public long lastHigh() {
        return high | ~highMask(bits);
    }

    /** Lower half of the last address. */
    public long lastLow() {
        return low | ~lowMask(bits);
    }

    /** Is this address in the prefix? An IPv6 prefix, even {@code ::/0}, contains no IPv4 address. */
    public boolean contains(final long addressHigh, final long addressLow) {
        return (addressHigh & highMask(bits)) == high
                && (addressLow & lowMask(bits)) == low
                && (isIpv4() || !new IpAddress(addressHigh, addressLow).isIpv4());
    }

    /** Does this prefix contain every address of the other? */
    public boolean contains(final HostPrefix other) {
        return isIpv4() == other.isIpv4() && bits <= other.bits && contains(other.high, other.low);
    }

    /** By first address, unsigned, then the longer prefix last. */
    @Override
    public int compareTo(final HostPrefix other) {
        int order = Long.compareUnsigned(high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(low, other.low);
        return order != 0 ? order : Integer.compare(bits, other.bits);
    }

    /** The address, with its length unless it is one host. */
    @Override
    public String toString() {
        return isOneHost() ? address().toString() : address() + "/" + length();
    }

    private static long highMask(final int bits) {
        return bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
    }

    private static long lowMask(final int bits) {
        return bits >= 128 ? -1L : bits <= 64 ? 0 : -1L << (128 - bits);
    }
}
