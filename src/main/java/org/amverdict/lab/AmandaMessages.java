package org.amverdict.lab;

import java.nio.charset.StandardCharsets;

/**
 * Control datagrams as Amanda 3.5 writes them. Source of every text: amanda-protocol.md, section 8
 * (common-src/packet.c, client-src/sendbackup.c, amandad-src/amandad.c).
 */
public final class AmandaMessages {
    /** Feature set of Amanda 3.5.1; has bit 117 (sendbackup STATE) and 118 (amidxtaped STATE). */
    public static final String FEATURES = "ffffffff9efefbfffffffffffffff3fffbf71f";

    private static final String OPTIONS = "OPTIONS features=" + FEATURES + ";\n";

    private AmandaMessages() {}

    /**
     * What all datagrams of one transaction share.
     *
     * @param handle handle of the requester
     * @param seq sequence number of the requester, unsigned decimal
     */
    public record Transaction(String handle, long seq) {
        /** The transaction with this number, as a requester of 2.5.0 and later names it. */
        public static Transaction number(final int number) {
            return new Transaction(String.format("000-%08x", number), 1_795_174_338L + number);
        }
    }

    private static byte[] datagram(final String type, final Transaction of, final String body) {
        return ("Amanda 3.5 " + type + " HANDLE " + of.handle() + " SEQ " + of.seq() + "\n" + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A REQ for any service, with the login and arguments given. */
    public static byte[] request(
            final Transaction of, final String login, final String service, final String arguments) {
        return datagram("REQ", of, "SECURITY USER " + login + "\nSERVICE " + service + "\n" + arguments);
    }

    /** E1: the request every conversation starts with. */
    public static byte[] noop(final Transaction of) {
        return request(of, "amandabackup", "noop", OPTIONS);
    }

    /** REQ of amcheck. */
    public static byte[] selfcheck(final Transaction of) {
        return request(
                of,
                "amandabackup",
                "selfcheck",
                "OPTIONS features=" + FEATURES + ";maxdumps=1;hostname=client.example.com;config=daily;\n"
                        + "<dle>\n  <program>GNUTAR</program>\n  <disk>/home</disk>\n  <auth>bsd</auth>\n</dle>\n");
    }

    /** E3: the server asks the client for a dump. */
    public static byte[] sendbackup(final Transaction of, final boolean withIndex) {
        final String index = withIndex ? "  <index>YES</index>\n" : "";
        return request(
                of,
                "amandabackup",
                "sendbackup",
                "OPTIONS features=" + FEATURES
                        + ";maxdumps=1;hostname=client.example.com;config=daily;timestamp=20261123031350;\n"
                        + "<dle>\n  <program>GNUTAR</program>\n  <disk>/home</disk>\n  <level>0</level>\n"
                        + "  <auth>bsd</auth>\n  <record>YES</record>\n" + index
                        + "  <datapath>AMANDA</datapath>\n</dle>\n");
    }

    /** E18, E20: the recovering host asks the server. */
    public static byte[] recovery(final Transaction of, final String service) {
        return request(of, "root", service, "OPTIONS features=" + FEATURES + ";auth=bsd;\n");
    }

    /** E4: acknowledges a REQ or, sent by the requester, a REP. */
    public static byte[] ack(final Transaction of) {
        return datagram("ACK", of, "");
    }

    /** Any REP. */
    public static byte[] reply(final Transaction of, final String body) {
        return datagram("REP", of, body);
    }

    /** E2: answer to noop. */
    public static byte[] noopReply(final Transaction of) {
        return reply(of, OPTIONS);
    }

    /**
     * E5, E6, E10: answer to sendbackup; {@code streams} is such as {@code DATA 11001 MESG 11002 INDEX -1 STATE 11003}.
     */
    public static byte[] connectReply(final Transaction of, final String streams) {
        return reply(of, "CONNECT " + streams + "\n" + OPTIONS);
    }

    /** E19, E21: answer to amindexd or amidxtaped, which end with an empty line. */
    public static byte[] recoveryReply(final Transaction of, final String streams) {
        return reply(of, "CONNECT " + streams + "\n\n");
    }

    /** E17: answer to selfcheck as 3.5 writes it, about {@code bytes} long and without a final line end. */
    public static byte[] selfcheckReply(final Transaction of, final int bytes) {
        final StringBuilder body = new StringBuilder("MESSAGE JSON\n");
        while (body.length() < bytes) {
            body.append("  {\n    \"source_filename\" : \"selfcheck.c\",\n    \"severity\" : \"info\",\n")
                    .append("    \"process\" : \"selfcheck\",\n    \"code\" : \"3600000\",\n")
                    .append("    \"message\" : \"disk /home is fine\"\n  },\n");
        }
        body.append("  {\n    \"message\" : \"version '3.5.1\"\n  }");
        return reply(of, body.toString());
    }

    /** Any NAK. */
    public static byte[] nak(final Transaction of, final String error) {
        return datagram("NAK", of, "ERROR " + error);
    }

    /** E33: a refusal that repeats what the request said, {@code text} included. */
    public static byte[] reflectingNak(final Transaction of, final String text) {
        return nak(
                of,
                "user x " + text + " from evil.example.net is not allowed to execute the service noop:"
                        + " Please add the line \"evil.example.net x " + text
                        + " amdump\" to /var/lib/amanda/.amandahosts on the client\n");
    }
}
