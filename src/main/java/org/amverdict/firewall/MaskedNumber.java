package org.amverdict.firewall;

import org.jspecify.annotations.Nullable;

/**
 * A mark with its mask, as iptables prints it: "0x1/0xff", or without a mask. Immutable.
 *
 * @param value 32 bits
 * @param mask 32 bits; all if none was printed
 */
record MaskedNumber(long value, long mask) {
    /** Null if the text is no such number. */
    static @Nullable MaskedNumber parse(final String text) {
        final String[] parts = text.split("/", -1);
        final Long value = number(parts[0]);
        final Long mask = parts.length > 1 ? number(parts[1]) : Long.valueOf(Bits.ALL);
        return value == null || mask == null || parts.length > 2 ? null : new MaskedNumber(value, mask);
    }

    private static @Nullable Long number(final String text) {
        return text.matches("0x[0-9a-fA-F]{1,8}|[0-9]{1,10}") ? Long.decode(text) : null;
    }
}
