package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams.Outcome;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The situations of a backup that fails, played with real packets through a real queue: {@code amverdict why} names what
 * stood in the way, and what to do, in its first three lines.
 */
@Tag("root")
@Timeout(120)
class WhyIT {
    private static final Family IPV4 = Family.IPV4;
    private static final String SERVER = "192.0.2.10";
    private static final String CLIENT = "198.51.100.20";
    private static final String STREAMS = "DATA 11001 MESG 11002 INDEX 11003";
    /** What a hurried administrator reads: the answer with its cause, and what to do. */
    private static final int LINES = 3;
    /** This firewall stopped it. */
    private static final String YES = "Yes. ";

    private static final String NO = "No. ";

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    /**
     * Asks why until the answer is Yes and the first lines have all of the words; the record of a packet comes a moment
     * after it.
     */
    private static void assertWhy(
            final EngineLab lab, final String source, final String destination, final String... words) {
        assertAnswer(YES, lab, new String[] {source, destination}, words);
    }

    private static void assertAnswer(
            final String answer, final EngineLab lab, final String[] hosts, final String... words) {
        final String[] said = {""};
        try {
            Awaitility.await().until(() -> {
                final Asked asked = Asked.of(lab, "why", hosts[0], hosts[1]);
                said[0] = asked.out() + asked.err();
                final String first = asked.lines().stream().limit(LINES).collect(Collectors.joining("\n"));
                return first.startsWith(answer)
                        && List.of(words).stream()
                                .allMatch(word ->
                                        Pattern.compile(word).matcher(first).find());
            });
        } catch (final ConditionTimeoutException e) {
            throw new AssertionError(
                    "why " + String.join(" ", hosts) + ": no '" + answer + "' with " + List.of(words)
                            + " in the first lines of\n" + said[0],
                    e);
        }
    }

