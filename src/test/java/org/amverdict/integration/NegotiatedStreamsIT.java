package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.stream.Stream;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Amanda negotiates gets through a firewall that denies by default, packet by real packet. */
@Tag("root")
@Timeout(120)
class NegotiatedStreamsIT {
    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    static Stream<Arguments> familiesAndQueues() {
        return Kernel.families().stream()
                .flatMap(family -> Stream.of(0, 3).map(lastQueue -> Arguments.of(family, lastQueue)));
    }

    static List<Family> families() {
        return Kernel.families();
    }

    @ParameterizedTest(name = "{0}, queues 0 to {1}")
    @MethodSource("familiesAndQueues")
    void shouldConnectNegotiatedPortsAndNoOthers(final Family family, final int lastQueue) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.queues(lastQueue));
                Conversation udp = lab.dump(family)) {
            final Transaction check = lab.nextTransaction();
            assertTrue(
                    udp.exchange(check, AmandaMessages.selfcheck(check), AmandaMessages.selfcheckReply(check, 300)),
                    "selfcheck");

            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11003 INDEX 11005 STATE 11007");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply), "sendbackup");

            assertEquals(4, lab.metrics().sum("amverdict_expectations"), "expectations");
            assertEquals(Outcome.SILENT, lab.connect(lab.stranger(), lab.client(), family, 11001), "third host");
            assertEquals(Outcome.SILENT, lab.connect(lab.client(), lab.server(), family, 11001), "reverse direction");
            for (final int port : new int[] {11001, 11003, 11005, 11007}) {
                assertEquals(Outcome.CONNECTED, lab.connect(family, port), "negotiated port " + port);
                assertEquals(Outcome.SILENT, lab.connect(family, port), "second connection to " + port);
                assertEquals(Outcome.SILENT, lab.connect(family, port + 1), "port " + (port + 1));
            }
            assertTrue(lab.drops("unexpected") >= 10, "drops are counted with their reason");
        }
    }

    /** The SYN follows the REP within a millisecond, and with several queues it is judged by another thread. */
    @ParameterizedTest(name = "{0}, queues 0 to {1}")
    @MethodSource("familiesAndQueues")
    void shouldKnowTheExpectationBeforeTheReplyArrives(final Family family, final int lastQueue) throws IOException {
        final int rounds = 40;
        try (EngineLab lab = EngineLab.start(Setup.USUAL.queues(lastQueue));
                Conversation udp = lab.dump(family)) {
            for (int round = 0; round < rounds; round++) {
                final Transaction of = lab.nextTransaction();
                final int port = 12_000 + 2 * round;
                final byte[] reply =
                        AmandaMessages.connectReply(of, "DATA " + port + " MESG " + (port + 1) + " INDEX -1");
                try (ServerSocket data = Streams.listen(lab.client(), family, port);
                        ServerSocket mesg = Streams.listen(lab.client(), family, port + 1)) {
                    assertTrue(udp.ask(AmandaMessages.sendbackup(of, false)), "REQ of round " + round);
                    assertTrue(udp.answer(reply), "REP of round " + round);
                    // A SYN that came too early would be repeated after a second: less time than that is given.
                    for (final ServerSocket listener : List.of(data, mesg)) {
                        final int to = listener.getLocalPort();
                        assertEquals(
                                Outcome.CONNECTED,
                                Streams.attempt(lab.server(), lab.client(), family, to, 900),
                                "round " + round + ", port " + to);
                    }
                    assertTrue(udp.ask(AmandaMessages.ack(of)), "ACK of round " + round);
                }
            }
        }
    }

    @Test
    void shouldOpenOnlyTheFirstNumberOfBsdudp() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(Family.IPV4)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11016 MESG 499999 INDEX 499998 STATE 499997");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));

            assertEquals(Outcome.CONNECTED, lab.connect(Family.IPV4, 11016));
            assertEquals(Outcome.SILENT, lab.connect(Family.IPV4, 49999), "499999 cut to five digits");
            assertEquals(Outcome.SILENT, lab.connect(Family.IPV4, 499999 & 0xffff), "499999 cut to 16 bits");
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldPassTheControlConnectionOfBsdtcpBetweenAllowedHosts(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL)) {
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), family, 10080));
            assertEquals(Outcome.SILENT, lab.connect(lab.stranger(), lab.client(), family, 10080));
            assertEquals(Outcome.SILENT, lab.connect(lab.server(), lab.stranger(), family, 10080));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldSkipTheAbsentIndexAndOpenWhatFollows(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 50063 MESG 50064 INDEX -1 STATE 50065");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, false), reply));

            assertEquals(3, lab.metrics().sum("amverdict_expectations"));
            for (final int port : new int[] {50063, 50064, 50065}) {
                assertEquals(Outcome.CONNECTED, lab.connect(family, port), "port " + port);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldOpenTheStreamsOfRecoveryTowardsTheServer(final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL);
                Conversation udp = new Conversation(lab.client(), lab.server(), family, EngineLab.ARRIVE_MS)) {
            final Transaction index = lab.nextTransaction();
            final byte[] indexReply = AmandaMessages.recoveryReply(index, "MESG 50066");
            assertTrue(udp.exchange(index, AmandaMessages.recovery(index, "amindexd"), indexReply), "amindexd");
            assertEquals(Outcome.CONNECTED, lab.connect(lab.client(), lab.server(), family, 50066));

            final Transaction tape = lab.nextTransaction();
            final byte[] tapeReply = AmandaMessages.recoveryReply(tape, "CTL 50067 DATA 50068 STATE 50069");
            assertTrue(udp.exchange(tape, AmandaMessages.recovery(tape, "amidxtaped"), tapeReply), "amidxtaped");
            for (final int port : new int[] {50067, 50068, 50069}) {
                assertEquals(Outcome.SILENT, lab.connect(lab.server(), lab.client(), family, port), "wrong direction");
                assertEquals(Outcome.CONNECTED, lab.connect(lab.client(), lab.server(), family, port), "port " + port);
            }
        }
    }

    /** Without conntrack every packet of every stream comes through the queue, and large datagrams come in fragments. */
    @ParameterizedTest(name = "{0}, queues 0 to {1}")
    @MethodSource("familiesAndQueues")
    void shouldCarryFragmentsAndDataWhenEveryPacketIsQueued(final Family family, final int lastQueue)
            throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.everything().queues(lastQueue));
                Conversation udp = lab.dump(family)) {
            final Transaction check = lab.nextTransaction();
            assertTrue(
                    udp.exchange(check, AmandaMessages.selfcheck(check), AmandaMessages.selfcheckReply(check, 6_000)),
                    "a selfcheck reply of 6 kB");

            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11003 INDEX 11005");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply), "sendbackup");
            assertEquals(1_000_000, transfer(lab, family, 11001, 1_000_000), "bytes through DATA");
            assertEquals(Outcome.CONNECTED, lab.connect(family, 11003));
            assertEquals(Outcome.SILENT, lab.connect(family, 11004));
        }
    }

    /** The responder sends on the stream, the requester reads to the end. */
    private static int transfer(final EngineLab lab, final Family family, final int port, final int bytes)
            throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), family, port);
                Socket requester = Streams.connect(lab.server(), lab.client(), family, port, EngineLab.ARRIVE_MS)) {
            listener.setSoTimeout(EngineLab.ARRIVE_MS);
            final Thread sender = new Thread(() -> send(listener, bytes), "stream-sender");
            sender.setDaemon(true);
            sender.start();
            requester.setSoTimeout(20_000);
            return requester.getInputStream().readAllBytes().length;
        }
    }

    private static void send(final ServerSocket listener, final int bytes) {
        try (Socket accepted = listener.accept()) {
            accepted.getOutputStream().write(new byte[bytes]);
        } catch (final IOException e) {
            System.err.println("sender: " + e);
        }
    }
}
