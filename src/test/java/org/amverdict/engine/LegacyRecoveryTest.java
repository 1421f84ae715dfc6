package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of the decision table for old amrecover, for both families: who connects, and what is read of the text. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class LegacyRecoveryTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long NOW = 5 * SECOND;
    private static final String CLIENT_TEXT = LegacyConnection.CLIENT_TEXT;
    private static final String SERVER_TEXT = LegacyConnection.SERVER_TEXT;
    private static final int PORT = LegacyConnection.PORT;
    private static final int LINE = SERVER_TEXT.indexOf('C');

    private final boolean ipv6;
    private final EngineFixture fixture = fixture(LegacyConnection.policy());
    private final LegacyConnection tape;

    LegacyRecoveryTest(final boolean ipv6) {
        this.ipv6 = ipv6;
        tape = LegacyConnection.of(ipv6);
    }

    private static EngineFixture fixture(final Policy policy) {
        return new EngineFixture(EngineFixture.settings(policy), TableLimits.DEFAULTS);
    }

    private String judge(final byte[] packet) {
        return fixture.send(packet, NOW).summary();
    }

    private void assertPasses(final byte[]... packets) {
        assertPasses(fixture, packets);
    }

    private static void assertPasses(final EngineFixture on, final byte[]... packets) {
        for (final byte[] packet : packets) {
            assertEquals("accept established", on.send(packet, NOW).summary());
        }
    }

    private void connect() {
        connect(fixture);
    }

    private void connect(final EngineFixture on) {
        assertEquals("accept legacy-recovery", on.send(tape.syn(), NOW).summary());
        assertPasses(on, tape.synAck(), tape.client(0, ""));
    }

    private void ask() {
        connect();
        assertPasses(tape.client(0, CLIENT_TEXT));
    }

    private void assertOpens(final int... ports) {
        assertEquals(Arrays.stream(ports).boxed().toList(), List.copyOf(fixture.expectedPorts()), "expected ports");
    }

    private void assertNotRead() {
        assertEquals(0, fixture.tables().recoveries().size(), "connections that are read");
    }

    @Test
    void shouldOpenWhatTheLineSaysOnce() {
        ask();
        assertPasses(tape.server(0, SERVER_TEXT.substring(0, LINE)));

        final Outcome line = fixture.send(tape.server(LINE, SERVER_TEXT.substring(LINE)), NOW);

        assertEquals("accept legacy-recovery", line.summary());
        assertEquals(List.of("LEGACY " + PORT), line.streams());
        assertEquals(StreamName.LEGACY, line.stream());
        assertNotRead();
        assertEquals("drop unexpected", judge(tape.dataSyn(1024, PORT)), "not from an unprivileged port");
        assertEquals("drop unexpected", judge(tape.dataSyn(511, PORT)), "nor from that of a well-known service");
        assertEquals("drop unexpected", judge(tape.dataSyn(600, PORT + 1)));
        final Outcome data = fixture.send(tape.dataSyn(600, PORT), NOW);
        assertEquals("accept expected", data.summary());
        assertEquals(StreamName.LEGACY, data.stream());
        assertEquals("drop unexpected", judge(tape.dataSyn(601, PORT)), "once");
        final LegacyConnection stream = tape.withPorts(600, PORT);
        assertPasses(stream.fromServer(TcpView.SYN | TcpView.ACK, -1, 1001, ""));
        assertEquals(1, fixture.tables().counters().created(StreamName.LEGACY));
    }

    @Test
    void shouldLetNobodyElseFetchTheData() {
        ask();
        judge(tape.server(0, SERVER_TEXT));

        final String stranger = ipv6 ? EngineFixture.STRANGER6 : EngineFixture.STRANGER;
        assertEquals(
                "drop unexpected", judge(tape.withHosts(stranger, tape.server()).dataSyn(600, PORT)));
        assertEquals(
                "drop unexpected", judge(tape.withHosts(tape.client(), stranger).dataSyn(600, PORT)));
        assertEquals(
                "drop unexpected",
                judge(tape.withHosts(tape.server(), tape.client()).dataSyn(600, PORT)),
                "the other way round");
        fixture.interfaces(77, 78);
        assertEquals("drop unexpected", judge(tape.dataSyn(600, PORT)), "the client is behind another interface");
    }

    @Test
    void shouldWaitThirtySecondsForTheData() {
        for (final long late : new long[] {30 * SECOND - 1, 30 * SECOND}) {
            final EngineFixture on = fixture(LegacyConnection.policy());
            connect(on);
            assertPasses(on, tape.client(0, CLIENT_TEXT));
            on.send(tape.server(0, SERVER_TEXT), NOW);

            assertEquals(
                    late < 30 * SECOND ? "accept expected" : "drop unexpected",
                    on.send(tape.dataSyn(600, PORT), NOW + late).summary());
        }
    }

    @Test
    void shouldKeepToAShorterLifetimeOfExpectations() {
        final TableLimits all = TableLimits.DEFAULTS;
        final EngineFixture on = new EngineFixture(
                EngineFixture.settings(LegacyConnection.policy()),
                new TableLimits(
                        new TableLimits.Transactions(64, 64, all.transactions().replyWithinNanos()),
                        new TableLimits.Expectations(64, 64, 10 * SECOND, 5),
                        new TableLimits.Flows(64, all.flows().idleNanos())));
        connect(on);
        assertPasses(on, tape.client(0, CLIENT_TEXT));
        on.send(tape.server(0, SERVER_TEXT), NOW);

        assertEquals(
                "drop unexpected",
                on.send(tape.dataSyn(600, PORT), NOW + 10 * SECOND).summary());
    }

    @Test
    void shouldArmTheDataAgainOnceAfterARefusal() {
        ask();
        judge(tape.server(0, SERVER_TEXT));
        assertEquals("accept expected", judge(tape.dataSyn(600, PORT)));

        assertPasses(tape.withPorts(600, PORT).withStart(1000, 0).fromServer(TcpView.RST | TcpView.ACK, -1, 1001, ""));

        assertEquals("drop unexpected", judge(tape.dataSyn(1601, PORT)), "still from a privileged port");
        assertEquals("accept expected", judge(tape.dataSyn(601, PORT)));
    }

    @Test
    void shouldConnectFromPrivilegedPortsOfAllowedHostsOnly() {
        for (final int port : new int[] {10_082, 10_083}) {
            assertEquals(
                    "accept legacy-recovery", judge(tape.withPorts(512, port).syn()));
            assertEquals(
                    "accept legacy-recovery", judge(tape.withPorts(1023, port).syn()));
            assertEquals("drop unexpected", judge(tape.withPorts(511, port).syn()));
            assertEquals("drop unexpected", judge(tape.withPorts(20, port).syn()));
            assertEquals("drop unexpected", judge(tape.withPorts(1024, port).syn()));
            assertEquals("drop unexpected", judge(tape.withPorts(50_000, port).syn()));
            final String stranger = ipv6 ? EngineFixture.STRANGER6 : EngineFixture.STRANGER;
            assertEquals(
                    "drop unexpected",
                    judge(tape.withHosts(stranger, tape.server())
                            .withPorts(517, port)
                            .syn()));
            assertEquals(
                    "drop unexpected",
                    judge(tape.withHosts(tape.server(), tape.client())
                            .withPorts(517, port)
                            .syn()));
        }
        assertEquals("drop unexpected", judge(tape.withPorts(517, 10_081).syn()));
        assertEquals("drop no-flow", judge(tape.withPorts(518, 10_083).client(0, CLIENT_TEXT)), "not before its SYN");
    }

    @Test
    void shouldLetTheIndexDialoguePassUnread() {
        final LegacyConnection index = tape.withPorts(516, 10_082);
        assertEquals("accept legacy-recovery", judge(index.syn()));
        assertPasses(index.synAck(), index.client(0, "END\r\n"), index.server(0, "CONNECT 50093\n"));
        assertOpens();
        assertNotRead();
    }

    @Test
    void shouldOpenNothingThroughAStaticRange() {
        final StaticRange range =
                new StaticRange(HostSet.of(tape.client()), HostSet.of(tape.server()), PortSet.of(10_083));
        final EngineFixture on =
                fixture(EngineFixture.policy(EngineFixture.policy(), Policy.DEFAULT_CONTROL_PORTS, range));

        assertEquals("accept static", on.send(tape.syn(), NOW).summary());
        assertPasses(on, tape.synAck(), tape.client(0, CLIENT_TEXT), tape.server(0, SERVER_TEXT));
        assertEquals(Set.of(), on.expectedPorts());
    }

    @Test
    void shouldReadTheTextHoweverItIsCutIntoSegments() {
        for (int size = 1; size <= 60; size += size < 8 ? 1 : 7) {
            final EngineFixture on = fixture(LegacyConnection.policy());
            connect(on);
            for (int at = 0; at < CLIENT_TEXT.length(); at += size) {
                final String piece = CLIENT_TEXT.substring(at, Math.min(at + size, CLIENT_TEXT.length()));
                assertPasses(on, tape.client(at, piece));
            }
            for (int at = 0; at + size < SERVER_TEXT.length(); at += size) {
                assertPasses(on, tape.server(at, SERVER_TEXT.substring(at, at + size)));
            }
            assertEquals(Set.of(), on.expectedPorts(), "without the line end");
            final int last = (SERVER_TEXT.length() - 1) / size * size;
            assertEquals(
                    "accept legacy-recovery",
                    on.send(tape.server(last, SERVER_TEXT.substring(last)), NOW).summary());
            assertEquals(Set.of(PORT), on.expectedPorts());
        }
    }

    @Test
    void shouldDropWhatComesBeforeWhatItFollowsUntilTheLineIsRead() {
        connect();
        final int half = CLIENT_TEXT.length() / 2;
        final byte[] second = tape.client(half, CLIENT_TEXT.substring(half));
        assertEquals("drop legacy-recovery", judge(second));
        assertPasses(tape.client(half, ""), tape.client(0, CLIENT_TEXT.substring(0, half)), second);
        final byte[] line = tape.server(LINE, SERVER_TEXT.substring(LINE));
        assertEquals("drop legacy-recovery", judge(line));
        assertOpens();
        assertPasses(tape.server(0, SERVER_TEXT.substring(0, LINE)));
        assertEquals("accept legacy-recovery", judge(line));
        assertPasses(line, tape.server(5000, "FEEDME x\r\n"), tape.client(9000, "OK\r\n"));
        assertOpens(PORT);
        assertEquals(1, fixture.tables().counters().created(StreamName.LEGACY), "the repeated line");
    }

    @Test
    void shouldNotReadTheClientBehindItsEnd() {
        ask();

        assertPasses(tape.client(CLIENT_TEXT.length() + 500, "OK\r\n"));

        assertEquals("accept legacy-recovery", judge(tape.server(0, SERVER_TEXT)));
    }

    /** What was read first stays: the peer may take the later copy, and is then refused where it goes. */
    @Test
    void shouldNotReadAgainWhatIsRepeatedWithOtherBytes() {
        ask();
        assertPasses(tape.server(0, "ffCONNECT 500"));
        assertPasses(tape.server(0, "ffCONNECT 222"));
        assertPasses(tape.server(2, "CONNECT 111"));
        assertEquals("accept legacy-recovery", judge(tape.server(5, "XXXXX111" + "93\nCONNECT 4000\n")));
        assertOpens(50_093);
        assertPasses(tape.server(0, "ffCONNECT 40000\n"));
        assertOpens(50_093);
    }

    @Test
    void shouldNotTakeARepeatedByteForAnEnd() {
        connect();
        assertPasses(tape.client(0, "SECURITY USER root\r\nEN"));
        assertPasses(tape.client(20, "XXD\r\n"), tape.client(0, "END\r\nEND\r\nEND\r\nEND\r\nEND\r\n"));

        assertEquals("accept legacy-recovery", judge(tape.server(0, SERVER_TEXT)), "END, each byte of its first copy");
    }

    @Test
    void shouldRefuseALineThatComesBeforeTheEnd() {
        connect();
        assertPasses(tape.client(0, "SECURITY USER root\r\n"));

        final Outcome line = fixture.send(tape.server(0, SERVER_TEXT), NOW);

        assertEquals("accept refused-reply", line.summary());
        assertEquals(Refusal.MISPLACED, line.refusal());
        assertEquals(1, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.MISPLACED));
        assertPasses(tape.client(20, "END\r\n"), tape.server(SERVER_TEXT.length(), SERVER_TEXT.substring(LINE)));
        assertOpens();
    }

    @Test
    void shouldNotListenToTheClient() {
        connect();
        assertPasses(tape.client(0, "CONNECT 50093\nEND\r\nCONNECT 50093\n"), tape.client(1000, SERVER_TEXT));
        assertOpens();
    }

    @Test
    void shouldOpenTheFirstOfTwoLinesOnly() {
        ask();
        assertEquals("accept legacy-recovery", judge(tape.server(0, "CONNECT 50001\nCONNECT 50002\n")));
        assertPasses(tape.server(28, "CONNECT 50003\n"));
        assertOpens(50_001);
    }

    @Test
    void shouldOpenNothingForAWrongLineAndGoOn() {
        ask();
        final Outcome line = fixture.send(tape.server(0, "CONNECT 22\n"), NOW);
        assertEquals("accept refused-reply", line.summary());
        assertEquals(Refusal.PORT, line.refusal());
        assertPasses(tape.server(11, "CONNECT 50093\n"), tape.server(11, "CONNECT 50093\n"));
        assertOpens();
        assertNotRead();
    }

    @Test
    void shouldHoldAWrongLineBackWhereRefusedRepliesAreDropped() {
        final EngineFixture strict = new EngineFixture(
                EngineSettings.builder(LegacyConnection.policy())
                        .dropRefusedReplies(true)
                        .conclude(),
                TableLimits.DEFAULTS);
        connect(strict);
        assertPasses(strict, tape.client(0, CLIENT_TEXT), tape.server(0, "ff"));

        for (int i = 0; i < 3; i++) {
            assertEquals(
                    "drop refused-reply",
                    strict.send(tape.server(2, "CONNECT 22\n"), NOW).summary());
            assertEquals(
                    "drop legacy-recovery",
                    strict.send(tape.server(13, "data"), NOW).summary());
        }
        assertEquals(3, strict.counters().of(Tally.REPLIES_REFUSED, Refusal.PORT));
        assertEquals(Set.of(), strict.expectedPorts());
    }

    @Test
    void shouldOpenOnlyPortsOfTheAllowanceAndNoControlPort() {
        final EngineFixture on =
                fixture(LegacyConnection.policy(PortSet.range(50_000, 50_100), PortSet.of(10_080, 50_050)));
        for (final int port : new int[] {49_999, 50_000, 50_050, 50_100, 50_101}) {
            final LegacyConnection each = tape.withPorts(512 + port % 500, 10_083);
            on.send(each.syn(), NOW);
            on.send(each.synAck(), NOW);
            on.send(each.client(0, CLIENT_TEXT), NOW);
            final List<String> outside = new ArrayList<>();
            on.tell((packet, decision, nowNanos) -> {
                if (decision.cause() == Cause.PORT_OUTSIDE) {
                    outside.add(decision.causeNumber() + " of " + decision.streamPort(0));
                }
            });
            final Outcome line = on.send(each.server(0, "CONNECT " + port + "\n"), NOW);
            assertEquals(
                    line.refusal() == Refusal.PORT_NOT_ALLOWED ? List.of(port + " of " + port) : List.of(), outside);
            assertEquals(
                    switch (port) {
                        case 50_000, 50_100 -> Refusal.NONE;
                        case 50_050 -> Refusal.PORT;
                        default -> Refusal.PORT_NOT_ALLOWED;
                    },
                    line.refusal());
        }
        assertEquals(Set.of(50_000, 50_100), on.expectedPorts());
    }

    @Test
    void shouldOpenNothingOfAPolicyThatIsGone() {
        ask();
        fixture.engine().settings(EngineFixture.settings(EngineFixture.policy()));

        final Outcome line = fixture.send(tape.server(0, SERVER_TEXT), NOW);

        assertEquals(Refusal.PORT_NOT_ALLOWED, line.refusal());
        assertOpens();
        assertEquals("drop unexpected", judge(tape.withPorts(518, 10_083).syn()));
    }

    @Test
    void shouldSayWhenTheRequesterMayExpectNoMore() {
        final TableLimits all = TableLimits.DEFAULTS;
        final EngineFixture on = new EngineFixture(
                EngineFixture.settings(LegacyConnection.policy()),
                new TableLimits(
                        new TableLimits.Transactions(64, 64, all.transactions().replyWithinNanos()),
                        new TableLimits.Expectations(64, 1, 180 * SECOND, 5),
                        new TableLimits.Flows(64, all.flows().idleNanos())));
        for (int i = 0; i < 2; i++) {
            final LegacyConnection each = tape.withPorts(600 + i, 10_083);
            on.send(each.syn(), NOW);
            on.send(each.synAck(), NOW);
            on.send(each.client(0, CLIENT_TEXT), NOW);
            final Outcome line = on.send(each.server(0, "CONNECT " + (50_000 + i) + "\n"), NOW);
            assertEquals(i == 0 ? Refusal.NONE : Refusal.LIMIT, line.refusal());
        }
        assertEquals(Set.of(50_000), on.expectedPorts());
    }

    /** Amanda before 2.5: the data comes on this connection, and it may look like anything. */
    @Test
    void shouldLetDataPassThatComesOnTheConnectionItself() {
        ask();
        assertPasses(tape.server(0, "AMANDA: FILE 20261123031857\n"), tape.server(9000, "CONNECT 50093\n"));
        assertOpens();
        assertNotRead();
        for (final Refusal refusal : Refusal.values()) {
            assertEquals(0, fixture.counters().of(Tally.REPLIES_REFUSED, refusal), "not an error: " + refusal);
        }
    }

    @Test
    void shouldGiveUpWhereTheQueueCopiesTooLittle() {
        connect();
        final byte[] packet = tape.client(0, CLIENT_TEXT);

        final Outcome outcome = fixture.sendTruncated(packet, packet.length - 1, NOW);

        assertEquals("accept established", outcome.summary());
        assertEquals(1, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.UNREAD));
        assertPasses(tape.server(0, SERVER_TEXT));
        assertOpens();
    }

    @Test
    void shouldGiveUpOnAFragment() {
        ask();
        final byte[] segment = tape.server(0, SERVER_TEXT + "x".repeat(600));
        final List<byte[]> parts = PacketBuilder.fragments(segment, 600);
        assertPasses(parts.get(0), parts.get(1));
        assertOpens();
        assertEquals(1, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.UNREAD));
        assertNotRead();
    }

    /** A queue that overflowed and let packets pass: the receiver has them and will never have them repeated. */
    @Test
    void shouldNotWaitForWhatThePeerHasAlready() {
        ask();
        final byte[] later = tape.server(200, "x");
        assertEquals("drop legacy-recovery", judge(later));
        final int acknowledged = tape.serverStart() + 1 + 200;
        assertPasses(tape.fromClient(TcpView.ACK, CLIENT_TEXT.length() + 2_000_000, acknowledged, ""));
        assertEquals("drop legacy-recovery", judge(later), "a sequence number that nobody of this connection has");
        assertPasses(tape.fromClient(TcpView.ACK, CLIENT_TEXT.length(), acknowledged + 2_000_000, ""));
        assertEquals("drop legacy-recovery", judge(later), "an acknowledgement of what was never sent");
        assertPasses(tape.fromClient(TcpView.ACK, CLIENT_TEXT.length(), tape.serverStart() + 1, ""));
        assertEquals("drop legacy-recovery", judge(later), "nothing that was not read");
        assertEquals(0, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.UNREAD));

        assertPasses(tape.fromClient(TcpView.ACK, CLIENT_TEXT.length(), acknowledged, ""));

        assertEquals(1, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.UNREAD));
        assertPasses(later);
        assertOpens();
    }

    @Test
    void shouldNotWaitForTheClientsTextThatTheServerHas() {
        connect();
        assertEquals("drop legacy-recovery", judge(tape.client(100, CLIENT_TEXT.substring(100))));

        assertPasses(tape.fromServer(TcpView.ACK, 0, tape.clientStart() + 1 + 100, ""));

        assertPasses(tape.client(100, CLIENT_TEXT.substring(100)), tape.server(0, SERVER_TEXT));
        assertOpens();
    }

    @Test
    void shouldGiveUpBeyondItsLimits() {
        connect();
        for (int i = 0; i < 46; i++) {
            assertPasses(tape.client(1400 * i, "x".repeat(1400)));
        }
        assertPasses(tape.client(1400 * 46, "x".repeat(1400)));
        assertEquals(1, fixture.counters().of(Tally.REPLIES_REFUSED, Refusal.UNREAD));
        assertPasses(tape.client(1400 * 47, "\r\nEND\r\n"), tape.server(0, SERVER_TEXT));
        assertOpens();
    }

    @Test
    void shouldDropASegmentWithAWrongChecksumUnread() {
        ask();
        final byte[] broken = tape.server(0, SERVER_TEXT);
        broken[broken.length - 2] ^= 1;

        final Outcome outcome = fixture.send(broken, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.BAD_CHECKSUM, outcome.decodeStatus());
        assertOpens();
        assertEquals("accept legacy-recovery", judge(tape.server(0, SERVER_TEXT)));
        assertOpens(PORT);
    }

    @Test
    void shouldReadASegmentWhoseChecksumIsNotThereYet() {
        ask();
        final byte[] packet = tape.server(0, SERVER_TEXT);
        packet[(ipv6 ? 40 : 20) + 16] ^= 0x55;
        fixture.packetFlags(PacketBatch.CHECKSUM_NOT_READY);

        assertEquals("accept legacy-recovery", judge(packet));
    }

    @Test
    void shouldStopAtTheEndOfTheConnection() {
        ask();
        assertPasses(tape.server(0, SERVER_TEXT.substring(0, LINE)));
        final int sent = tape.clientStart() + 1 + CLIENT_TEXT.length();
        assertPasses(tape.fromServer(TcpView.RST | TcpView.ACK, LINE, sent, ""));

        fixture.engine().housekeep(NOW + 10 * SECOND, 100_000);

        assertNotRead();
        assertEquals(
                "drop no-flow",
                fixture.send(tape.server(LINE, SERVER_TEXT.substring(LINE)), NOW + 10 * SECOND)
                        .summary());
        assertOpens();
    }

    @Test
    void shouldGoOnAfterAForgedReset() {
        ask();

        assertPasses(tape.fromServer(TcpView.RST, 1_000_000, 0, ""));
        fixture.engine().housekeep(NOW + 60 * SECOND, 100_000);

        assertEquals(
                "accept legacy-recovery",
                fixture.send(tape.server(0, SERVER_TEXT), NOW + 60 * SECOND).summary());
    }

    @Test
    void shouldReadTheTextOfASegmentWithFin() {
        ask();
        assertEquals(
                "accept legacy-recovery",
                judge(tape.fromServer(TcpView.FIN | TcpView.ACK, 0, tape.clientStart() + 1, SERVER_TEXT)));
        assertOpens(PORT);
    }

    @Test
    void shouldBeginAnewWithTheNextConnectionFromTheSamePort() {
        ask();
        assertPasses(tape.server(0, "ff"));
        final int sent = tape.clientStart() + 1 + CLIENT_TEXT.length();
        assertPasses(
                tape.fromServer(TcpView.FIN | TcpView.ACK, 2, sent, ""),
                tape.fromClient(TcpView.FIN | TcpView.ACK, CLIENT_TEXT.length(), tape.serverStart() + 4, ""));

        final LegacyConnection next = tape.withStart(700_000, 900_000);
        assertEquals("accept legacy-recovery", judge(next.syn()));
        assertPasses(next.synAck());
        final Outcome early = fixture.send(next.server(0, SERVER_TEXT), NOW);
        assertEquals(Refusal.MISPLACED, early.refusal(), "the END was the other connection's");
        assertOpens();
    }

    /** Only the answer to a SYN makes a connection begin anew, and anybody can forge the SYN. */
    @Test
    void shouldTakeNoNoticeOfAForgedSyn() {
        ask();
        assertPasses(tape.server(0, "ffCON"));

        assertEquals("accept legacy-recovery", judge(tape.withStart(123_456, 0).syn()));
        assertPasses(tape.fromServer(TcpView.ACK, 5, tape.clientStart() + 1 + CLIENT_TEXT.length(), ""));

        assertEquals("accept legacy-recovery", judge(tape.server(5, "NECT 50093\n")));
        assertOpens(PORT);
        assertEquals("accept legacy-recovery", judge(tape.withStart(123_456, 0).syn()));
        assertPasses(tape.server(16, "FEEDME x\r\n"), tape.server(900, "x"), tape.client(3000, "OK\r\n"));
        assertOpens(PORT);
    }

    @Test
    void shouldBeginAnewWhenTheServerAnswersTheSynOfALostConnection() {
        ask();
        assertPasses(tape.server(0, "ffCON"));
        final LegacyConnection next = tape.withStart(700_000, 900_000);
        assertEquals("accept legacy-recovery", judge(next.syn()));
        assertPasses(next.synAck(), next.client(0, CLIENT_TEXT));

        assertEquals("accept legacy-recovery", judge(next.server(0, SERVER_TEXT)));
        assertOpens(PORT);
    }

    @Test
    void shouldReadNothingTwiceAfterARepeatedHandshake() {
        connect();
        assertPasses(tape.client(0, CLIENT_TEXT), tape.synAck(), tape.server(0, "ff"), tape.synAck());

        assertEquals("accept legacy-recovery", judge(tape.server(0, "xxCONNECT 50093\n")));
        assertOpens(PORT);
    }

    /** The SYN/ACK was late, so the SYN was repeated, and its second answer comes after the text. */
    @Test
    void shouldReadOnWhenTheWholeHandshakeIsRepeatedDuringTheText() {
        connect();
        assertPasses(tape.syn(), tape.client(0, CLIENT_TEXT), tape.synAck(), tape.client(CLIENT_TEXT.length(), ""));

        assertEquals("accept legacy-recovery", judge(tape.server(0, SERVER_TEXT)));

        assertOpens(PORT);
    }

    @Test
    void shouldNotReadAConnectionWhoseHandshakeItDidNotSee() {
        assertEquals("accept legacy-recovery", judge(tape.syn()));
        assertPasses(tape.client(0, CLIENT_TEXT), tape.server(0, SERVER_TEXT), tape.server(9000, SERVER_TEXT));
        assertPasses(tape.fromServer(TcpView.SYN | TcpView.ACK, -1, tape.clientStart() + 2, ""));
        assertPasses(tape.client(0, CLIENT_TEXT), tape.server(0, SERVER_TEXT));
        assertOpens();
    }

    @Test
    void shouldServeSeveralWorkersAndSeveralConnections() {
        final EngineFixture other = fixture.sibling(EngineFixture.settings(LegacyConnection.policy()));
        for (int i = 0; i < 50; i++) {
            final LegacyConnection each = tape.withPorts(600 + i, 10_083);
            assertEquals("accept legacy-recovery", judge(each.syn()));
            assertPasses(other, each.synAck());
            assertPasses(each.client(0, CLIENT_TEXT));
        }
        for (int i = 0; i < 50; i++) {
            final LegacyConnection each = tape.withPorts(600 + i, 10_083);
            final String line = "CONNECT " + (40_000 + i) + "\n";
            assertEquals(
                    "accept legacy-recovery",
                    other.send(each.server(0, line), NOW).summary());
            assertEquals("accept expected", judge(tape.dataSyn(700, 40_000 + i)));
        }
        assertNotRead();
    }

    @Test
    void shouldTellButNotDropInMonitorMode() {
        final EngineFixture monitor = new EngineFixture(
                EngineSettings.builder(LegacyConnection.policy()).enforce(false).conclude(), TableLimits.DEFAULTS);
        connect(monitor);
        monitor.send(tape.client(0, CLIENT_TEXT), NOW);

        final Outcome ahead = monitor.send(tape.server(LINE, SERVER_TEXT.substring(LINE)), NOW);
        assertEquals("drop legacy-recovery", ahead.summary());
        assertEquals(Verdict.CONTINUE, monitor.told(0));
        assertEquals(1, monitor.counters().wouldDrop(Reason.LEGACY_RECOVERY));
        monitor.send(tape.server(0, SERVER_TEXT.substring(0, LINE)), NOW);
        final int all = tape.serverStart() + 1 + SERVER_TEXT.length();
        monitor.send(tape.fromClient(TcpView.ACK, CLIENT_TEXT.length(), all, ""), NOW);

        assertPasses(monitor, tape.server(SERVER_TEXT.length(), "x"));
        assertFalse(monitor.expectedPorts().contains(PORT));
    }
}
