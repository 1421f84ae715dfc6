package org.amverdict.simulate;

/** The control exchange of a made-up sendbackup: REQ, ACK, REP, ACK. Three streams follow. Stateless. */
public final class MadeUpExchange {
    /** Ports that the REP announces, beginning with the first: DATA, MESG, INDEX. */
    public static final int STREAMS = 3;

    /** Packets of an exchange. */
    public static final int PACKETS = 4;

    private static final int CONTROL_PORT = 10080;

    private MadeUpExchange() {}

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
        final String id = id(number);
        writer.udp(
                server,
                serverPort,
                client,
                CONTROL_PORT,
                "Amanda 3.5 REQ" + id + "SECURITY USER amandabackup\nSERVICE sendbackup\n"
                        + "OPTIONS features=ffffffff9efefbfffffffffffffff3fffbf71f;\n"
                        + "<dle>\n<disk>/home</disk>\n<index>YES</index>\n</dle>\n");
        writer.udp(client, CONTROL_PORT, server, serverPort, "Amanda 3.5 ACK" + id);
        writer.udp(
                client,
                CONTROL_PORT,
                server,
                serverPort,
                "Amanda 3.5 REP" + id + "CONNECT DATA " + firstStreamPort + " MESG " + (firstStreamPort + 1) + " INDEX "
                        + (firstStreamPort + 2) + "\nOPTIONS ;\n");
        writer.udp(server, serverPort, client, CONTROL_PORT, "Amanda 3.5 ACK" + id);
    }

    /** The rest of a header line, from HANDLE on. */
    static String id(final int number) {
        final String digits = Integer.toHexString(number);
        return " HANDLE 000-" + "00000000".substring(digits.length()) + digits + " SEQ " + (1_795_000_000 + number)
                + "\n";
    }
}
