package org.amverdict.rules;

import java.math.BigInteger;
import org.amverdict.policy.HostPrefix;

/**
 * Matches on the addresses of the packet that an ICMP error quotes. Its header follows eight bytes of ICMP (RFC 792,
 * RFC 4443). Stateless.
 */
final class QuotedAddress {
    /** Destination unreachable, time exceeded, parameter problem. */
    static final int[] ERRORS4 = {3, 11, 12};
    /** Destination unreachable, packet too big, time exceeded, parameter problem. */
    static final int[] ERRORS6 = {1, 2, 3, 4};

    private static final int ICMP_HEADER = 8;
    private static final int WORD_BITS = 32;

    private QuotedAddress() {}

    /** Offset of the address in the ICMP message. */
    private static int offset(final boolean ipv4, final boolean source) {
        final int inHeader = ipv4 ? source ? 12 : 16 : source ? 8 : 24;
        return ICMP_HEADER + inHeader;
    }

    private static int word(final HostPrefix prefix, final int number) {
        if (prefix.isIpv4()) {
            return (int) prefix.low();
        }
        final long half = number < 2 ? prefix.high() : prefix.low();
        return (int) (number % 2 == 0 ? half >>> WORD_BITS : half);
    }

    /** Match of xt_u32: 32-bit words at offsets from the IP header. Empty for a prefix of length 0. */
    static String u32(final HostPrefix prefix, final boolean source) {
        final boolean ipv4 = prefix.isIpv4();
        final StringBuilder tests = new StringBuilder();
        for (int number = 0, left = prefix.length(); left > 0; number++, left -= WORD_BITS) {
            final int at = offset(ipv4, source) + number * Integer.BYTES;
            tests.append(tests.length() == 0 ? "" : "&&");
            // The IPv4 header gives its length in words; the IPv6 header is 40 bytes, extension headers are ignored.
            tests.append(ipv4 ? "0x0>>0x16&0x3c@" : "").append(hex(ipv4 ? at : at + 40));
            if (left < WORD_BITS) {
                tests.append('&').append(hex(-1 << (WORD_BITS - left)));
            }
            tests.append('=').append(hex(word(prefix, number)));
        }
        return tests.length() == 0 ? "" : "-m u32 --u32 \"" + tests + "\" ";
    }

    /** Match of nft: the first bits of the address, from the ICMP header. Empty for a prefix of length 0. */
    static String payload(final HostPrefix prefix, final boolean source) {
        final int bits = prefix.length();
        if (bits == 0) {
            return "";
        }
        final StringBuilder value = new StringBuilder();
        for (int number = 0; number * WORD_BITS < bits; number++) {
            value.append(String.format("%08x", word(prefix, number)));
        }
        final BigInteger all = new BigInteger(value.toString(), 16);
        final int surplus = value.length() * 4 - bits;
        return "@th," + offset(prefix.isIpv4(), source) * Byte.SIZE + "," + bits + " == 0x"
                + all.shiftRight(surplus).toString(16) + " ";
    }

    private static String hex(final int value) {
        return "0x" + Integer.toHexString(value);
    }
}
