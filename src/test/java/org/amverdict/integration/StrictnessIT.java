package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.PacketInjector;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.Host;
import org.amverdict.lab.Streams;
import org.amverdict.lab.Streams.Outcome;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a hostile host of the network might try; A-numbers are those of threats.md. */
@Tag("root")
@Timeout(60)
class StrictnessIT {
    private static final Family IPV4 = Family.IPV4;
    private static final int FORGED_PORT = 40_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static double limits(final EngineLab lab, final String scope) throws IOException {
        return lab.metrics().sum("amverdict_limit_reached_total", "table=\"expectations\"", "scope=\"" + scope + "\"");
    }

    /** The stranger, allowed here, has the client announce as much as it can: that many streams, three a REP. */
    private static void makeNoise(final EngineLab lab, final int replies) throws IOException {
        try (Conversation noise = new Conversation(lab.stranger(), lab.client(), IPV4, EngineLab.ARRIVE_MS)) {
            for (int i = 0; i < replies; i++) {
                final Transaction of = lab.nextTransaction();
                final int port = 20_000 + 3 * i;
                final String streams = "DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2);
                assertTrue(noise.exchange(
                        of, AmandaMessages.sendbackup(of, true), AmandaMessages.connectReply(of, streams)));
            }
        }
    }

    private static void assertAnotherHostIsServed(final EngineLab lab) throws IOException {
        try (Conversation udp = lab.dump(IPV4)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
        }
        for (int port = 11_001; port <= 11_003; port++) {
            assertEquals(Outcome.CONNECTED, lab.connect(IPV4, port), "port " + port);
        }
    }

    private static Setup strangerAllowed(final String expectations) {
        return Setup.USUAL.allow("203.0.113.66", "198.51.100.20").expecting(expectations);
    }

    /** A9: the requester's quota comes first, so that its noise never reaches the limit that all share. */
    @Test
    void shouldKeepARequesterToItsQuota() throws IOException {
        try (EngineLab lab = EngineLab.start(strangerAllowed("capacity: 16, per-requester: 12"))) {
            makeNoise(lab, 8);

            assertEquals(4, limits(lab, "requester"), "four of eight replies are beyond the quota");
            assertEquals(0, limits(lab, "global"));
            assertEquals(0, lab.metrics().sum("amverdict_replies_refused_total", "why=\"limit\""));
            assertEquals(12, lab.metrics().sum("amverdict_expectations_removed_total", "cause=\"quota\""));
            assertEquals(
                    Outcome.CONNECTED, lab.connectPatiently(lab.stranger(), lab.client(), IPV4, 20_012), "of the last");
            assertEquals(Outcome.SILENT, lab.connect(lab.stranger(), lab.client(), IPV4, 20_011), "taken back");
            assertAnotherHostIsServed(lab);
            assertEquals(0, lab.metrics().sum("amverdict_expectations_removed_total", "cause=\"evicted\""));
        }
    }

    /** A9, A10: where quotas let one host fill the table, it is that host that gives up an entry. */
    @Test
    void shouldServeAnotherHostWhileOneFillsTheTable() throws IOException {
        try (EngineLab lab = EngineLab.start(strangerAllowed("capacity: 16, per-requester: 16"))) {
            makeNoise(lab, 6);

            assertAnotherHostIsServed(lab);

            assertTrue(limits(lab, "global") > 0, "the table was full");
            assertTrue(lab.metrics().sum("amverdict_expectations_removed_total", "cause=\"evicted\"") > 0);
        }
    }

    private static List<Arguments> placementsAndFamilies() {
        return Stream.of("inline", "gate")
                .flatMap(placement ->
                        Kernel.families().stream().map(family -> Arguments.of(Named.of(placement, placement), family)))
                .toList();
    }

