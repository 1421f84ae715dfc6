package org.amverdict.workload;

import java.nio.charset.StandardCharsets;
import org.amverdict.amanda.AmandaPorts;

/** The control exchange of a synthetic sendbackup: REQ, ACK, REP, ACK. Three streams follow. One thread. */
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

    private final PacketWriter writer;
    private int server;
    private int serverPort;
    private int client;

    public SyntheticExchange(final PacketWriter writer) {
        this.writer = writer;
    }

    /**
     * Sets the requester from now on.
     *
     * @param address as a 32-bit number
     * @param port where it asks from, a privileged port
     */
    public SyntheticExchange server(final int address, final int port) {
        server = address;
        serverPort = port;
        return this;
    }

    /** Sets the responder from now on; the address as a 32-bit number. */
    public SyntheticExchange client(final int address) {
        client = address;
        return this;
    }

    /**
     * Writes the exchange.
     *
     * @param number makes HANDLE and SEQ
     * @param firstStreamPort the first of the ports that are announced
     */
    public void write(final int number, final int firstStreamPort) {
        toClient(REQUEST, number).text(SENDBACKUP).endUdp();
        toServer(ACK, number).endUdp();
        toServer(REPLY, number)
                .text(CONNECT_DATA)
                .decimal(firstStreamPort)
                .text(MESG)
                .decimal(firstStreamPort + 1)
                .text(INDEX)
                .decimal(firstStreamPort + 2)
                .text(END_OF_LINE_AND_OPTIONS)
                .endUdp();
        toClient(ACK, number).endUdp();
    }

    /** Begins a control datagram to the client and writes its header line. */
    PacketWriter toClient(final byte[] type, final int number) {
        return header(writer.from(server, serverPort).to(client, CONTROL_PORT), type, number);
    }

    /** Begins a control datagram to the server and writes its header line. */
    PacketWriter toServer(final byte[] type, final int number) {
        return header(writer.from(client, CONTROL_PORT).to(server, serverPort), type, number);
    }

    private static PacketWriter header(final PacketWriter writer, final byte[] type, final int number) {
        return writer.beginUdp()
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
