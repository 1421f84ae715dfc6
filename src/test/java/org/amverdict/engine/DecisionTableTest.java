package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.inputs.BadInput;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the decision table of architecture.md, for both families. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class DecisionTableTest {
    private static final String FOUR = "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084";
    private static final long NOW = 5 * EngineFixture.SECOND;

    private final boolean ipv6;
    private final EngineFixture fixture = new EngineFixture();
    private final Exchange backup;

    DecisionTableTest(final boolean ipv6) {
        this.ipv6 = ipv6;
        backup = exchange("sendbackup");
    }

    private Exchange exchange(final String service) {
        final Exchange exchange = Exchange.of(service);
        return ipv6 ? exchange.overIpv6() : exchange;
    }

    private String stranger() {
        return ipv6 ? EngineFixture.STRANGER6 : EngineFixture.STRANGER;
    }

    private String judge(final byte[] packet) {
        return judge(fixture, packet);
    }

    private static String judge(final EngineFixture on, final byte[] packet) {
        return on.send(packet, NOW).summary();
    }

    private void open(final String connectLine) {
        assertEquals("accept request", judge(backup.request()));
        assertEquals("accept reply", judge(backup.reply(connectLine)));
    }

    private static SortedSet<Integer> ports(final Integer... ports) {
        return new TreeSet<>(List.of(ports));
    }

    @Test
    void shouldDropWhatCannotBeDecoded() {
        final byte[] packet = backup.request();
        packet[0] = (byte) 0xf5;

        final Outcome outcome = fixture.send(packet, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.BAD_VERSION, outcome.decodeStatus());
    }

    @Test
    @BadInput(53)
    void shouldDropAControlDatagramWithAWrongChecksum() {
        final byte[] packet = backup.request();
        packet[packet.length - 1] ^= 1;

        final Outcome outcome = fixture.send(packet, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.BAD_CHECKSUM, outcome.decodeStatus());
        fixture.packetFlags(PacketBatch.CHECKSUM_NOT_READY);
        assertEquals("accept request", judge(packet), "the card is to compute it");
    }

    @Test
    void shouldOpenNothingForATruncatedCopy() {
        judge(backup.request());
        final byte[] reply = backup.reply(FOUR);

        final Outcome outcome = fixture.sendTruncated(reply, reply.length - 1, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.TRUNCATED, outcome.decodeStatus());
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldDropARequestWithoutAllowance() {
        assertEquals(
                "drop not-allowed",
                judge(backup.withHosts(stranger(), backup.responder()).request()));
        assertEquals(
                "drop not-allowed",
                judge(backup.withHosts(backup.requester(), stranger()).request()));
    }

    /** For reports only: which line the request would need. A flood is not read. */
    @Test
    void shouldNoteTheServiceOfARequestWithoutAllowance() {
        final byte[] request = backup.withHosts(stranger(), backup.responder()).request();

        int read = 0;
        for (int i = 0; i < 2 * StrangersRequest.READ_MAX; i++) {
            read += fixture.send(request, NOW).service() == Service.SENDBACKUP ? 1 : 0;
        }
        assertEquals(StrangersRequest.READ_MAX, read);
        assertEquals(
                Service.SENDBACKUP,
                fixture.send(request, NOW + StrangersRequest.WINDOW_NANOS).service());
        assertEquals("drop not-allowed", judge(request));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldDropAControlDatagramWithoutHeader() {
        final byte[] text = "CONNECT DATA 3306 ".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertEquals(
                "drop bad-control",
                judge(EngineFixture.udp(backup.requester(), 844, backup.responder(), EngineFixture.CONTROL, text)));
        assertEquals(
                "drop bad-control",
                judge(EngineFixture.udp(
                        backup.requester(), 844, backup.responder(), EngineFixture.CONTROL, new byte[0])));
    }

    @Test
    void shouldDropABadRequest() {
        assertEquals("drop bad-request", judge(backup.fromRequester("REQ", "SERVICE sendbackup\n")));
        assertEquals(
                "drop bad-request",
                judge(backup.withPorts(1024, EngineFixture.CONTROL).request()));
        assertEquals(
                "drop bad-request",
                judge(backup.withPorts(511, EngineFixture.CONTROL).request()));
        assertEquals(
                "accept request",
                judge(backup.withPorts(512, EngineFixture.CONTROL).request()));
        assertEquals(
                "accept request",
                judge(backup.withPorts(1023, EngineFixture.CONTROL).request()));
    }

    @Test
    void shouldAcceptARequestAndItsRepetition() {
        final Outcome first = fixture.send(backup.request(), NOW);

        assertEquals("accept request", first.summary());
        assertEquals(MessageType.REQ, first.type());
        assertEquals(Service.SENDBACKUP, first.service());
        assertEquals("accept request", judge(backup.request()));
        assertEquals(1, fixture.tables().transactions().size());
    }

    @Test
    void shouldDropARequestThatTakesAnothersNamesForAnotherService() {
        judge(backup.request());

        assertEquals("drop bad-request", judge(backup.withService("noop").request()));
    }

    @Test
    void shouldDropARequestForAnotherService() {
        final EngineFixture noopOnly = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy(Service.NOOP.bit(), Policy.DEFAULT_STREAM_PORTS)),
                TableLimits.DEFAULTS);

        assertEquals("drop service-not-allowed", judge(noopOnly, backup.request()));
        assertEquals("drop unsolicited", judge(noopOnly, backup.reply(FOUR)));
        assertEquals("accept request", judge(noopOnly, exchange("noop").request()));
    }

    @Test
    void shouldAcceptAnAckOfTheRequesterWithAndWithoutTransaction() {
        assertEquals("accept ack", judge(backup.acknowledgement()));
        open(FOUR);
        assertEquals("accept ack", judge(backup.acknowledgement()));
    }

    @Test
    @BadInput(64)
    void shouldDropAnswersInTheWrongDirection() {
        judge(backup.request());
        for (final String type : List.of("REP", "PREP", "NAK")) {
            assertEquals("drop wrong-direction", judge(backup.fromRequester(type, FOUR + "\n")), type);
        }
        assertEquals("drop wrong-direction", judge(backup.fromResponder("REQ", "SECURITY USER x\nSERVICE noop\n")));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldDropAnAnswerToNoRequest() {
        for (final String type : List.of("REP", "PREP", "NAK", "ACK", "REQ")) {
            assertEquals("drop unsolicited", judge(backup.fromResponder(type, FOUR + "\n")), type);
        }
        judge(backup.request());
        assertEquals(
                "drop unsolicited",
                judge(backup.withNames("000-00000001", "1795174338").reply(FOUR)));
        assertEquals(
                "drop unsolicited",
                judge(backup.withNames("000-00000000", "1795174339").reply(FOUR)));
        assertEquals(
                "drop unsolicited",
                judge(backup.withPorts(845, EngineFixture.CONTROL).reply(FOUR)));
        assertEquals(
                "drop unsolicited",
                judge(backup.withHosts(backup.requester(), stranger()).reply(FOUR)));
        assertEquals(
                "drop unsolicited",
                judge(backup.withHosts(stranger(), backup.responder()).reply(FOUR)));
        assertEquals(
                "drop unsolicited",
                judge(backup.withHosts(backup.responder(), backup.requester()).reply(FOUR)));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    @BadInput(64)
    void shouldAcceptAckAndPrepOfTheResponderAndOpenNothing() {
        judge(backup.request());

        assertEquals("accept reply", judge(backup.fromResponder("ACK", "")));
        assertEquals("accept reply", judge(backup.fromResponder("PREP", FOUR + "\n")));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldRevokeOnANak() {
        open(FOUR);
        assertEquals("accept expected", judge(backup.syn(50_081)));

        assertEquals("accept reply", judge(backup.fromResponder("NAK", "ERROR no\n")));

        assertEquals("drop unexpected", judge(backup.syn(50_082)));
        assertEquals("accept established", judge(backup.syn(50_081)), "what is taken stays");
        final Outcome late = fixture.send(backup.reply(FOUR.replace("5008", "5009")), NOW);
        assertEquals("closed", late.refusal().label());
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldInstallWhatAReplyAnnounces() {
        judge(backup.request());

        final Outcome outcome = fixture.send(backup.reply(FOUR), NOW);

        assertEquals(List.of("DATA 50081", "MESG 50082", "INDEX 50083", "STATE 50084"), outcome.streams());
        assertEquals(Service.SENDBACKUP, outcome.service());
        assertEquals(ports(50_081, 50_082, 50_083, 50_084), fixture.expectedPorts());
    }

    @Test
    void shouldLetARefusedReplyPassOrDropIt() {
        judge(backup.request());
        assertEquals("accept refused-reply", judge(backup.reply("CONNECT DATA 22 MESG 23 INDEX 24")));

        final EngineFixture strict = new EngineFixture(
                EngineSettings.builder(EngineFixture.policy())
                        .dropRefusedReplies(true)
                        .conclude(),
                TableLimits.DEFAULTS);
        judge(strict, backup.request());
        assertEquals("drop refused-reply", judge(strict, backup.reply("CONNECT DATA 22 MESG 23 INDEX 24")));
        assertEquals(
                "accept reply", judge(strict, backup.reply(FOUR)), "a refused one that is dropped settles nothing");
        assertEquals(1, strict.counters().of(Tally.REPLIES_REFUSED, org.amverdict.amanda.Refusal.PORT));
    }

    @Test
    void shouldAcceptAKnownFlowInBothDirections() {
        open(FOUR);
        assertEquals("accept expected", judge(backup.syn(50_081)));

        assertEquals("accept established", judge(backup.tcpBack(50_081, TcpView.SYN | TcpView.ACK)));
        final Outcome outcome = fixture.send(backup.tcp(50_081, TcpView.ACK), NOW);
        assertEquals("accept established", outcome.summary());
        assertEquals(StreamName.DATA, outcome.stream());
        assertEquals("accept established", judge(backup.tcpBack(50_081, TcpView.ACK | TcpView.FIN)));
        assertEquals("drop no-flow", judge(backup.tcp(50_082, TcpView.ACK)), "not before its SYN");
    }

    @Test
    void shouldAcceptASynToAControlPort() {
        assertEquals("accept control-tcp", judge(backup.syn(EngineFixture.CONTROL)));
        assertEquals("accept established", judge(backup.tcpBack(EngineFixture.CONTROL, TcpView.SYN | TcpView.ACK)));
        assertEquals(
                "drop unexpected",
                judge(backup.withHosts(stranger(), backup.responder()).syn(EngineFixture.CONTROL)));
    }

    @Test
    void shouldDropOldRecoveryWithoutItsKey() {
        for (final int port : new int[] {10_082, 10_083}) {
            assertEquals("drop unexpected", judge(backup.syn(port)));
            assertEquals("drop unexpected", judge(backup.synFrom(517, port)));
        }
    }

    @Test
    void shouldAcceptAnExpectedSynOnceAndMarkIt() {
        final EngineFixture marking = new EngineFixture(
                EngineSettings.builder(EngineFixture.policy())
                        .marks(EngineFixture.marks(Map.of(StreamName.DATA, 0x10L, StreamName.MESG, 0xfff0L), 0xf0))
                        .conclude(),
                TableLimits.DEFAULTS);
        marking.packetMark(0xabcd_ef01);
        judge(marking, backup.request());
        judge(marking, backup.reply(FOUR));

        assertEquals("accept expected", judge(marking, backup.syn(50_081)));
        assertEquals(0xabcd_ef11L, marking.toldMark(0));
        assertEquals("accept established", judge(marking, backup.tcpBack(50_081, TcpView.SYN | TcpView.ACK)));
        assertEquals(0xabcd_ef11L, marking.toldMark(0));
        assertEquals("accept expected", judge(marking, backup.syn(50_082)));
        assertEquals(0xabcd_eff1L, marking.toldMark(0), "only the bits of the mask");
        assertEquals("accept expected", judge(marking, backup.syn(50_083)));
        assertEquals(VerdictBatch.NO_MARK, marking.toldMark(0), "a stream without mark");
        assertEquals("drop unexpected", judge(marking, backup.syn(50_085)));
        assertEquals(VerdictBatch.NO_MARK, marking.toldMark(0));
    }

    @Test
    void shouldAcceptAStaticRange() {
        final HostSet from = HostSet.of(backup.requester());
        final HostSet to = HostSet.of(backup.responder());
        final EngineFixture ranged = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy(
                        EngineFixture.policy(),
                        Policy.DEFAULT_CONTROL_PORTS,
                        new StaticRange(from, to, PortSet.range(11_000, 11_040)))),
                TableLimits.DEFAULTS);

        assertEquals("accept static", judge(ranged, backup.syn(11_000)));
        assertEquals("accept static", judge(ranged, backup.syn(11_040)));
        assertEquals("accept established", judge(ranged, backup.tcpBack(11_040, TcpView.SYN | TcpView.ACK)));
        assertEquals("drop unexpected", judge(ranged, backup.syn(11_041)));
        assertEquals(
                "drop unexpected",
                judge(
                        ranged,
                        backup.withHosts(backup.responder(), backup.requester()).syn(11_001)));
    }

    @Test
    void shouldDropAnUnexpectedSynAndNameTheNearest() {
        open(FOUR);

        final Outcome outcome = fixture.send(backup.syn(50_086), NOW);

        assertEquals("drop unexpected", outcome.summary());
        assertEquals(50_084, outcome.nearestPort());
    }

    @Test
    void shouldDropTcpWithoutFlow() {
        for (final int flags :
                new int[] {TcpView.ACK, TcpView.RST, TcpView.FIN | TcpView.ACK, TcpView.SYN | TcpView.ACK}) {
            assertEquals("drop no-flow", judge(backup.tcp(50_081, flags)));
        }
    }

    @Test
    void shouldDropWhatIsNotAmanda() {
        assertEquals(
                "drop not-amanda",
                judge(EngineFixture.udp(backup.requester(), 5000, backup.responder(), 53, new byte[4])));
        assertEquals(
                "drop not-amanda",
                judge(backup.withPorts(EngineFixture.CONTROL, EngineFixture.CONTROL)
                        .request()),
                "both ports are control ports");
        assertEquals(
                "drop not-amanda",
                judge(PacketBuilder.ip(backup.requester(), backup.responder()).icmp(ipv6 ? 128 : 8, 0, new byte[8])));
        assertEquals(
                "drop not-amanda",
                judge(PacketBuilder.ip(backup.requester(), backup.responder()).payload(132, new byte[16])));
    }

    /** A router on the responder's side. */
    private String router() {
        return ipv6 ? "2001:db8:2::1" : "198.51.100.1";
    }

    /** Any type and code, about a packet of the requester. */
    private byte[] error(final int type, final int code, final byte[] quoted) {
        return PacketBuilder.icmpError(router(), backup.requester(), type, code, quoted);
    }

    @Test
    void shouldAcceptAnErrorAboutAKnownFlow() {
        open(FOUR);
        judge(backup.syn(50_081));

        final Outcome aboutSyn = fixture.send(backup.unreachableForRequester(backup.syn(50_081)), NOW);
        assertEquals("accept related", aboutSyn.summary());
        assertEquals(VerdictBatch.NO_MARK, fixture.toldMark(0));
        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(backup.syn(50_085))), "no such flow");
        final byte[] answer = backup.synAck(50_081);
        assertEquals("drop not-amanda", judge(backup.unreachableForResponder(answer)), "not sent yet");
        judge(answer);
        assertEquals("accept related", judge(backup.unreachableForResponder(answer)));
        judge(backup.data(50_081, 1001, 1400));
        assertEquals("accept related", judge(error(ipv6 ? 2 : 3, ipv6 ? 0 : 4, backup.data(50_081, 1001, 1400))));
        assertEquals("drop not-amanda", judge(error(ipv6 ? 2 : 3, ipv6 ? 0 : 4, backup.data(50_081, 2402, 1400))));
        assertEquals("accept established", judge(backup.data(50_081, 2401, 1400)), "the flow is as it was");
    }

    @Test
    void shouldAcceptAnErrorAboutAKnownTransaction() {
        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(backup.request())));
        judge(backup.request());
        final byte[] acknowledgement = backup.fromResponder("ACK", "");

        assertEquals("accept related", judge(backup.unreachableForRequester(backup.request())));
        assertEquals("accept related", judge(backup.unreachableForResponder(acknowledgement)));
        final Exchange other = backup.withPorts(845, EngineFixture.CONTROL);
        assertEquals("drop not-amanda", judge(other.unreachableForRequester(other.request())));
        final Exchange otherPort = backup.withPorts(844, EngineFixture.CONTROL + 1);
        assertEquals("drop not-amanda", judge(otherPort.unreachableForRequester(otherPort.request())));
        final Exchange turned = backup.withHosts(backup.responder(), backup.requester());
        assertEquals("drop not-amanda", judge(turned.unreachableForRequester(turned.request())));
        assertEquals("accept reply", judge(backup.reply(FOUR)), "the transaction is as it was");
        assertEquals("accept ack", judge(backup.acknowledgement()));
        assertEquals("accept related", judge(backup.unreachableForRequester(backup.acknowledgement())), "closed");
    }

    @Test
    void shouldAcceptAnErrorAboutAnExpectedConnectionAndGoOnExpectingIt() {
        open(FOUR);

        assertEquals("accept related", judge(backup.unreachableForRequester(backup.syn(50_081))));
        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(backup.synFrom(20, 50_081))));
        assertEquals("drop not-amanda", judge(backup.unreachableForResponder(backup.tcpBack(50_081, TcpView.ACK))));
        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(backup.syn(50_085))));
        assertEquals(ports(50_081, 50_082, 50_083, 50_084), fixture.expectedPorts());
        assertEquals("accept expected", judge(backup.syn(50_081)));
    }

    @Test
    void shouldAcceptErrorsOnlyAndOfAnyRouter() {
        judge(backup.request());
        for (int type = 0; type < 256; type++) {
            final boolean error = ipv6 ? type >= 1 && type <= 4 : type == 3 || type == 11 || type == 12;
            for (final int code : new int[] {0, 3, 4, 15}) {
                assertEquals(
                        error ? "accept related" : "drop not-amanda",
                        judge(error(type, code, backup.request())),
                        "type " + type + " code " + code);
            }
        }
    }

    /** RFC 792 makes a router quote eight bytes behind the IP header, and nobody has to quote more. */
    @Test
    void shouldWantTheQuotedHeaderAndEightBytesMore() {
        judge(backup.request());
        final byte[] request = backup.request();
        final int least = (ipv6 ? 40 : 20) + 8;
        for (int length = 0; length < request.length; length++) {
            final byte[] error =
                    PacketBuilder.icmpError(router(), backup.requester(), ipv6 ? 1 : 3, 0, request, length);
            assertEquals(length < least ? "drop not-amanda" : "accept related", judge(error), "quotes " + length);
        }
    }

    @Test
    void shouldDropAnErrorThatIsNotForWhoSentTheQuotedPacket() {
        judge(backup.request());
        final byte[] request = backup.request();

        assertEquals("drop not-amanda", judge(Exchange.unreachable(router(), backup.responder(), request)));
        assertEquals("drop not-amanda", judge(Exchange.unreachable(router(), stranger(), request)));
        assertEquals("accept related", judge(Exchange.unreachable(router(), backup.requester(), request)));
    }

    @Test
    void shouldDropAnErrorThatQuotesALaterFragment() {
        final byte[] request =
                backup.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + "<dle>\n" + "x\n".repeat(800));
        final List<byte[]> parts = Exchange.fragments(request);
        parts.forEach(this::judge);

        assertEquals("accept related", judge(backup.unreachableForRequester(parts.get(0))));
        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(parts.get(1))));
    }

    @Test
    void shouldDropAnErrorInFragments() {
        judge(backup.request());
        final byte[] error = backup.unreachableForRequester(
                backup.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + "x".repeat(900)));
        assertEquals("accept related", judge(error));

        for (final byte[] part : Exchange.fragments(error)) {
            assertEquals("drop fragment", judge(part));
        }
        final byte[] echo =
                PacketBuilder.ip(backup.requester(), backup.responder()).icmp(ipv6 ? 128 : 8, 0, new byte[900]);
        assertEquals("drop not-amanda", judge(Exchange.fragments(echo).get(0)), "no error");
    }

    @Test
    void shouldDropAnErrorAboutAnotherProtocol() {
        open(FOUR);
        final byte[] sctp =
                PacketBuilder.ip(backup.requester(), backup.responder()).payload(132, new byte[16]);

        assertEquals("drop not-amanda", judge(backup.unreachableForRequester(sctp)));
        final Exchange both = backup.withPorts(EngineFixture.CONTROL, EngineFixture.CONTROL);
        assertEquals("drop not-amanda", judge(both.unreachableForRequester(both.request())));
    }

    /** The segment went out on one side, so what is said of it comes in there, unless interfaces do not matter. */
    @Test
    void shouldDropAnErrorAboutAFlowThatComesInOnAnotherSide() {
        open(FOUR);
        judge(backup.syn(50_081));
        final byte[] error = Exchange.unreachable(stranger(), backup.requester(), backup.syn(50_081));

        assertEquals("drop not-amanda", judge(error));
        assertEquals(
                "drop not-amanda",
                judge(Exchange.unreachable(stranger(), backup.requester(), backup.syn(50_082))),
                "one that is expected");
        fixture.engine()
                .settings(EngineSettings.builder(EngineFixture.policy())
                        .matchInterfaces(false)
                        .conclude());
        assertEquals("accept related", judge(error));
    }

    /** Neither the flow nor the transaction lives longer because somebody says that its packets do not arrive. */
    @Test
    void shouldNotRefreshWhatAnErrorIsAbout() {
        open(FOUR);
        judge(backup.syn(50_081));
        final byte[] error = backup.unreachableForRequester(backup.syn(50_081));

        for (int second = 1; second < 120; second++) {
            assertEquals(
                    "accept related",
                    fixture.send(error, NOW + second * EngineFixture.SECOND).summary());
        }
        final long later = NOW + 120 * EngineFixture.SECOND;
        assertEquals("drop not-amanda", fixture.send(error, later).summary());
        assertEquals("drop unexpected", fixture.send(backup.syn(50_081), later).summary());
    }

    @Test
    void shouldCountErrorsByReasonAndOnlyReportInMonitorMode() {
        final EngineFixture monitor = new EngineFixture(
                EngineSettings.builder(EngineFixture.policy()).enforce(false).conclude(), TableLimits.DEFAULTS);
        final byte[] error = backup.unreachableForRequester(backup.request());

        assertEquals("drop not-amanda", judge(monitor, error));
        assertEquals(Verdict.CONTINUE, monitor.told(0));
        judge(monitor, backup.request());
        assertEquals("accept related", judge(monitor, error));
        assertEquals(1, monitor.counters().wouldDrop(Reason.NOT_AMANDA));
        assertEquals(1, monitor.counters().packets(Verdict.CONTINUE, Reason.NOT_AMANDA));
        assertEquals(1, monitor.counters().packets(Verdict.CONTINUE, Reason.RELATED));
    }

    @Test
    void shouldTellTheKernelContinueInMonitorMode() {
        final EngineFixture monitor = new EngineFixture(
                EngineSettings.builder(EngineFixture.policy()).enforce(false).conclude(), TableLimits.DEFAULTS);

        assertEquals("drop unexpected", judge(monitor, backup.syn(50_081)));
        assertEquals(Verdict.CONTINUE, monitor.told(0));
        assertEquals(1, monitor.counters().packets(Verdict.CONTINUE, Reason.UNEXPECTED));
        assertEquals(1, monitor.counters().wouldDrop(Reason.UNEXPECTED));
        final byte[] rubbish = {0};
        assertEquals("drop malformed", judge(monitor, rubbish));
        assertEquals(Verdict.CONTINUE, monitor.told(0));
    }

    @Test
    void shouldJudgeAFirstFragmentByItsPortsButOpenNothing() {
        judge(backup.request());
        final List<byte[]> parts =
                Exchange.fragments(backup.fromResponder("REP", FOUR + "\n" + "OPTIONS " + "x".repeat(1000) + ";\n"));

        final Outcome first = fixture.send(parts.get(0), NOW);
        final Outcome second = fixture.send(parts.get(1), NOW);

        assertEquals("accept refused-reply", first.summary());
        assertEquals("fragment", first.refusal().label());
        assertEquals("accept refused-reply", second.summary(), "as its first fragment");
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldOpenATransactionForAFragmentedRequest() {
        final List<byte[]> parts = Exchange.fragments(
                backup.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + "<dle>\n" + "x\n".repeat(800)));

        for (final byte[] part : parts) {
            assertEquals("accept request", judge(part));
        }
        assertTrue(parts.size() > 2);
        assertEquals("accept reply", judge(backup.reply(FOUR)));
        assertEquals(4, fixture.expectedPorts().size());
    }

    @Test
    void shouldDropALaterFragmentOfNothingSeen() {
        final List<byte[]> parts =
                Exchange.fragments(backup.fromRequester("REQ", EngineFixture.requestBody("noop") + "x".repeat(900)));

        assertEquals("drop fragment", judge(parts.get(1)));
        judge(parts.get(0));
        final byte[] ofAnotherHost = Exchange.fragments(
                        backup.withHosts(stranger(), backup.responder()).fromRequester("REQ", "x".repeat(900)))
                .get(1);
        assertEquals("drop fragment", judge(ofAnotherHost));
        assertEquals("accept request", judge(parts.get(1)));
        final long late = NOW + 30 * EngineFixture.SECOND;
        assertEquals("drop fragment", fixture.send(parts.get(1), late).summary());
        assertEquals("accept request", fixture.send(parts.get(1), late - 1).summary(), "still there a moment before");
    }

    @Test
    void shouldDropALaterFragmentOfADroppedFirst() {
        final List<byte[]> parts = Exchange.fragments(
                backup.withHosts(stranger(), backup.responder()).fromRequester("REQ", "x".repeat(900)));

        assertEquals("drop not-allowed", judge(parts.get(0)));
        assertEquals("drop fragment", judge(parts.get(1)));
    }

    @Test
    void shouldDropALaterFragmentThatOverlapsTheFirst() {
        final byte[] request = backup.fromRequester("REQ", EngineFixture.requestBody("noop") + "x".repeat(1500));
        final List<byte[]> parts = PacketBuilder.fragments(request, 1000);
        final List<byte[]> smaller = PacketBuilder.fragments(request, 600);

        assertEquals("accept request", judge(parts.get(0)));
        assertEquals("drop fragment", judge(smaller.get(1)));
        assertEquals("accept request", judge(parts.get(1)));
    }

    @Test
    void shouldNotOpenForASynInAFragment() {
        open(FOUR);
        final byte[] syn = PacketBuilder.ip(backup.requester(), backup.responder())
                .tcp(Exchange.CONNECTOR, 50_081, TcpView.SYN, 0, 0, new byte[] {1, 1, 1, 1}, new byte[0]);
        final byte[] fragment = ipv6 ? withFragmentHeader(syn) : withMoreFragments(syn);

        assertEquals("drop unexpected", judge(fragment));
        assertEquals("accept expected", judge(syn));
    }

    private static byte[] withMoreFragments(final byte[] ipv4) {
        final byte[] fragment = ipv4.clone();
        fragment[6] |= 0x20;
        return fragment;
    }

    private byte[] withFragmentHeader(final byte[] syn) {
        final byte[] segment = java.util.Arrays.copyOfRange(syn, 40, syn.length);
        return PacketBuilder.ip(backup.requester(), backup.responder())
                .fragment(0, true, 7)
                .payload(6, segment);
    }

    @Test
    void shouldUseNewSettingsFromTheNextBatchOn() {
        open(FOUR);
        final EngineSettings none = EngineFixture.settings(Policy.of(List.of()));

        fixture.engine().settings(none);

        assertEquals(
                "drop not-allowed", judge(backup.withNames("000-00000001", "1").request()));
        assertEquals("accept expected", judge(backup.syn(50_081)), "what was promised is kept");
        fixture.engine().settings(EngineFixture.settings(EngineFixture.policy()));
        assertEquals(
                "accept request", judge(backup.withNames("000-00000001", "1").request()));
    }

    @Test
    void shouldOpenNothingForATransactionThatIsNoLongerAllowed() {
        judge(backup.request());
        fixture.engine()
                .settings(
                        EngineFixture.settings(EngineFixture.policy(Service.NOOP.bit(), Policy.DEFAULT_STREAM_PORTS)));

        final Outcome outcome = fixture.send(backup.reply(FOUR), NOW);

        assertEquals("port-not-allowed", outcome.refusal().label());
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldTakeOtherControlAndRequesterPorts() {
        final Policy policy = Policy.of(
                List.of(new Allowance(
                        "x",
                        HostSet.of(backup.requester()),
                        HostSet.of(backup.responder()),
                        Service.SENDBACKUP.bit(),
                        Policy.DEFAULT_STREAM_PORTS,
                        false)),
                List.of(),
                PortSet.of(10_090),
                PortSet.range(840, 860));
        final EngineFixture other = new EngineFixture(EngineFixture.settings(policy), TableLimits.DEFAULTS);

        assertEquals(
                "accept request", judge(other, backup.withPorts(840, 10_090).request()));
        assertEquals(
                "drop bad-request", judge(other, backup.withPorts(839, 10_090).request()));
        assertEquals("drop not-amanda", judge(other, backup.request()));
        assertEquals("accept reply", judge(other, backup.withPorts(840, 10_090).reply(FOUR)));
        assertEquals(4, other.expectedPorts().size());
    }
}
