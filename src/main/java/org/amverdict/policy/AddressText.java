package org.amverdict.policy;

import org.jspecify.annotations.Nullable;

/**
 * Addresses as text, without a resolver. IPv4 as dotted decimal without leading zeros, IPv6 as in RFC 4291 2.2; printed
 * as RFC 5952 has it. In binary an address is two longs, high half first; IPv4 is {@code ::ffff:a.b.c.d}. For
 * configuration and reports, not for the packet path.
 */
public final class AddressText {
    static final long MAPPED_PREFIX = 0xffff_0000_0000L;
    private static final int TEXT_MAX = 64;
    private static final int GROUPS = 8;

    private AddressText() {}

    /** Is this an IPv4 address ({@code ::ffff:0:0/96})? */
    public static boolean isIpv4(final long high, final long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == MAPPED_PREFIX;
    }

    /** The shortest usual text of an address. */
    public static String format(final long high, final long low) {
        if (isIpv4(high, low)) {
            return ((low >>> 24) & 0xff) + "." + ((low >>> 16) & 0xff) + "." + ((low >>> 8) & 0xff) + "."
                    + (low & 0xff);
        }
        final int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i & 3))) & 0xffff;
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > bestLength) {
                bestStart = i;
                bestLength = end - i;
            }
        }
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    /** The address as {high, low}, or null when the text is none. */
    public static long @Nullable [] parse(final String text) {
        if (text.isEmpty() || text.length() > TEXT_MAX) {
            return null;
        }
        if (text.indexOf(':') < 0) {
            final long address = parseIpv4(text);
            return address < 0 ? null : new long[] {0, MAPPED_PREFIX | address};
        }
        return parseIpv6(text);
    }

    private static long parseIpv4(final String text) {
        long address = 0;
        int parts = 0;
        int start = 0;
        while (start <= text.length()) {
            final int dot = text.indexOf('.', start);
            final int end = dot < 0 ? text.length() : dot;
            final int part = number(text, start, end, 3, 10);
            // A leading zero is octal to some programs and decimal to others, so it is refused.
            if (part < 0 || part > 255 || parts == 4 || (end - start > 1 && text.charAt(start) == '0')) {
                return -1;
            }
            address = address << 8 | part;
            parts++;
            start = end + 1;
        }
        return parts == 4 ? address : -1;
    }

    /** The digits from start to end, or -1 when there are none, too many, or other characters. */
    private static int number(final String text, final int start, final int end, final int digitsMax, final int radix) {
        if (end <= start || end - start > digitsMax) {
            return -1;
        }
        int number = 0;
        for (int i = start; i < end; i++) {
            final char c = text.charAt(i);
            final int digit = c < 128 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return -1;
            }
            number = number * radix + digit;
        }
        return number;
    }

    private static long @Nullable [] parseIpv6(final String given) {
        String text = given;
        final int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.', lastColon) > 0) {
            final long tail = parseIpv4(text.substring(lastColon + 1));
            if (tail < 0) {
                return null;
            }
            text = text.substring(0, lastColon + 1) + Long.toHexString(tail >>> 16) + ":"
                    + Long.toHexString(tail & 0xffff);
        }
        final int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return null;
        }
        final String[] head = groupsOf(gap < 0 ? text : text.substring(0, gap));
        final String[] tail = groupsOf(gap < 0 ? "" : text.substring(gap + 2));
        final int count = head.length + tail.length;
        if (gap < 0 ? count != GROUPS : count >= GROUPS) {
            return null;
        }
        final long[] address = new long[2];
        for (int i = 0; i < count; i++) {
            final String group = i < head.length ? head[i] : tail[i - head.length];
            final int value = number(group, 0, group.length(), 4, 16);
            if (value < 0) {
                return null;
            }
            final int at = i < head.length ? i : GROUPS - count + i;
            address[at >>> 2] |= (long) value << (48 - 16 * (at & 3));
        }
        return address;
    }

    private static String[] groupsOf(final String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }
}