    private static Transaction announce(final EngineLab lab, final Conversation udp, final String streams)
            throws IOException {
        final Transaction of = lab.nextTransaction();
        assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, streams)));
        return of;
    }

    /** Lets the clients announce these ports only. */
    private static void narrow(final EngineLab lab, final String ports) throws IOException {
        final String services = "    services: [noop, selfcheck, sendsize, sendbackup]\n";
        final String before = Files.readString(lab.file());
        assertTrue(before.contains(services), before);
        Files.writeString(lab.file(), before.replace(services, services + "    stream-ports: " + ports + "\n"));
        final Asked reload = Asked.of(lab, "reload");
        assertEquals(0, reload.status(), reload.err());
    }

    /** Gives a host one more address. */
    private static Host secondAddress(final EngineLab lab, final Host host, final String ipv4, final String ipv6)
            throws IOException {
        host.run("ip", "addr", "add", ipv4 + "/24", "dev", "eth0");
        return lab.network().alias(host, ipv4, ipv6);
    }

    @Test
    void shouldNameBothInterfacesWhenTheAnswerComesAnotherWay() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.refused(IPV4)) {
            final Host firewall = lab.network().firewall();
            final Host client = lab.client();
            firewall.run(
                    "ip",
                    "link",
                    "add",
                    "client2",
                    "type",
                    "veth",
                    "peer",
                    "name",
                    "eth1",
                    "netns",
                    client.namespace());
            firewall.run("ip", "addr", "add", "10.99.0.1/24", "dev", "client2");
            firewall.run("ip", "link", "set", "client2", "up");
            client.run("ip", "addr", "add", "10.99.0.2/24", "dev", "eth1");
            client.run("ip", "link", "set", "eth1", "up");
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            client.run("ip", "route", "add", "192.0.2.0/24", "via", "10.99.0.1", "dev", "eth1", "src", CLIENT);

            assertFalse(udp.answer(AmandaMessages.ack(of)), "it comes in by client2");

            for (final String[] hosts : new String[][] {{SERVER, CLIENT}, {CLIENT, SERVER}}) {
                assertWhy(
                        lab,
                        hosts[0],
                        hosts[1],
                        "left through client \\([0-9]+\\), but came in through client2 \\([0-9]+\\)",
                        "`match-interfaces: false` if both paths are intended");
            }
        }
    }

    @Test
    void shouldNameTheAddressThatAnsweredInPlaceOfTheOneThatWasAsked() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.refused(IPV4)) {
            final Host second = secondAddress(lab, lab.client(), "198.51.100.25", "2001:db8:2::25");
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            try (AmandaPeer responder = AmandaPeer.responder(second, IPV4)) {
                responder.talkTo(lab.server().address(IPV4), udp.requester().port());
                assertFalse(
                        responder.reaches(udp.requester(), AmandaMessages.ack(of), EngineLab.SILENCE_MS),
                        "it comes from another address");
            }

            for (final String[] hosts :
                    new String[][] {{SERVER, CLIENT}, {CLIENT, SERVER}, {"198.51.100.25", SERVER}}) {
                assertWhy(
                        lab,
                        hosts[0],
                        hosts[1],
                        "198.51.100.25 answered in place of 198.51.100.20, which was asked",
                        "have it answer from 198.51.100.20");
            }
        }
    }

    @Test
    void shouldSayFromWhereTheServerWasExpectedToConnect() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            final Host second = secondAddress(lab, lab.server(), "192.0.2.11", "2001:db8:1::11");
            announce(lab, udp, STREAMS);

            assertEquals(Outcome.SILENT, lab.connect(second, lab.client(), IPV4, 11_001));

            for (final String[] hosts : new String[][] {
                {"192.0.2.11", CLIENT}, {"192.0.2.11", CLIENT + ":11001"}, {SERVER, CLIENT}, {SERVER, CLIENT + ":11001"}
            }) {
                assertWhy(
                        lab,
                        hosts[0],
                        hosts[1],
                        "announced to 192.0.2.10, so it is expected from there, not from 192.0.2.11",
                        "have it connect from the address that it asks from");
            }
            final Asked asked = Asked.of(lab, "why", SERVER, CLIENT + ":11001", "--all");
            assertFalse(asked.out().contains("no SYN"), asked.out());
            assertTrue(
                    asked.out().matches("(?s).*[1-9] SYNs? came and w(as|ere) dropped.* from 192.0.2.11.*"),
                    asked.out());
            final Asked sessions = Asked.of(lab, "sessions");
            assertTrue(sessions.out().replaceAll("\\s+", " ").contains("dropped"), sessions.out());
        }
    }

    @Test
    void shouldNameThePortThatIsOutsideAndTheLineThatForbidsIt() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            narrow(lab, "11000-11099");
            announce(lab, udp, "DATA 11001 MESG 11002 INDEX 12003");

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11_001), "the REP opened nothing");

            for (final String destination : List.of(CLIENT, CLIENT + ":11001", CLIENT + ":11002", CLIENT + ":12003")) {
                assertWhy(
                        lab,
                        SERVER,
                        destination,
                        "the REP announced port 12003, which is outside `stream-ports` 11000-11099 of the line \"dumps\"",
                        "widen `stream-ports`");
            }
        }
    }

    @Test
    void shouldNameTheNatBoxThatChangesThePort() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                AmandaPeer responder = AmandaPeer.responder(lab.client(), IPV4);
                AmandaPeer requester = AmandaPeer.requester(lab.server(), 51_000, lab.client(), IPV4)) {
            assertFalse(requester.reaches(responder, AmandaMessages.noop(lab.nextTransaction()), EngineLab.SILENCE_MS));

            assertWhy(
                    lab,
                    SERVER,
                    CLIENT,
                    "came from port 51000, but `requester-ports` is 512-1023",
                    "a NAT box between the hosts has changed the port",
                    "To do: set the NAT box to keep the port");
        }
    }

    @Test
    void shouldSayWhatWouldAllowTheWindowsClient() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            assertEquals(Outcome.SILENT, lab.connect(IPV4, 10_081));

            for (final String destination : List.of(CLIENT, CLIENT + ":10081")) {
                assertWhy(
                        lab, SERVER, destination, "Zmanda's client for Windows", "`control-ports: \\[10080, 10081\\]`");
            }
        }
    }

    @Test
    void shouldSayThatAReloadTookThePortBack() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, "DATA 11001 MESG 11002 INDEX 12003");
            narrow(lab, "11000-11099");

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 12_003));

            for (final String destination : List.of(CLIENT, CLIENT + ":12003")) {
                assertWhy(
                        lab,
                        SERVER,
                        destination,
                        "INDEX of sendbackup\\) was taken back .* by a reload: the new configuration does not allow it",
                        "fix `allow` and reload");
            }
        }
    }

    @Test
    void shouldSayThatAQuotaGaveTheRequestUp() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.with("transactions: {per-requester: 1}"));
                Conversation udp = lab.refused(IPV4)) {
            final Transaction first = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(first, true)));
            assertTrue(udp.ask(AmandaMessages.sendbackup(lab.nextTransaction(), true)));

            assertFalse(udp.answer(AmandaMessages.connectReply(first, STREAMS)), "it was given up");

            assertWhy(
                    lab,
                    SERVER,
                    CLIENT,
                    "which was given up .* because 192.0.2.10 had more requests open than"
                            + " transactions.per-requester \\(1\\)",
                    "raise transactions.per-requester");
        }
    }

    @Test
    void shouldSayThatAQuotaLeftNoRoomForTheReply() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.expecting("lifetime: 60s, per-requester: 2"));
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, STREAMS);

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11_001));

            for (final String destination : List.of(CLIENT, CLIENT + ":11001")) {
                assertWhy(
                        lab,
                        SERVER,
                        destination,
                        "had used up expectations.per-requester \\(2\\)",
                        "raise expectations.per-requester");
            }
        }
    }

    @Test
    void shouldSayThatAQuotaTookThePortBack() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.expecting("lifetime: 60s, per-requester: 4"));
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, STREAMS);
            announce(lab, udp, "DATA 11011 MESG 11012 INDEX 11013");

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11_001));

            for (final String destination : List.of(CLIENT, CLIENT + ":11001")) {
                assertWhy(
                        lab, SERVER, destination, "share of the table was used up", "raise expectations.per-requester");
            }
        }
    }

    @Test
    void shouldSayAfterTheChangeToEnforceModeThatWhatPassedWouldHaveBeenDropped() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.monitor())) {
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), IPV4, 12_345));
            final String before = Files.readString(lab.file());
            Files.writeString(lab.file(), before.replace("mode: monitor", "mode: enforce"));
            assertEquals(0, Asked.of(lab, "reload").status());

            // Monitor mode let it pass, so it did not stop here.
            assertAnswer(
                    NO,
                    lab,
                    new String[] {SERVER, CLIENT + ":12345"},
                    "^No. Would have been dropped \\(mode monitor\\) once");
        }
    }

    @Test
    void shouldSayThatTheOperatorTookThePortBack() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(IPV4)) {
            announce(lab, udp, STREAMS);
            assertEquals(
                    "3 expectations taken back\n",
                    Asked.of(lab, "expectations", "flush").out());

            assertEquals(Outcome.SILENT, lab.connect(IPV4, 11_001));

            for (final String destination : List.of(CLIENT, CLIENT + ":11001")) {
                assertWhy(
                        lab,
                        SERVER,
                        destination,
                        "DATA of sendbackup\\) was taken back .* by the operator",
                        "run the backup again");
            }
            final String status = Asked.of(lab, "status", "--json").out();
            assertEquals(0, Asked.of(lab, "status").status(), status);
        }
    }
}
