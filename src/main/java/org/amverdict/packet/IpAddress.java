package org.amverdict.packet;

import org.jspecify.annotations.Nullable;

/**
 * One address as a value, for code that is not on the packet path. IPv4 is {@code ::ffff:a.b.c.d}, so both families are
 * one type. Immutable.
 *
 * @param high upper half
 * @param low lower half
 */
public record IpAddress(long high, long low) {
    private static final long MAPPED_PREFIX = 0xffffL;

    /** The address in a text, as {@link AddressParser} reads it; null if it is not one. */
    public static @Nullable IpAddress parse(final String text) {
        final long[] address = new long[2];
        return AddressParser.parse(text, address) ? new IpAddress(address[0], address[1]) : null;
    }

    /** The IPv4 address of these 32 bits. */
    public static IpAddress ofIpv4(final int bits) {
        return new IpAddress(0, PacketView.mapped(bits));
    }

    /** Whether this is an IPv4 address. */
    public boolean isIpv4() {
        return high == 0 && low >>> Integer.SIZE == MAPPED_PREFIX;
    }

    /** The shortest usual text. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        PacketPrinter.appendAddress(text, high, low);
        return text.toString();
    }
}
