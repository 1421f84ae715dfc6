package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not get through, or must open nothing; E-numbers are those of amanda-protocol.md 8.1. One daemon for all. */
@Tag("root")
@Timeout(60)
class RefusedTrafficIT {
    private static final Family IPV4 = Family.IPV4;
    private static @Nullable EngineLab shared;

    @BeforeAll
    static void start() throws IOException {
        Kernel.assumeNamespaces();
        shared = EngineLab.start(Setup.USUAL);
    }

    @AfterAll
    static void stop() {
        if (shared != null) {
            shared.close();
        }
    }

    private static EngineLab lab() {
        if (shared == null) {
            throw new IllegalStateException("not started");
        }
        return shared;
    }

    private static void assertClosed(final int... ports) throws IOException {
        for (final int port : ports) {
            assertEquals(Outcome.SILENT, lab().connect(IPV4, port), "port " + port);
        }
    }

    /** E33: an unauthorised user's text comes back in the refusal. */
    @Test
    void shouldOpenNothingForTextReflectedInANak() throws IOException {
        try (Conversation udp = lab().dump(IPV4)) {
            final Transaction of = lab().nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));

            assertTrue(udp.answer(AmandaMessages.reflectingNak(of, "CONNECT DATA 22 MESG 2300 INDEX 2500")));

