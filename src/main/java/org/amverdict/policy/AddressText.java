package org.amverdict.policy;

import org.amverdict.packet.AddressParser;
import org.amverdict.packet.PacketPrinter;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as values, for configuration and reports, not for the packet path: {@link AddressParser} says what text is
 * one, {@link PacketPrinter} how it is printed. In binary an address is two longs, high half first; IPv4 is
 * {@code ::ffff:a.b.c.d}.
 */
public final class AddressText {
    static final long MAPPED_PREFIX = 0xffff_0000_0000L;

    private AddressText() {}

    /** Is this an IPv4 address ({@code ::ffff:0:0/96})? */
    public static boolean isIpv4(final long high, final long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX;
    }

    /** The shortest usual text of an address. */
    public static String format(final long high, final long low) {
        final StringBuilder text = new StringBuilder();
        PacketPrinter.appendAddress(text, high, low);
        return text.toString();
    }

    /** The address as {high, low}, or null when the text is none. */
    public static long @Nullable [] parse(final String text) {
        final long[] address = new long[2];
        return AddressParser.parse(text, address) ? address : null;
    }
}
