package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A backup that failed and not by the firewall: what the program says first, and whether that is so. */
@Tag("root")
@Timeout(120)
class StoriesIT {
    private static final Family IPV4 = Family.IPV4;
    /** TCP repeats a SYN after 1 s and after 2 s or 3 s. */
    private static final int THREE_SYNS_MS = 3_500;

    private static final int CARRIED_BYTES = 500_000;

    private static final String STREAMS = "DATA 11001 MESG 11002 INDEX 11003";

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static void announce(final EngineLab lab, final Conversation udp) throws IOException {
        final Transaction of = lab.nextTransaction();
        assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, STREAMS)));
    }

    /** The answer and the newest of what is on record, in its whole sentences. */
    private static String why(final EngineLab lab, final int port) throws IOException {
        final Asked asked = Asked.of(lab, "why", "192.0.2.10", "198.51.100.20:" + port, "--all");
        assertEquals(0, asked.status(), asked.err());
        return String.join(
                "\n", asked.lines().subList(0, Math.min(8, asked.lines().size())));
    }

    private static void awaitSaid(final EngineLab lab, final int port, final String... parts) {
        Awaitility.await().atMost(Duration.ofSeconds(50)).untilAsserted(() -> assertSays(why(lab, port), parts));
    }

    private static void assertSays(final String text, final String... parts) {
        for (final String part : parts) {
            assertTrue(text.contains(part), "'" + part + "' in:\n" + text);
        }
    }

    private static JsonObject session(final EngineLab lab) throws IOException {
        final String line = Asked.of(lab, "sessions", "--json").lines().get(0);
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/control/session.schema.json", line), line);
        return JsonObject.parse(line);
    }

    @Test
    void shouldSayThatTheClientsOwnFirewallDropsTcp() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("gate"));
                Conversation udp = lab.dump(IPV4)) {
            lab.client().run("iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP");
            announce(lab, udp);

            assertEquals(Outcome.SILENT, Streams.attempt(lab.server(), lab.client(), IPV4, 11_001, THREE_SYNS_MS));

            awaitSaid(lab, 11_001, "nobody answered: look at the client 198.51.100.20 (does its own firewall let port");
            assertTrue(why(lab, 11_001).matches("(?s).*let through [3-5] times.*"), why(lab, 11_001));
            assertFalse(why(lab, 11_001).contains("connected"), why(lab, 11_001));
            final JsonObject data = session(lab).objects("streams").get(0);
            assertTrue(List.of("let-through", "no-answer").contains(data.text("state")), data.text("state"));
            assertTrue(data.number("syns") >= 3);
            assertFalse(data.has("original_bytes"), "nobody counts them");
            final JsonObject status =
                    JsonObject.parse(Asked.of(lab, "status", "--json").out());
            assertEquals(0, status.object("dumps").number("running"));
        }
    }

    @Test
    void shouldSayThatTheClientRefusedTheConnection() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.everything());
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp);

            assertEquals(Outcome.REFUSED, Streams.attempt(lab.server(), lab.client(), IPV4, 11_001, 1000));

            awaitSaid(lab, 11_001, "the client 198.51.100.20 answered with RST: nothing listens on port 11001 there");
        }
    }

    @Test
    void shouldSayThatTheReplyWasLostBehindTheFirewall() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            assertTrue(udp.answer(AmandaMessages.ack(of)));
            for (int i = 0; i < 3; i++) {
                assertTrue(udp.answer(AmandaMessages.connectReply(of, STREAMS)), "it does get through here");
            }

            awaitSaid(
                    lab,
                    10_080,
                    "never acknowledged: the REP passed 3 times",
                    "lost behind this firewall on its way to the server 192.0.2.10, or refused there");
            assertFalse(session(lab).flag("acknowledged"));
            assertEquals(3, session(lab).number("replies"));
        }
    }

    @Test
    void shouldSayThatTheClientNeverAnswered() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.selfcheck(of)));
            assertTrue(udp.answer(AmandaMessages.ack(of)));
            awaitSaid(lab, 10_080, "acknowledged after", "waiting for the REP");

            awaitSaid(lab, 10_080, "; the answer never came here in ", ": look at the client 198.51.100.20");
        }
    }

    @Test
    void shouldTellTheClientsOwnWords() throws IOException {
        final String remedy = "Please add the line \"backup.example.com amandabackup amdump\" to"
                + " /var/lib/amanda/.amandahosts on the client";
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            assertTrue(udp.answer(AmandaMessages.nak(
                    of,
                    "user amandabackup from backup.example.com is not allowed to execute the service sendbackup: "
                            + remedy + "\u001b[2J\n")));

            awaitSaid(lab, 10_080, "the client 198.51.100.20 refused it (NAK)", remedy);
            assertTrue(
                    session(lab).text("text").endsWith(remedy + "\\x1b[2J"),
                    session(lab).text("text"));
            final Asked sessions = Asked.of(lab, "sessions");
            assertFalse(sessions.out().contains("\u001b"), sessions.out());
            assertSays(sessions.out().replaceAll("\\s+", " "), "/var/lib/amanda/.amandahosts on the client");
            Awaitility.await()
                    .untilAsserted(() -> assertSays(
                            Files.readString(lab.eventsFile()), "/var/lib/amanda/.amandahosts on the client"));
        }
    }

    /** With connection tracking, gate knows what only inline knew: the answer, the end and the bytes. */
    @Test
    void shouldKnowTheEndAndTheBytesOfWhatTheKernelCarries() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("gate"));
                Conversation udp = lab.dump(IPV4)) {
            lab.network().firewall().run("sysctl", "-w", "net.netfilter.nf_conntrack_acct=1");
            announce(lab, udp);
            try (ServerSocket listener = Streams.listen(lab.client(), IPV4, 11_001);
                    Socket from = Streams.connect(lab.server(), lab.client(), IPV4, 11_001, EngineLab.ARRIVE_MS);
                    Socket to = listener.accept()) {
                from.setSoLinger(false, 0);
                to.getOutputStream().write(new byte[CARRIED_BYTES]);
                assertEquals(CARRIED_BYTES, from.getInputStream().readNBytes(CARRIED_BYTES).length);
                awaitSaid(lab, 11_001, "Accepted: DATA stream", "open, what it carries is not queued");
                assertEquals(1, running(lab));
            }

            awaitSaid(lab, 11_001, "finished after");
            final JsonObject data = session(lab).objects("streams").get(0);
            assertEquals("closed", data.text("state"));
            assertTrue(data.number("reply_bytes") > CARRIED_BYTES, data.number("reply_bytes") + " bytes");
            assertEquals(0, running(lab));

            assertEquals(Outcome.REFUSED, Streams.attempt(lab.server(), lab.client(), IPV4, 11_002, 1000));
            awaitSaid(lab, 11_002, "the client 198.51.100.20 answered with RST: nothing listens on port 11002 there");

            // The event log has the same ends, and of each stream one, also at the stop.
            lab.stopDaemon();
            final JsonObject carried = onlyClose(lab, 11_001);
            assertEquals("conntrack", carried.text("source"));
            assertEquals("finished", carried.text("cause"));
            assertEquals(data.number("original_bytes"), carried.number("original_bytes"));
            assertEquals(data.number("reply_bytes"), carried.number("reply_bytes"));
            assertEquals("refused", onlyClose(lab, 11_002).text("cause"));
        }
    }

    private static JsonObject onlyClose(final EngineLab lab, final int port) throws IOException {
        final List<String> closes = Files.readAllLines(lab.eventsFile()).stream()
                .filter(line -> line.contains("\"action\":\"close\"") && line.contains("\"dest_port\":" + port))
                .toList();
        assertEquals(1, closes.size(), closes.toString());
        assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/events/events.schema.json", closes.get(0)));
        return JsonObject.parse(closes.get(0));
    }

    private static long running(final EngineLab lab) throws IOException {
        return JsonObject.parse(Asked.of(lab, "status", "--json").out())
                .object("dumps")
                .number("running");
    }
}
