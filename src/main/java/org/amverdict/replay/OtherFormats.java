package org.amverdict.replay;

import java.util.HexFormat;

/** Files that are no pcap or pcapng, by their first four bytes: what they are and how to make a pcap of them. Stateless. */
final class OtherFormats {
    private static final String CONVERT = ": convert it with editcap -F pcap FILE NEW (Wireshark's tools)";
    private static final String UNPACK = ": unpack it first";

    private static final int GZIP = 0x1f8b;
    private static final int BZIP2 = 0x425a68;

    private OtherFormats() {}

    /** What a file that starts with these bytes, most significant first, is and what to do with it. */
    static String explain(final int magic) {
        if (magic >>> 16 == GZIP || magic >>> 8 == BZIP2) {
            return "the file is compressed" + UNPACK;
        }
        if (magic == ClassicPcap.MAGIC_MODIFIED || Integer.reverseBytes(magic) == ClassicPcap.MAGIC_MODIFIED) {
            return "the modified pcap format of old Linux: convert it with editcap -F pcap";
        }
        return switch (magic) {
            case 0x28b52ffd, 0xfd377a58, 0x04224d18 -> "the file is compressed" + UNPACK; // zstd, xz, lz4
            case 0x736e6f6f -> "a Solaris snoop capture" + CONVERT; // "snoo", RFC 1761
            case 0x69707472 -> "an AIX iptrace capture" + CONVERT; // "iptr"
            case 0x474d4255, 0x52545353 -> "a Microsoft Network Monitor capture" + CONVERT; // "GMBU", "RTSS"
            case 0x5452534e -> "a Sniffer capture" + CONVERT; // "TRSN"
            default ->
                isText(magic)
                        ? "the file is text, not a capture: write one with tcpdump -s 0 -w FILE"
                        : "neither pcap nor pcapng: it starts with "
                                + HexFormat.of().toHexDigits(magic);
        };
    }

    private static boolean isText(final int magic) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            final int character = magic >>> shift & 0xff;
            final boolean space = character == '\t' || character == '\n' || character == '\r';
            if (!space && (character < ' ' || character > '~')) {
                return false;
            }
        }
        return true;
    }
}
