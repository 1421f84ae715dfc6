package org.amverdict.packet;

/** Strict textual IP addresses: never a name, never DNS, no zone, no octal. Any thread; not for the packet path. */
public final class AddressParser {
    private static final int GROUPS = 8;
    private static final int TEXT_MAX = 45; // six groups and an embedded IPv4 address

    private AddressParser() {}

    /**
     * Parses dotted IPv4 (four decimal numbers without leading zeros) or IPv6 (RFC 4291 2.2, at most one "::", embedded
     * dotted IPv4 at the end allowed).
     *
     * @param text the address and nothing else
     * @param highLow takes the upper half at 0 and the lower at 1, in the form of {@link PacketView#sourceHigh}; left
     *     alone if the text is not an address
     * @return whether it is an address
     */
    public static boolean parse(final CharSequence text, final long[] highLow) {
        final int length = text.length();
        if (length > TEXT_MAX) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) == ':') {
                return parseIpv6(text, highLow);
            }
        }
        final long ipv4 = parseIpv4(text, 0);
        if (ipv4 < 0) {
            return false;
        }
        highLow[0] = 0;
        highLow[1] = PacketView.mapped((int) ipv4);
        return true;
    }

    /** Parses from {@code start} to the end of the text; -1 if that is not a dotted address. */
    private static long parseIpv4(final CharSequence text, final int start) {
        long address = 0;
        int at = start;
        for (int part = 0; part < 4; part++) {
            if (part > 0) {
                if (at >= text.length() || text.charAt(at) != '.') {
                    return -1;
                }
                at++;
            }
            final int first = at;
            int value = 0;
            while (at < text.length() && at - first < 3 && isDecimal(text.charAt(at))) {
                value = value * 10 + (text.charAt(at) - '0');
                at++;
            }
            final int digits = at - first;
            if (digits == 0 || value > 255 || (digits > 1 && text.charAt(first) == '0')) {
                return -1;
            }
            address = address << 8 | value;
        }
        return at == text.length() ? address : -1;
    }

    private static boolean parseIpv6(final CharSequence text, final long[] highLow) {
        final int[] groups = new int[GROUPS];
        final int length = text.length();
        int count = 0;
        int gap = -1;
        int at = 0;
        while (at < length) {
            if (text.charAt(at) == ':') {
                // a "::"; a lone colon here starts the text or follows a group's own colon
                if (gap >= 0 || at + 1 >= length || text.charAt(at + 1) != ':') {
                    return false;
                }
                gap = count;
                at += 2;
                continue;
            }
            if (count == GROUPS) {
                return false;
            }
            final int end = hexEnd(text, at);
            if (end < length && text.charAt(end) == '.') {
                final long ipv4 = count <= GROUPS - 2 ? parseIpv4(text, at) : -1;
                if (ipv4 < 0) {
                    return false;
                }
                groups[count++] = (int) (ipv4 >>> 16);
                groups[count++] = (int) (ipv4 & 0xffff);
                at = length;
                continue;
            }
            if (end == at || end - at > 4) {
                return false;
            }
            groups[count++] = Integer.parseInt(text, at, end, 16);
            at = end;
            if (at < length) {
                // one colon and then a group, or the start of "::" which the next round takes
                if (text.charAt(at) != ':' || at + 1 == length) {
                    return false;
                }
                if (text.charAt(at + 1) != ':') {
                    at++;
                }
            }
        }
        return place(groups, count, gap, highLow);
    }

    private static boolean place(final int[] groups, final int count, final int gap, final long[] highLow) {
        if (gap < 0 ? count != GROUPS : count == GROUPS) {
            return false;
        }
        final long[] halves = new long[2];
        for (int i = 0; i < count; i++) {
            final int slot = gap >= 0 && i >= gap ? i + GROUPS - count : i;
            halves[slot / 4] |= (long) groups[i] << (48 - slot % 4 * 16);
        }
        highLow[0] = halves[0];
        highLow[1] = halves[1];
        return true;
    }

    private static int hexEnd(final CharSequence text, final int start) {
        int at = start;
        while (at < text.length() && isHex(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isDecimal(final char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(final char c) {
        return isDecimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}
