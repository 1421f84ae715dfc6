package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.inputs.BadInput;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.track.Announcement;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.amverdict.track.TableName;
import org.junit.jupiter.api.Test;

/** The checks 1 to 14 of amanda-protocol.md 9.2, and what may happen to a reply in the course of its transaction. */
final class ReplyChecksTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final String FOUR = "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084";
    private static final String OTHER = "CONNECT DATA 50091 MESG 50092 INDEX 50093 STATE 50094";
    private static final String LATER = "CONNECT DATA 50071 MESG 50072 INDEX 50073 STATE 50074";

    private final EngineFixture fixture = new EngineFixture();
    private final Exchange backup = Exchange.of("sendbackup");
    private long now = SECOND;

    private Outcome send(final byte[] packet) {
        return fixture.send(packet, now);
    }

    private String judge(final byte[] packet) {
        return send(packet).summary();
    }

    private static SortedSet<Integer> ports(final Integer... ports) {
        return new TreeSet<>(List.of(ports));
    }

    /** Sends the REQ and this REP; the reason for its refusal. */
    private String refusal(final Exchange exchange, final String line) {
        assertEquals("accept request", judge(exchange.request()));
        return send(exchange.reply(line)).refusal().label();
    }

    @Test
    void check1ShouldWantTheReversedFourTuple() {
        judge(backup.request());
        judge(backup.withPorts(845, 10_080).reply(FOUR));
        judge(backup.withPorts(844, 10_081).reply(FOUR));
        judge(backup.withHosts(EngineFixture.CLIENT, EngineFixture.SERVER).reply(FOUR));
        judge(backup.withHosts(EngineFixture.SERVER, EngineFixture.STRANGER).reply(FOUR));

        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void check2ShouldWantAWellFormedRequestFirst() {
        for (final String body : List.of(
                "",
                "\nSECURITY USER x\nSERVICE sendbackup\nOPTIONS ;\n",
                "SERVICE sendbackup\nSECURITY USER x\nOPTIONS ;\n",
                "SECURITY USER x\nSERVICE sendbackup ",
                "SECURITY USER x\nSERVICE sendbackup \nOPTIONS ;\n",
                "SECURITY USER x CONNECT DATA 22 MESG 23 INDEX 25\nSERVICE sendbackup\nOPTIONS ;\n",
                "SECURITY USER x\nSERVICE CONNECT DATA 22\nOPTIONS ;\n",
                "SECURITY USER x\r\nSERVICE sendbackup\nOPTIONS ;\n",
                "SECURITY USER x\u0001\nSERVICE sendbackup\nOPTIONS ;\n",
                "SECURITY USER x\nSERVICE sendbackup\nOPTIONS ;\n\0",
                "SECURITY USER x\nSERVICE sendstuff\nOPTIONS ;\n",
                "SECURITY TICKET x\nSERVICE sendbackup\nOPTIONS ;\n")) {
            assertEquals("drop bad-request", judge(backup.fromRequester("REQ", body)), body);
        }
        assertEquals("drop unsolicited", judge(backup.reply(FOUR)));
    }

    @Test
    void check3ShouldWantHandleAndSequenceToTheByteAndTypeRep() {
        judge(backup.request());
        judge(backup.withNames("000-00000000", "01795174338").reply(FOUR));
        judge(backup.withNames("000-0000000", "1795174338").reply(FOUR));
        judge(backup.fromResponder("PREP", FOUR + "\n"));
        judge(backup.fromResponder("NAK", FOUR + "\n"));
        judge(backup.fromResponder("ACK", FOUR + "\n"));

        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void check4ShouldKnowWhichServicesHaveStreams() {
        for (final String service : List.of("noop", "selfcheck", "sendsize", "senddiscover", "sendfsinfo")) {
            final Exchange exchange = Exchange.of(service).withNames("h-" + service, "1");
            assertEquals("no-streams", refusal(exchange, FOUR), service);
        }
    }

    @Test
    void check5ShouldWantAListOfTheService() {
        int sequence = 0;
        for (final String line : List.of(
                "CONNECT MESG 20061 DATA 20062 INDEX 20063",
                "CONNECT DATA 20061 MESG 20062 EVIL 20063",
                "CONNECT DATA 20061 DATA 20062 INDEX 20063",
                "CONNECT DATA 20061",
                "CONNECT CTL 20061 DATA 20062",
                "CONNECT METADATA 20061 XMESG 20062 INDEX 20063",
                "CONNECT data 20061 mesg 20062 index 20063")) {
            sequence++;
            assertEquals("stream-list", refusal(backup.withNames("h", "" + sequence), line), line);
        }
        for (final String line : List.of("CONNECT", "CONNECT DATA", "CONNECT DATA 20061 MESG", "CONNECT  DATA 1024")) {
            sequence++;
            assertEquals("syntax", refusal(backup.withNames("h", "" + sequence), line), line);
        }
    }

    @Test
    void check6ShouldCompareWithTheRequestsFeatures() {
        final String without = "SECURITY USER x\nSERVICE sendbackup\nOPTIONS features=ffffffff9ffeffffffff00;\n";
        judge(backup.fromRequester("REQ", without));
        assertEquals("feature", send(backup.reply(FOUR)).refusal().label());
        assertEquals("accept reply", judge(backup.reply("CONNECT DATA 11002 MESG 11003 INDEX 11004")));

        final Exchange noIndex = backup.withNames("x", "2");
        judge(noIndex.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + "<dle>\n</dle>\n"));
        assertEquals("feature", send(noIndex.reply(FOUR)).refusal().label());
        assertEquals("accept reply", judge(noIndex.reply("CONNECT DATA 12002 MESG 12003 INDEX -1 STATE 12004")));
    }

    @Test
    void check7ShouldWantOneConnectLineInItsPlaceAndNoError() {
        assertEquals("error-line", refusal(backup.withNames("a", "1"), FOUR + "\nERROR service failed"));
        assertEquals("error-line", refusal(backup.withNames("a", "2"), "ERROR x\n" + FOUR));
        assertEquals("error-line", refusal(backup.withNames("a", "3"), "RETRY delay 3\n" + FOUR));
        assertEquals("repeated", refusal(backup.withNames("a", "4"), FOUR + "\n" + FOUR));
        assertEquals("misplaced", refusal(backup.withNames("a", "5"), "hello\n" + FOUR));
        assertEquals("misplaced", refusal(backup.withNames("a", "6"), "\n" + FOUR));
        assertEquals("none", refusal(backup.withNames("a", "7"), "OPTIONS ;\n" + FOUR));
    }

    @Test
    void check8ShouldTakeOnlyStrictNumbersAndUnprivilegedPorts() {
        int sequence = 0;
        for (final String number : List.of("0", "22", "1023", "10080", "10083", "65536", "65558", "99999", "399999")) {
            sequence++;
            assertEquals(
                    "port",
                    refusal(backup.withNames("p", "" + sequence), "CONNECT DATA " + number + " MESG 2000 INDEX 2001"),
                    number);
        }
        for (final String number :
                List.of("-2", "+2200", "02200", "0x16", "2200x", "18446744073709551638", "2200\t", "-", "1e4")) {
            sequence++;
            assertEquals(
                    "number",
                    refusal(backup.withNames("p", "" + sequence), "CONNECT DATA " + number + " MESG 2000 INDEX 2001"),
                    number);
        }
        assertEquals("duplicate", refusal(backup.withNames("p", "-1"), "CONNECT DATA 2000 MESG 2000 INDEX -1"));
        assertEquals("handle", refusal(backup.withNames("p", "-2"), "CONNECT DATA 499999 MESG 499998 INDEX 499997"));
        assertEquals("handle", refusal(backup.withNames("p", "-3"), "CONNECT DATA 2000 MESG 499998 INDEX 2001"));
        assertEquals("handle", refusal(backup.withNames("p", "-4"), "CONNECT DATA 2000 MESG 2001 INDEX 499997"));
        assertEquals(ports(), fixture.expectedPorts());
        assertEquals("none", refusal(backup.withNames("p", "-5"), "CONNECT DATA 1024 MESG 65535 INDEX -1"));
        assertEquals(ports(1024, 65_535), fixture.expectedPorts());
    }

    @Test
    void check8ShouldHoldToTheAllowancesPorts() {
        int all = 0;
        for (final Service service : Service.values()) {
            all |= service.bit();
        }
        final EngineFixture narrow = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy(all, PortSet.range(50_081, 50_083))), TableLimits.DEFAULTS);
        narrow.send(backup.request(), now);

        assertEquals(
                "port-not-allowed",
                narrow.send(backup.reply(FOUR), now).refusal().label());
        assertEquals(ports(), narrow.expectedPorts());
        assertEquals(
                "accept reply",
                narrow.send(backup.reply("CONNECT DATA 50081 MESG 50082 INDEX 50083"), now)
                        .summary());
    }

    @Test
    @BadInput(72)
    void check9ShouldPinTheHostsAndWantAnUnprivilegedSourcePort() {
        judge(backup.request());
        judge(backup.reply(FOUR));

        assertEquals("drop unexpected", judge(backup.synFrom(20, 50_081)));
        assertEquals("drop unexpected", judge(backup.synFrom(1023, 50_081)));
        assertEquals(
                "drop unexpected",
                judge(backup.withHosts(EngineFixture.STRANGER, backup.responder())
                        .syn(50_081)));
        assertEquals(
                "drop unexpected",
                judge(backup.withHosts(backup.requester(), EngineFixture.STRANGER)
                        .syn(50_081)));
        assertEquals(
                "drop unexpected",
                judge(backup.withHosts(backup.responder(), backup.requester()).syn(50_081)));
        assertEquals("accept expected", judge(backup.synFrom(1024, 50_081)));
    }

    @Test
    @BadInput(72)
    void check10ShouldAdmitOneFlowAPort() {
        judge(backup.request());
        judge(backup.reply(FOUR));

        assertEquals("accept expected", judge(backup.syn(50_081)));
        assertEquals("accept established", judge(backup.syn(50_081)), "its retransmission");
        assertEquals("drop unexpected", judge(backup.synFrom(50_001, 50_081)));
        now += 180 * SECOND - 1;
        assertEquals("accept expected", judge(backup.syn(50_082)));
        now++;
        assertEquals("drop unexpected", judge(backup.syn(50_083)));
    }

    @Test
    void check11ShouldRefreshWithTheSameReplyWhatIsNotTaken() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.syn(50_081));
        for (int i = 0; i < 5; i++) {
            now += 10 * SECOND;
            assertEquals("accept reply", judge(backup.reply(FOUR)));
        }

        assertEquals(ports(50_082, 50_083, 50_084), fixture.expectedPorts());
        now += 180 * SECOND - 1;
        assertEquals("accept expected", judge(backup.syn(50_082)), "from the last repetition on");
        now++;
        assertEquals("drop unexpected", judge(backup.syn(50_083)));
    }

    @Test
    void check11ShouldReplaceWhatADifferentReplyRevokes() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.request());

        assertEquals("accept reply", judge(backup.reply(OTHER)));

        assertEquals(ports(50_091, 50_092, 50_093, 50_094), fixture.expectedPorts());
        assertEquals("drop unexpected", judge(backup.syn(50_081)));
    }

    @Test
    void check11ShouldRefuseADifferentReplyOnceAStreamIsTaken() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.syn(50_081));

        assertEquals("changed", send(backup.reply(OTHER)).refusal().label());

        assertEquals(ports(50_082, 50_083, 50_084), fixture.expectedPorts(), "the others stay");
    }

    @Test
    void check11ShouldBoundHowOftenAReplyChanges() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.reply(OTHER));
        judge(backup.reply(LATER));

        assertEquals("changed", send(backup.reply(FOUR)).refusal().label());

        assertEquals(ports(50_071, 50_072, 50_073, 50_074), fixture.expectedPorts());
    }

    @Test
    void check12ShouldHoldARequesterToItsQuotaOfTransactions() {
        final EngineFixture small = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy()),
                new TableLimits(
                        new TableLimits.Transactions(64, 4, 3600 * SECOND),
                        new TableLimits.Expectations(64, 8, 180 * SECOND, 5),
                        new TableLimits.Flows(64, 3600 * SECOND)));
        final Exchange other = backup.withHosts(EngineFixture.CLIENT, EngineFixture.SERVER);
        small.send(other.request(), now);
        for (int i = 0; i < 100; i++) {
            small.send(backup.withNames("flood", "" + i).request(), now);
        }

        assertEquals(5, small.tables().transactions().size());
        assertEquals(96, small.tables().counters().limitReached(TableName.TRANSACTIONS, LimitScope.REQUESTER));
        assertEquals("accept reply", small.send(other.reply(FOUR), now).summary());
        assertEquals(4, small.expectedPorts().size());
        assertEquals(
                "accept reply",
                small.send(backup.withNames("flood", "99").reply(OTHER), now).summary());
        assertEquals(
                "drop unsolicited",
                small.send(backup.withNames("flood", "95").reply(LATER), now).summary());
    }

    @Test
    void check12ShouldTakeBackWhatWasAnnouncedLongestAgoAtTheQuotaOfExpectations() {
        final EngineFixture small = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), withQuota(6));
        final Exchange second = backup.withNames("second", "2");
        small.send(backup.request(), now);
        small.send(second.request(), now);
        small.send(backup.reply(FOUR), now);

        assertEquals("accept reply", small.send(second.reply(OTHER), now).summary());
        assertEquals(ports(50_091, 50_092, 50_093, 50_094), small.expectedPorts());
        assertEquals("accept reply", small.send(backup.reply(FOUR), now).summary(), "repeated");
        assertEquals(ports(50_091, 50_092, 50_093, 50_094), small.expectedPorts());
        assertEquals("closed", small.send(backup.reply(LATER), now).refusal().label());
    }

    @Test
    void check12ShouldOpenAllOrNothingIfThereIsNoRoom() {
        final EngineFixture small = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), withQuota(3));
        small.send(backup.request(), now);

        assertEquals("limit", small.send(backup.reply(FOUR), now).refusal().label());
        assertEquals(ports(), small.expectedPorts());
    }

    @Test
    void check12ShouldTryAChangedReplyAgainThatFoundNoRoom() {
        final EngineFixture small = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), withQuota(6));
        final Exchange second = backup.withNames("second", "2");
        small.send(second.request(), now);
        small.send(second.reply("CONNECT DATA 50091 MESG 50092 INDEX -1"), now);
        expectOfOldRecovery(small, 40_001, 40_002, 40_003, 40_004);

        assertEquals("limit", small.send(second.reply(OTHER), now).refusal().label());
        assertEquals(ports(40_001, 40_002, 40_003, 40_004), small.expectedPorts());

        small.tables().expectations().flush(new Scratch());
        assertEquals("accept reply", small.send(second.reply(OTHER), now).summary());
        assertEquals(ports(50_091, 50_092, 50_093, 50_094), small.expectedPorts());
    }

    /** What no exchange announced is not taken back for one. */
    private void expectOfOldRecovery(final EngineFixture small, final int... expected) {
        final HostPrefix requester = HostPrefix.parse(EngineFixture.SERVER);
        final HostPrefix responder = HostPrefix.parse(EngineFixture.CLIENT);
        for (final int port : expected) {
            assertTrue(small.tables()
                    .expectations()
                    .expect(
                            new Scratch(),
                            new Tuple()
                                    .set(requester.high(), requester.low(), 0, responder.high(), responder.low(), port),
                            new Announcement()
                                    .stream(StreamName.LEGACY)
                                            .service(null)
                                            .privilegedSource(true)
                                            .owner(-1)
                                            .until(now + 60 * SECOND),
                            now));
        }
    }

    private static TableLimits withQuota(final int expectations) {
        return new TableLimits(
                new TableLimits.Transactions(64, 16, 3600 * SECOND),
                new TableLimits.Expectations(64, expectations, 180 * SECOND, 5),
                new TableLimits.Flows(64, 3600 * SECOND));
    }

    @Test
    void check12ShouldBoundTheStreamsOfAReply() {
        final EngineFixture three = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy()),
                new TableLimits(
                        new TableLimits.Transactions(64, 16, 3600 * SECOND),
                        new TableLimits.Expectations(64, 64, 180 * SECOND, 3),
                        new TableLimits.Flows(64, 3600 * SECOND)));
        three.send(backup.request(), now);

        assertEquals("too-many", three.send(backup.reply(FOUR), now).refusal().label());
        assertEquals(
                "accept reply",
                three.send(backup.reply("CONNECT DATA 2000 MESG 2001 INDEX -1 STATE 2002"), now)
                        .summary());
    }

    @Test
    void check13ShouldOpenNothingAfterTheRequestersAck() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.acknowledgement());

        assertEquals("accept reply", judge(backup.reply(FOUR)), "a repetition is normal");
        assertEquals("closed", send(backup.reply(OTHER)).refusal().label());
        judge(backup.request());
        assertEquals("closed", send(backup.reply(OTHER)).refusal().label(), "nor after a late REQ");
        assertEquals(ports(50_081, 50_082, 50_083, 50_084), fixture.expectedPorts());
        now += 180 * SECOND;
        assertEquals("drop unsolicited", judge(backup.reply(OTHER)), "the tombstone is gone");
        assertEquals(
                "accept request", judge(backup.withNames("000-00000000", "2").request()));
        assertEquals("accept reply", judge(backup.withNames("000-00000000", "2").reply(OTHER)));
    }

    /** A requester acknowledges every REP that it gets, one that opens nothing too. */
    @Test
    void check13ShouldOpenNothingAfterTheAckOfARefusedReply() {
        judge(backup.request());
        assertEquals("accept refused-reply", judge(backup.reply(FOUR + "\nERROR died")));
        judge(backup.acknowledgement());

        assertEquals("closed", send(backup.reply(OTHER)).refusal().label());
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void check13ShouldOpenNothingAfterTheAckOfAReplyWithoutStreams() {
        judge(backup.request());
        assertEquals("accept reply", judge(backup.reply("OPTIONS ;")));
        judge(backup.acknowledgement());

        assertEquals("closed", send(backup.reply(OTHER)).refusal().label());
    }

    @Test
    void check13ShouldOpenAfterAnAckThatPrecedesEveryReply() {
        judge(backup.request());
        judge(backup.acknowledgement());

        assertEquals("accept reply", judge(backup.reply(FOUR)), "it acknowledged nothing");
    }

    @Test
    void check14ShouldLetErrorTextsReachTheRequester() {
        judge(backup.request());

        assertEquals("accept reply", judge(backup.fromResponder("REP", "ERROR [access not allowed]\n")));
        assertEquals("accept reply", judge(backup.fromResponder("NAK", "ERROR no\n")));
    }

    @Test
    void shouldOpenNothingForAReplyAnHourLater() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        judge(backup.acknowledgement());
        for (int port = 50_081; port <= 50_084; port++) {
            assertEquals("accept expected", judge(backup.syn(port)));
        }

        assertEquals("accept reply", judge(backup.reply(FOUR)), "after the streams opened");
        assertEquals(ports(), fixture.expectedPorts());
        now += 3600 * SECOND;
        assertEquals("drop unsolicited", judge(backup.reply(FOUR)));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void shouldWaitHoursForAnEstimate() {
        final Exchange estimate = Exchange.of("sendsize");
        judge(estimate.request());
        judge(estimate.fromResponder("ACK", ""));
        now += 6 * 3600 * SECOND - 1;
        fixture.engine().housekeep(now, 100_000);

        assertEquals("accept reply", judge(estimate.fromResponder("PREP", "/home 0 SIZE 1\n")));
        now++;
        assertEquals("drop unsolicited", judge(estimate.fromResponder("REP", "/home 0 SIZE 1\n")));
    }

    @Test
    void shouldForgetATransactionThatAnnouncedAndWasNeverAcknowledged() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        now += 300 * SECOND - 1;
        assertEquals("accept reply", judge(backup.reply(FOUR)));
        assertTrue(fixture.tables().transactions().size() == 1);
        now++;

        assertEquals("drop unsolicited", judge(backup.reply(FOUR)));
    }

    @Test
    void shouldKeepTheTransactionsOfOneSocketApart() {
        final Exchange second = backup.withNames("000-00000001", "1795502616");
        judge(backup.request());
        judge(second.request());
        judge(backup.reply(FOUR));
        judge(second.reply(OTHER));

        judge(second.fromResponder("NAK", "ERROR x\n"));

        assertEquals(ports(50_081, 50_082, 50_083, 50_084), fixture.expectedPorts());
    }

    @Test
    void shouldLetTheNextDumpHaveTheSamePort() {
        judge(backup.request());
        judge(backup.reply(FOUR));
        final Exchange next = backup.withNames("000-00000001", "1795502616");
        judge(next.request());
        assertEquals("accept reply", judge(next.reply(FOUR)));

        judge(backup.fromResponder("NAK", "ERROR x\n"));

        assertEquals("accept expected", judge(next.syn(50_081)), "an older owner takes nothing back");
        assertEquals("drop unexpected", judge(next.synFrom(50_001, 50_081)));
    }
}
