package org.amverdict.workload;

import java.nio.charset.StandardCharsets;
import org.amverdict.amanda.AmandaPorts;

/** The control exchange of a synthetic sendbackup: REQ, ACK, REP, ACK. Three streams follow. Stateless. */
public final class SyntheticExchange {
    /** Ports that the REP announces, beginning with the first: DATA, MESG, INDEX. */
    public static final int STREAMS = 3;

    /** Packets of an exchange. */
    public static final int PACKETS = 4;

    static final int CONTROL_PORT = AmandaPorts.AMANDA;

    static final byte[] REQUEST = ascii("REQ");
    static final byte[] REPLY = ascii("REP");
    static final byte[] ACK = ascii("ACK");

    private static final int FIRST_SEQUENCE = 1_795_000_000;
    private static final byte[] VERSION = ascii("Amanda 3.5 ");
    private static final byte[] HANDLE = ascii(" HANDLE 000-");
    private static final byte[] SEQUENCE = ascii(" SEQ ");
    private static final byte[] END_OF_LINE = ascii("\n");
    private static final byte[] SENDBACKUP = ascii("""
            SECURITY USER amandabackup
            SERVICE sendbackup
            OPTIONS features=ffffffff9efefbfffffffffffffff3fffbf71f;
            <dle>
            <disk>/home</disk>
            <index>YES</index>
            </dle>
            """);
    private static final byte[] CONNECT_DATA = ascii("CONNECT DATA ");
    private static final byte[] MESG = ascii(" MESG ");
    private static final byte[] INDEX = ascii(" INDEX ");
    private static final byte[] END_OF_LINE_AND_OPTIONS = ascii("\nOPTIONS ;\n");

    private SyntheticExchange() {}

    /**
     * Writes it.
     *
     * @param server address that asks, as a 32-bit number
     * @param serverPort where it asks from, a privileged port
     * @param client address that answers
     * @param number makes HANDLE and SEQ
     * @param firstStreamPort the first of the ports that are announced
     */
    public static void write(
            final PacketWriter writer,
            final int server,
            final int serverPort,
            final int client,
            final int number,
            final int firstStreamPort) {
        begin(writer, REQUEST, number, server, serverPort, client, CONTROL_PORT)
                .text(SENDBACKUP)
                .endUdp();
        begin(writer, ACK, number, client, CONTROL_PORT, server, serverPort).endUdp();
        begin(writer, REPLY, number, client, CONTROL_PORT, server, serverPort)
                .text(CONNECT_DATA)
                .decimal(firstStreamPort)
                .text(MESG)
                .decimal(firstStreamPort + 1)
                .text(INDEX)
                .decimal(firstStreamPort + 2)
                .text(END_OF_LINE_AND_OPTIONS)
                .endUdp();
        begin(writer, ACK, number, server, serverPort, client, CONTROL_PORT).endUdp();
    }

    /** Begins a control datagram and writes its header line. */
    static PacketWriter begin(
            final PacketWriter writer,
            final byte[] type,
            final int number,
            final int source,
            final int sourcePort,
            final int destination,
            final int port) {
        return writer.beginUdp(source, sourcePort, destination, port)
                .text(VERSION)
                .text(type)
                .text(HANDLE)
                .hexadecimal(number)
                .text(SEQUENCE)
                .decimal(FIRST_SEQUENCE + number)
                .text(END_OF_LINE);
    }

    static byte[] ascii(final String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
