package org.amverdict.packet;

/** Writes addresses and packets for people: replay, events, tests. Any thread; never used to decide. */
public final class PacketPrinter {
    private static final long MAPPED_PREFIX = 0xffffL;
    private static final int GROUPS = 8;
    private static final String FLAG_LETTERS = "FSRPAUEW";

    private PacketPrinter() {}

    /** Appends dotted IPv4 for ::ffff:0:0/96 and RFC 5952 text for any other address. */
    public static void appendAddress(final StringBuilder out, final long high, final long low) {
        if (high == 0 && low >>> 32 == MAPPED_PREFIX) {
            for (int shift = 24; shift >= 0; shift -= 8) {
                out.append(low >>> shift & 0xff).append(shift == 0 ? "" : ".");
            }
            return;
        }
        final int gapStart = gapStart(high, low);
        final int gapEnd = gapStart < 0 ? -1 : zerosEnd(high, low, gapStart);
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                out.append("::");
                i = gapEnd - 1;
                continue;
            }
            if (i > 0 && i != gapEnd) {
                out.append(':');
            }
            out.append(Integer.toHexString(group(high, low, i)));
        }
    }

    /**
     * Appends one line without line end: protocol, addresses and ports, TCP flags or ICMP type and what an error
     * quotes, if that was decoded too, payload length. Only for a packet that was decoded with {@link DecodeStatus#OK}.
     */
    public static void append(final StringBuilder out, final PacketView packet) {
        final boolean later = packet.laterFragment();
        final boolean udp = packet.protocol() == PacketView.PROTOCOL_UDP;
        final boolean tcp = packet.protocol() == PacketView.PROTOCOL_TCP;
        final boolean icmp =
                packet.protocol() == (packet.ipv6() ? PacketView.PROTOCOL_ICMPV6 : PacketView.PROTOCOL_ICMP);
        appendProtocol(out, packet.protocol());
        final boolean ports = !later && (udp || tcp);
        appendEndpoint(out.append(' '), packet.sourceHigh(), packet.sourceLow(), ports ? packet.sourcePort() : -1);
        out.append(" > ");
        appendEndpoint(out, packet.destinationHigh(), packet.destinationLow(), ports ? packet.destinationPort() : -1);
        int length = packet.fragmentEndBytes() - packet.fragmentOffsetBytes();
        if (!later && tcp) {
            appendFlags(out.append(' '), packet.tcp().flags());
            length = packet.tcp().payloadLength();
        } else if (!later && udp) {
            length = packet.udp().payloadLength();
        } else if (!later && icmp) {
            out.append(" type ").append(packet.icmp().type());
            out.append(" code ").append(packet.icmp().code());
            appendQuoted(out, packet.icmp());
        }
        out.append(" len ").append(length);
        if (packet.fragment()) {
            out.append(" frag ").append(Integer.toUnsignedString(packet.fragmentIdentification()));
            out.append(" bytes ").append(packet.fragmentOffsetBytes());
            out.append('-').append(packet.fragmentEndBytes());
        }
    }

    private static void appendQuoted(final StringBuilder out, final IcmpView icmp) {
        if (icmp.quotedSourceHigh() == 0 && icmp.quotedSourceLow() == 0) {
            return;
        }
        final boolean ports =
                icmp.quotedProtocol() == PacketView.PROTOCOL_TCP || icmp.quotedProtocol() == PacketView.PROTOCOL_UDP;
        appendProtocol(out.append(" quotes "), icmp.quotedProtocol());
        out.append(' ');
        appendEndpoint(out, icmp.quotedSourceHigh(), icmp.quotedSourceLow(), ports ? icmp.quotedSourcePort() : -1);
        out.append(" > ");
        appendEndpoint(
                out,
                icmp.quotedDestinationHigh(),
                icmp.quotedDestinationLow(),
                ports ? icmp.quotedDestinationPort() : -1);
    }

    private static void appendProtocol(final StringBuilder out, final int protocol) {
        switch (protocol) {
            case PacketView.PROTOCOL_UDP -> out.append("udp");
            case PacketView.PROTOCOL_TCP -> out.append("tcp");
            case PacketView.PROTOCOL_ICMP -> out.append("icmp");
            case PacketView.PROTOCOL_ICMPV6 -> out.append("icmp6");
            default -> out.append("proto-").append(protocol);
        }
    }

    private static void appendEndpoint(final StringBuilder out, final long high, final long low, final int port) {
        if (port < 0) {
            appendAddress(out, high, low);
            return;
        }
        final boolean brackets = high != 0 || low >>> 32 != MAPPED_PREFIX;
        appendAddress(brackets ? out.append('[') : out, high, low);
        out.append(brackets ? "]:" : ":").append(port);
    }

    /** One letter for each flag from the lowest bit: S, SA, FA, R. */
    private static void appendFlags(final StringBuilder out, final int flags) {
        for (int bit = 0; bit < FLAG_LETTERS.length(); bit++) {
            if ((flags >>> bit & 1) != 0) {
                out.append(FLAG_LETTERS.charAt(bit));
            }
        }
    }

    /** First of the longest runs of at least two zero groups; -1 if there is none (RFC 5952 4.2). */
    private static int gapStart(final long high, final long low) {
        int best = -1;
        int bestLength = 1;
        int i = 0;
        while (i < GROUPS) {
            final int end = zerosEnd(high, low, i);
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
            i = Math.max(end, i + 1);
        }
        return best;
    }

    private static int zerosEnd(final long high, final long low, final int start) {
        int end = start;
        while (end < GROUPS && group(high, low, end) == 0) {
            end++;
        }
        return end;
    }

    private static int group(final long high, final long low, final int index) {
        final long half = index < 4 ? high : low;
        return (int) (half >>> (48 - (index & 3) * 16)) & 0xffff;
    }
}
