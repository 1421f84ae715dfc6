package org.amverdict.replay;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The captures among the test resources, whole or packet by packet. */
public final class CapturedPackets {
    /** All of them. */
    public static final List<String> CAPTURES = List.of(
            "bsd-backup-ipv6.pcap",
            "bsd-backup.pcap",
            "bsdtcp-backup.pcap",
            "bsdudp-backup-nak.pcap",
            "bsdudp-backup-noindex.pcap",
            "bsdudp-backup.pcap",
            "bsdudp-recover.pcap");

    private CapturedPackets() {}

    /** The file. */
    public static byte[] file(final String capture) {
        try (InputStream in = open(capture)) {
            return in.readAllBytes();
        } catch (final IOException e) {
            throw new UncheckedIOException(capture, e);
        }
    }

    /** Its IP packets in their order. */
    public static List<byte[]> of(final String capture) {
        final List<byte[]> packets = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(capture, open(capture))) {
            while (reader.next()) {
                final byte[] bytes = new byte[reader.length()];
                reader.buffer().getBytes(reader.offset(), bytes);
                packets.add(bytes);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(capture, e);
        }
        return packets;
    }

    private static InputStream open(final String capture) {
        final InputStream in = CapturedPackets.class.getResourceAsStream("/captures/" + capture);
        if (in == null) {
            throw new IllegalStateException("no resource /captures/" + capture);
        }
        return in;
    }
}
