package org.amverdict.events;

import java.time.Instant;
import org.amverdict.json.JsonLine;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * Fields that the event log and {@code replay --json} share. The flat ones are named as in Suricata's EVE. Stateless;
 * any thread.
 */
public final class EventFields {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final int MILLI_DIGITS = 3;

    private EventFields() {}

    /**
     * Source and destination.
     *
     * @param ports whether the packet has any
     */
    public static void addEnds(final JsonLine line, final Ends ends, final int protocol, final boolean ports) {
        line.add("src_ip", ends.source().toString());
        if (ports) {
            line.add("src_port", ends.sourcePort());
        }
        line.add("dest_ip", ends.destination().toString());
        if (ports) {
            line.add("dest_port", ends.destinationPort());
        }
        line.add("proto", protocolName(protocol));
    }

    /** The {@code amanda} object, unless nothing is known. The line escapes text from the wire. */
    public static void addAmanda(
            final JsonLine line,
            final @Nullable String type,
            final @Nullable String handle,
            final @Nullable String sequence,
            final @Nullable String service,
            final @Nullable String stream) {
        if (type == null && service == null && stream == null) {
            return;
        }
        line.openObject("amanda");
        addUnlessNull(line, "type", type);
        addUnlessNull(line, "handle", handle);
        addUnlessNull(line, "seq", sequence);
        addUnlessNull(line, "service", service);
        addUnlessNull(line, "stream", stream);
        line.closeObject();
    }

    private static void addUnlessNull(final JsonLine line, final String key, final @Nullable String value) {
        if (value != null) {
            line.add(key, value);
        }
    }

    /** One element of {@code opens}. */
    public static void addOpened(final JsonLine line, final String stream, final int port) {
        line.openElement().add("stream", stream).add("port", port).closeObject();
    }

    /** Text from the wire, printable: other characters as backslash, x and two digits. */
    public static String escaped(final String text) {
        final StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            if (c >= ' ' && c <= '~' && c != '\\') {
                out.append(c);
            } else {
                out.append("\\x").append(Character.forDigit(c >> 4 & 0xf, 16)).append(Character.forDigit(c & 0xf, 16));
            }
        }
        return out.toString();
    }

    /** TCP, UDP, ICMP, IPv6-ICMP or a number. */
    public static String protocolName(final int protocol) {
        return switch (protocol) {
            case PacketView.PROTOCOL_TCP -> "TCP";
            case PacketView.PROTOCOL_UDP -> "UDP";
            case PacketView.PROTOCOL_ICMP -> "ICMP";
            case PacketView.PROTOCOL_ICMPV6 -> "IPv6-ICMP";
            default -> Integer.toString(protocol);
        };
    }

    /** RFC 3339 in UTC with milliseconds. */
    static String timestamp(final long epochNanos) {
        final String second = Instant.ofEpochSecond(Math.floorDiv(epochNanos, NANOS_PER_SECOND))
                .toString();
        final String millis = Long.toString(Math.floorMod(epochNanos, NANOS_PER_SECOND) / NANOS_PER_MILLI);
        return second.substring(0, second.length() - 1) + "." + "0".repeat(MILLI_DIGITS - millis.length()) + millis
                + "Z";
    }

    /** Seconds with milliseconds, as JSON has numbers. */
    public static String seconds(final long nanos) {
        final long millis = nanos / NANOS_PER_MILLI;
        final String rest = Long.toString(millis % 1000);
        return millis / 1000 + "." + "0".repeat(MILLI_DIGITS - rest.length()) + rest;
    }
}