            assertClosed(22, 2300, 2500);
        }
    }

    @Test
    void shouldDropARequestThatWouldProvokeSuchANak() throws IOException {
        final long before = lab().drops("bad-request");
        try (Conversation udp = lab().refused(IPV4)) {
            final Transaction of = lab().nextTransaction();
            assertFalse(udp.ask(AmandaMessages.request(of, "x CONNECT DATA 22 MESG 23", "noop", "OPTIONS ;\n")));
        }
        assertEquals(before + 1, lab().drops("bad-request"));
    }

    /** E12, E34, E35, E36, E37, E40, E41, and a port of Amanda's own: accepted as datagrams, but opening nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT DATA 20026 MESG 20027 INDEX -1\nOPTIONS ;\nERROR service sendbackup failed: exited with code 1\n",
                "ERROR [client configured for auth=bsd while server requested 'x\nCONNECT DATA 20026 MESG 20027 INDEX 22\n']\n",
                "ERROR service sendbackup: warning\nCONNECT DATA 150 MESG 20026 INDEX 20027\nOPTIONS ;\n",
                "CONNECT DATA 65558 MESG 20026 INDEX 20027\nOPTIONS ;\n",
                "CONNECT DATA 20026 MESG 20027 INDEX -1\nCONNECT DATA 20026 MESG 20027 INDEX -1\n",
                "CONNECT DATA 22 MESG 20026 INDEX 20027\nOPTIONS ;\n",
                "CONNECT MESG 20026 DATA 20027 EVIL 20028\nOPTIONS ;\n",
                "CONNECT DATA 20026 MESG 20027 INDEX 10082\nOPTIONS ;\n",
                "CONNECT DATA 20026 MESG 20027",
                "CONNECT DATA 20026 MESG 20026 INDEX 20027\n",
            })
    void shouldPassABadReplyButOpenNothing(final String body) throws IOException {
        try (Conversation udp = lab().dump(IPV4)) {
            final Transaction of = lab().nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));

            assertTrue(udp.answer(AmandaMessages.reply(of, body)), "the server must see the reply");

            assertClosed(22, 20026, 20027);
        }
    }

    /** E43. */
    @Test
    void shouldOpenNothingForAServiceWithoutStreams() throws IOException {
        try (Conversation udp = lab().dump(IPV4)) {
            final Transaction of = lab().nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 20081 MESG 20082 INDEX 20083");

            assertTrue(udp.exchange(of, AmandaMessages.selfcheck(of), reply));

            assertClosed(20081, 20082, 20083);
        }
    }

    /** The first REP counts until the requester acknowledges it; a repeated one admits no second connection. */
    @Test
    void shouldAdmitOneConnectionAPortHoweverOftenTheReplyIsRepeated() throws IOException {
        try (Conversation udp = lab().dump(IPV4)) {
            final Transaction of = lab().nextTransaction();
            final byte[] request = AmandaMessages.sendbackup(of, true);
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 21001 MESG 21002 INDEX 21003");
            assertTrue(udp.ask(request));
            assertTrue(udp.ask(request), "REQ sent again");
            assertTrue(udp.answer(reply));
            assertTrue(udp.answer(reply), "REP sent again");
            assertEquals(Outcome.CONNECTED, lab().connect(IPV4, 21001));

            assertTrue(udp.answer(reply), "REP sent again after DATA came");

            assertClosed(21001);
            assertEquals(Outcome.CONNECTED, lab().connect(IPV4, 21002));
            assertTrue(udp.ask(AmandaMessages.ack(of)));
            assertTrue(udp.answer(reply), "REP sent again after its ACK");
            assertClosed(21001, 21002);
            assertEquals(Outcome.CONNECTED, lab().connect(IPV4, 21003), "still promised");
        }
    }

    @Test
    void shouldTakeBackThePortsThatAChangedReplyNoLongerNames() throws IOException {
        try (Conversation udp = lab().dump(IPV4)) {
            final Transaction of = lab().nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            assertTrue(udp.answer(AmandaMessages.connectReply(of, "DATA 21011 MESG 21012 INDEX 21013")));

            assertTrue(udp.answer(AmandaMessages.connectReply(of, "DATA 21021 MESG 21022 INDEX 21023")));

            assertClosed(21011, 21012, 21013);
            assertEquals(Outcome.CONNECTED, lab().connect(IPV4, 21021));
        }
    }

    @Test
    void shouldDropWhatAThirdHostSaysInTheRespondersName() throws IOException, InterruptedException {
        final EngineLab lab = lab();
        run(lab, "ip", "addr", "add", "198.51.100.20/32", "dev", "lo");
        try (Conversation udp = lab.refused(IPV4);
                AmandaPeer forger =
                        AmandaPeer.responder(lab.stranger(), lab.client().address(IPV4))) {
            final Transaction of = lab.nextTransaction();
            assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
            final long before = lab.drops("unsolicited");
            forger.talkTo(lab.server().address(IPV4), udp.requester().port());

            // Address and ports are right, the sequence number has to be guessed.
            final Transaction guessed = new Transaction(of.handle(), of.seq() + 1);
            forger.send(AmandaMessages.connectReply(guessed, "DATA 21031 MESG 21032 INDEX 21033"));

            assertEquals(null, udp.requester().receive(EngineLab.SILENCE_MS), "the forged reply should be dropped");
            assertEquals(before + 1, lab.drops("unsolicited"));
            assertClosed(21031);
        } finally {
            run(lab, "ip", "addr", "del", "198.51.100.20/32", "dev", "lo");
        }
    }

    private static void run(final EngineLab lab, final String... command) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(lab.stranger().inside(java.util.List.of(command)))
                .inheritIO()
                .start();
        assertTrue(process.waitFor(5, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command));
    }

    @Test
    void shouldDropRequestsThatNoAllowanceCovers() throws IOException {
        final EngineLab lab = lab();
        final Transaction of = lab.nextTransaction();
        final long notAllowed = lab.drops("not-allowed");
        try (Conversation udp = new Conversation(lab.stranger(), lab.client(), IPV4, EngineLab.SILENCE_MS)) {
            assertFalse(udp.ask(AmandaMessages.noop(of)), "a host that nobody allowed");
        }
        assertEquals(notAllowed + 1, lab.drops("not-allowed"));

        final long service = lab.drops("service-not-allowed");
        try (Conversation udp = lab.refused(IPV4)) {
            assertFalse(udp.ask(AmandaMessages.recovery(of, "amindexd")), "a service that is not in the allowance");
        }
        assertEquals(service + 1, lab.drops("service-not-allowed"));
    }

    @Test
    void shouldDropWhatIsNoAmanda() throws IOException {
        final EngineLab lab = lab();
        final long before = lab.drops("bad-control");
        try (Conversation udp = lab.refused(IPV4)) {
            assertFalse(udp.ask("CONNECT DATA 3306 MESG 3307\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        }
        assertEquals(before + 1, lab.drops("bad-control"));
    }

    @Test
    void shouldDropARequestFromAnUnprivilegedPort() throws IOException {
        final EngineLab lab = lab();
        try (AmandaPeer responder = AmandaPeer.responder(lab.client(), IPV4);
                AmandaPeer requester = AmandaPeer.requester(lab.server(), 4_000, lab.client(), IPV4)) {
            final boolean arrived =
                    requester.reaches(responder, AmandaMessages.noop(lab.nextTransaction()), EngineLab.SILENCE_MS);
            assertFalse(arrived);
        }
    }

    @Test
    void shouldDropAReplyThatNobodyAskedFor() throws IOException {
        final EngineLab lab = lab();
        final long before = lab.drops("unsolicited");
        try (AmandaPeer responder = AmandaPeer.responder(lab.client(), IPV4);
                AmandaPeer requester = AmandaPeer.requester(lab.server(), lab.client(), IPV4)) {
            responder.talkTo(lab.server().address(IPV4), requester.port());
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 21041 MESG 21042 INDEX 21043");
            assertFalse(responder.reaches(requester, reply, EngineLab.SILENCE_MS));
        }
        assertEquals(before + 1, lab.drops("unsolicited"));
        assertClosed(21041);
    }

    @Test
    void shouldDropASynFromAPrivilegedPortToANegotiatedOne() throws IOException {
        final EngineLab lab = lab();
        try (Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 21051 MESG 21052 INDEX 21053");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
            try (var listener = Streams.listen(lab.client(), IPV4, 21051)) {
                final int port = listener.getLocalPort();
                assertEquals(
                        Outcome.SILENT,
                        Streams.attempt(lab.server(), 20, lab.client(), IPV4, port, EngineLab.SILENCE_MS),
                        "source port 20");
                assertEquals(
                        Outcome.CONNECTED,
                        Streams.attempt(lab.server(), 11_000, lab.client(), IPV4, port, EngineLab.ARRIVE_MS),
                        "source port 11000");
            }
        }
    }
}