    /** A12: the listener was not ready yet. In gate placement only conntrack sees that it refuses. */
    @ParameterizedTest
    @MethodSource("placementsAndFamilies")
    void shouldArmARefusedStreamOnceMore(final String placement, final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement));
                Conversation udp = lab.dump(family)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));

            assertEquals(Outcome.REFUSED, attempt(lab, family, 11_001), "nobody listens yet");
            awaitRearmed(lab, 1);
            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), family, 11_001));
            assertEquals(Outcome.SILENT, lab.connect(family, 11_001), "a third time");

            assertEquals(Outcome.REFUSED, attempt(lab, family, 11_002));
            awaitRearmed(lab, 2);
            assertEquals(Outcome.REFUSED, attempt(lab, family, 11_002));
            assertEquals(Outcome.SILENT, lab.connect(family, 11_002), "armed once, not for ever");

            assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.server(), lab.client(), family, 11_003));
            assertEquals(Outcome.SILENT, lab.connect(family, 11_003), "was not refused");
            assertEquals(2, lab.metrics().sum("amverdict_expectations_rearmed_total"));
        }
    }

    private static void awaitRearmed(final EngineLab lab, final int count) {
        awaitJudged("rearmed", () -> lab.metrics().sum("amverdict_expectations_rearmed_total") == count);
    }

    /** A12: the server refuses the answer to a SYN that somebody sent in its name from its own network. */
    @ParameterizedTest
    @MethodSource("placementsAndFamilies")
    void shouldSurviveAForgedSynToAnAnnouncedPort(final String placement, final Family family) throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules(placement));
                Conversation udp = lab.dump(family);
                ServerSocket listener = Streams.listen(lab.client(), family, 11_001)) {
            final Transaction of = lab.nextTransaction();
            final byte[] reply = AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003");
            assertTrue(udp.exchange(of, AmandaMessages.sendbackup(of, true), reply));
            final String source = lab.server().address(family).getHostAddress();
            final String target = lab.client().address(family).getHostAddress();
            final byte[] syn = PacketBuilder.ip(source, target)
                    .tcp(FORGED_PORT, listener.getLocalPort(), TcpView.SYN, new byte[0]);
            try (PacketInjector forger = new PacketInjector(
                    lab.server(), lab.network().firewall().run("cat", "/sys/class/net/server/address"))) {
                forger.send(syn);
            }
            awaitRearmed(lab, 1);

            assertEquals(Outcome.CONNECTED, attempt(lab, family, 11_001), "not burnt by the forged SYN");
        }
    }

    private static Outcome attempt(final EngineLab lab, final Family family, final int port) throws IOException {
        return Streams.attempt(lab.server(), lab.client(), family, port, EngineLab.ARRIVE_MS);
    }

    /** A6, A7, A12, A19: another network sends with the addresses of hosts that talk to each other. */
    @Test
    void shouldBindAnExchangeToItsInterfaces() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("inline"))) {
            try (Conversation udp = lab.dump(IPV4)) {
                final Transaction of = lab.nextTransaction();
                assertTrue(udp.ask(AmandaMessages.sendbackup(of, true)));
                assertTrue(udp.answer(AmandaMessages.ack(of)));

                final Host falseClient = forge(lab, lab.client());
                try (AmandaPeer forger = AmandaPeer.responder(falseClient, IPV4)) {
                    forger.talkTo(lab.server().address(IPV4), udp.requester().port());
                    forger.send(AmandaMessages.connectReply(of, "DATA 11011 MESG 11012 INDEX 11013"));
                    awaitJudged("unsolicited", () -> lab.drops("unsolicited") >= 1);
                }
                endForging(lab, falseClient);
                assertTrue(
                        udp.answer(AmandaMessages.connectReply(of, "DATA 11001 MESG 11002 INDEX 11003")),
                        "arrives, and nothing before it");
                assertEquals(Outcome.SILENT, lab.connect(IPV4, 11_011));

                final long unexpected = lab.left("unexpected");
                final Host falseServer = forge(lab, lab.server());
                Streams.attempt(falseServer, lab.client(), IPV4, 11_001, EngineLab.SILENCE_MS);
                awaitJudged("unexpected", () -> lab.left("unexpected") > unexpected);
                endForging(lab, falseServer);
                assertEquals(
                        Outcome.CONNECTED,
                        lab.connectPatiently(lab.server(), lab.client(), IPV4, 11_001),
                        "not burnt by the forged SYN");
            }
        }
    }

    /** The stranger takes the address of another host; the routes to that host stay. */
    private static Host forge(final EngineLab lab, final Host whose) throws IOException {
        final String address = whose.address(IPV4).getHostAddress();
        lab.stranger().run("ip", "addr", "add", address + "/32", "dev", "lo");
        return lab.network().alias(lab.stranger(), address, "2001:db8:3::66");
    }

    private static void endForging(final EngineLab lab, final Host who) throws IOException {
        lab.stranger().run("ip", "addr", "del", who.address(IPV4).getHostAddress() + "/32", "dev", "lo");
    }

    private static void awaitJudged(final String reason, final Callable<Boolean> condition) {
        await(reason).atMost(Duration.ofMillis(EngineLab.ARRIVE_MS)).until(condition);
    }
}
