package org.amverdict.policy;

/**
 * One address or one CIDR prefix. Immutable. For construction and reports; look-ups go through {@link HostSet} and
 * {@link Policy}.
 *
 * @param high upper half of the first address
 * @param low lower half of the first address; IPv4 is {@code ::ffff:a.b.c.d}
 * @param bits length of the prefix as IPv6, 0 to 128; an IPv4 prefix of n bits has 96 + n
 */
public record HostPrefix(long high, long low, int bits) implements Comparable<HostPrefix> {
    private static final int IPV4_BITS = 96;

    /** The last address is derived, so a prefix with bits set behind its length is refused. */
    public HostPrefix {
        if (bits < 0 || bits > 128) {
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
        final long[] address = AddressText.parse(addressText);
        if (address == null) {
            throw new IllegalArgumentException(notAnAddress(addressText));
        }
        final boolean ipv4 = AddressText.isIpv4(address[0], address[1]);
        if (ipv4 && addressText.indexOf(':') >= 0) {
            throw new IllegalArgumentException("'" + addressText + "' is an IPv4 address in IPv6 notation; write "
                    + AddressText.format(address[0], address[1]));
        }
        final int family = ipv4 ? 32 : 128;
        final int length = slash < 0 ? family : parseLength(text.substring(slash + 1), family);
        final int bits = 128 - family + length;
        final long high = address[0] & highMask(bits);
        final long low = address[1] & lowMask(bits);
        if (high != address[0] || low != address[1]) {
            throw new IllegalArgumentException("'" + text + "' has host bits set; write "
                    + AddressText.format(high, low) + "/" + length + " for the network or "
                    + AddressText.format(address[0], address[1]) + " for the one host");
        }
        final HostPrefix prefix = new HostPrefix(high, low, bits);
        prefix.refuseUnusable(text);
        return prefix;
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
        if (bits == 128 && high == 0 && (low == 0 || low == AddressText.MAPPED_PREFIX)) {
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
        return bits >= IPV4_BITS && AddressText.isIpv4(high, low);
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
                && (isIpv4() || !AddressText.isIpv4(addressHigh, addressLow));
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
        final String address = AddressText.format(high, low);
        return bits == 128 ? address : address + "/" + length();
    }

    private static long highMask(final int bits) {
        return bits >= 64 ? -1L : bits == 0 ? 0 : -1L << (64 - bits);
    }

    private static long lowMask(final int bits) {
        return bits >= 128 ? -1L : bits <= 64 ? 0 : -1L << (128 - bits);
    }
}
