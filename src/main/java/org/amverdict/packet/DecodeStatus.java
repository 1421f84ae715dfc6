package org.amverdict.packet;

/** Outcomes of checking bytes; int constants, since one is produced for each packet. Any thread. */
public final class DecodeStatus {
    /** Every check passed; the accessors of the view are valid. */
    public static final int OK = 0;
    /** The copy ends before a header that the packet has. */
    public static final int TRUNCATED = 1;
    /** Not IPv4 or IPv6, or a quoted packet of the other family. */
    public static final int BAD_VERSION = 2;
    /** IPv4 header length or TCP data offset below 5 words, or beyond the packet. */
    public static final int BAD_HEADER_LENGTH = 3;
    /** IPv4 total length or IPv6 payload length shorter than the headers or longer than the packet. */
    public static final int BAD_TOTAL_LENGTH = 4;
    /** An address that a sender or receiver of a unicast or multicast packet cannot have; or LAND. */
    public static final int BAD_ADDRESS = 5;
    /** IPv6 extension headers: too many, out of order, beyond the packet, routing type 0. */
    public static final int BAD_EXTENSION = 6;
    /** A fragment that no correct sender makes, or a first one without the whole transport header. */
    public static final int BAD_FRAGMENT = 7;
    /** UDP length field below 8 or beyond the IP payload; ICMP or UDP header cut by the IP length. */
    public static final int BAD_LENGTH = 8;
    /** UDP over IPv6 without a checksum. */
    public static final int BAD_CHECKSUM = 9;
    /** TCP flags that conntrack also calls invalid. */
    public static final int BAD_FLAGS = 10;
    /** Malformed IPv4 or IPv6 option, or IPv4 source routing. */
    public static final int BAD_OPTION = 11;
    /** Only from {@link IcmpView#decodeQuoted}: this ICMP message quotes no packet. */
    public static final int NO_QUOTE = 12;

    private static final String[] NAMES = {
        "ok",
        "truncated",
        "bad-version",
        "bad-header-length",
        "bad-total-length",
        "bad-address",
        "bad-extension",
        "bad-fragment",
        "bad-length",
        "bad-checksum",
        "bad-flags",
        "bad-option",
        "no-quote"
    };

    /** Number of codes: 0 to {@code COUNT - 1}, for arrays of counters. */
    public static final int COUNT = NAMES.length;

    private DecodeStatus() {}

    /** Name for metrics, events and replay; {@code "unknown"} for a number that is not a code. */
    public static String name(final int status) {
        return status >= 0 && status < COUNT ? NAMES[status] : "unknown";
    }
}
