package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.amverdict.amanda.Service;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.inputs.BadInput;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

/**
 * The attacks of threats.md that the engine can see: A1 to A18 and A23, and its inputs 48, 63, 71 and 72. A19 is in
 * BadInputTest; A20 to A22, A24 and A25 are of other layers.
 */
final class HostileTrafficTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final String FOUR = "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084";

    private final EngineFixture fixture = new EngineFixture();
    private final Exchange backup = Exchange.of("sendbackup");
    private long now = SECOND;

    private Outcome send(final byte[] packet) {
        return fixture.send(packet, now);
    }

    private String judge(final byte[] packet) {
        return send(packet).summary();
    }

    private void negotiate() {
        assertEquals("accept request", judge(backup.request()));
        assertEquals("accept reply", judge(backup.reply(FOUR)));
    }

    private static SortedSet<Integer> ports(final Integer... ports) {
        return new TreeSet<>(List.of(ports));
    }

    private String refusalOf(final String line) {
        judge(backup.request());
        return send(backup.reply(line)).refusal().label();
    }

    @Test
    void a1ShouldNotBelieveReflectedText() {
        judge(backup.request());
        judge(backup.fromResponder("NAK", "ERROR user x CONNECT DATA 22 MESG 23 INDEX 25 from x is not allowed\n"));
        judge(backup.withNames("n", "1").request());
        judge(backup.withNames("n", "1").reply("ERROR user x\nCONNECT DATA 2200 MESG 2300 INDEX 2500"));
        judge(backup.withNames("n", "2").request());
        judge(backup.withNames("n", "2").reply("OPTIONS x CONNECT DATA 2200 MESG 2300 INDEX 2500"));

        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void a2ShouldNotOpenWellKnownPortsOfAHostileClient() {
        assertEquals("port", refusalOf("CONNECT DATA 22 MESG 445 INDEX 1023"));
    }

    @Test
    void a3ShouldNotWrapAPort() {
        assertEquals("port", refusalOf("CONNECT DATA 65558 MESG 50082 INDEX 50083"));
    }

    @Test
    void a4ShouldNotCutADigitOff() {
        assertEquals("handle", refusalOf("CONNECT DATA 499999 MESG 499998 INDEX 499997"));
        assertEquals("number", refusalOf("CONNECT DATA 5008100 MESG 50082 INDEX 50083"));
    }

    @Test
    void a5ShouldTakeWholeWords() {
        assertEquals("stream-list", refusalOf("CONNECT METADATA 50081 XMESG 50082 INDEX 50083"));
        judge(backup.withNames("n", "1").request());
        assertEquals("accept reply", judge(backup.withNames("n", "1").reply("CONNECTED DATA 50081 MESG 50082")));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void a6ShouldDropASpoofedReplyThatDoesNotKnowTheNames() {
        judge(backup.request());
        for (int i = 0; i < 1000; i++) {
            assertEquals(
                    "drop unsolicited",
                    judge(backup.withNames("000-00000000", "" + i).reply(FOUR)));
        }
    }

    @Test
    void a7ShouldNotLetARequestOpenAnything() {
        final EngineFixture strict = new EngineFixture();
        final Exchange spoofed = backup.withPorts(40_000, EngineFixture.CONTROL);

        assertEquals("drop bad-request", strict.send(spoofed.request(), now).summary());
        assertEquals("accept request", strict.send(backup.request(), now).summary());
        assertEquals(ports(), strict.expectedPorts());
    }

    @Test
    void a8ShouldNotLetAClientAskTheServerForADump() {
        final Policy oneWay = Policy.of(List.of(new Allowance(
                "dumps",
                HostSet.of(EngineFixture.SERVER),
                HostSet.of(EngineFixture.CLIENT),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        final EngineFixture strict = new EngineFixture(EngineFixture.settings(oneWay), TableLimits.DEFAULTS);
        final Exchange turned = backup.withHosts(EngineFixture.CLIENT, EngineFixture.SERVER);

        assertEquals("drop not-allowed", strict.send(turned.request(), now).summary());
        assertEquals("drop unsolicited", strict.send(turned.reply(FOUR), now).summary());
        assertEquals(
                "drop unexpected",
                strict.send(turned.syn(EngineFixture.CONTROL), now).summary());
        assertEquals("accept request", strict.send(backup.request(), now).summary());
    }

    /** Sixteen hosts fill tables that hold less; an honest one gets its streams all the same. */
    @Test
    void a9ShouldNotLoseARepToOthersNoise() {
        final Policy open = Policy.of(List.of(new Allowance(
                "all",
                HostSet.of("10.0.0.0/8"),
                HostSet.of("10.0.0.0/8"),
                Service.SENDBACKUP.bit(),
                Policy.DEFAULT_STREAM_PORTS,
                false)));
        final EngineFixture small = new EngineFixture(
                EngineFixture.settings(open),
                new TableLimits(
                        new TableLimits.Transactions(256, 64, 3600 * SECOND),
                        new TableLimits.Expectations(256, 64, 180 * SECOND, 5),
                        new TableLimits.Flows(256, 3600 * SECOND)));
        for (int round = 0; round < 40; round++) {
            for (int host = 0; host < 16; host++) {
                final Exchange noisy =
                        backup.withHosts("10.1.0." + (host + 1), "10.2.0.1").withNames("h", "" + round);
                small.send(noisy.request(), now);
                final int port = 2000 + round * 4;
                small.send(noisy.reply("CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2)), now);
                small.send(noisy.syn(port), now);
            }
            final Exchange honest = backup.withHosts("10.9.0." + (round + 1), "10.2.0.1");
            assertEquals("accept request", small.send(honest.request(), now).summary());
            assertEquals("accept reply", small.send(honest.reply(FOUR), now).summary());
            for (int port = 50_081; port <= 50_084; port++) {
                assertEquals(
                        "accept expected", small.send(honest.syn(port), now).summary());
                assertEquals(
                        "accept established",
                        small.send(honest.tcpBack(port, TcpView.SYN | TcpView.ACK), now)
                                .summary());
            }
        }
    }

    @Test
    void a10ShouldNotPushOutAnotherTransactionsExpectations() {
        negotiate();
        for (int i = 0; i < 50; i++) {
            final Exchange other = backup.withNames("o", "" + i);
            judge(other.request());
            final int port = 2000 + 3 * i;
            judge(other.reply("CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2)));
        }

        for (int port = 50_081; port <= 50_084; port++) {
            assertEquals("accept expected", judge(backup.syn(port)));
        }
    }

    @Test
    @BadInput(72)
    void a11ShouldAdmitOneConnectionAStream() {
        negotiate();
        assertEquals("accept expected", judge(backup.syn(50_081)));
        for (int port = 50_001; port < 50_020; port++) {
            assertEquals("drop unexpected", judge(backup.synFrom(port, 50_081)));
        }
    }

    @Test
    @BadInput(72)
    void a12ShouldArmARefusedStreamAgainOnce() {
        negotiate();
        assertEquals("accept expected", judge(backup.syn(50_081)));
        assertEquals("accept established", judge(refusal(50_081, 1002)));
        assertEquals("drop unexpected", judge(backup.synFrom(50_001, 50_081)), "a RST that answers no SYN of it");
        assertEquals("accept established", judge(refusal(50_081, 1001)));
        assertEquals("drop no-flow", judge(backup.tcp(50_081, TcpView.ACK)), "the refused one is over");

        assertEquals("accept expected", judge(backup.synFrom(50_001, 50_081)));
        assertEquals("drop unexpected", judge(backup.syn(50_081)));
        final byte[] second = PacketBuilder.ip(backup.responder(), backup.requester())
                .tcp(50_081, 50_001, TcpView.RST | TcpView.ACK, 0, 1001, new byte[0], new byte[0]);
        assertEquals("accept established", judge(second));
        assertEquals("drop unexpected", judge(backup.syn(50_081)), "once only");
    }

    @Test
    void a12ShouldArmAgainWhatAForgedSynHasBurnt() {
        negotiate();
        assertEquals("accept expected", judge(backup.syn(50_081)));
        final byte[] answer = PacketBuilder.ip(backup.responder(), backup.requester())
                .tcp(50_081, Exchange.CONNECTOR, TcpView.SYN | TcpView.ACK, 5000, 1001, new byte[0], new byte[0]);
        assertEquals("accept established", judge(answer));
        final byte[] unknown = PacketBuilder.ip(backup.requester(), backup.responder())
                .tcp(Exchange.CONNECTOR, 50_081, TcpView.RST, 1001, 0, new byte[0], new byte[0]);
        assertEquals("accept established", judge(unknown));
        assertEquals("accept expected", judge(backup.synFrom(50_001, 50_081)));
    }

    /** The responder has no listener; its RST acknowledges so much. */
    private byte[] refusal(final int port, final int acknowledged) {
        return PacketBuilder.ip(backup.responder(), backup.requester())
                .tcp(port, Exchange.CONNECTOR, TcpView.RST | TcpView.ACK, 0, acknowledged, new byte[0], new byte[0]);
    }

    @Test
    @BadInput(72)
    void a13ShouldTakeNothingButAPlainSynAsFirstPacket() {
        negotiate();
        for (final int flags : new int[] {
            0,
            TcpView.FIN,
            TcpView.SYN | TcpView.FIN,
            TcpView.SYN | TcpView.RST,
            TcpView.FIN | TcpView.PSH | TcpView.URG,
            TcpView.SYN | TcpView.ACK | TcpView.FIN
        }) {
            final Outcome outcome = send(backup.tcp(50_081, flags));
            assertEquals("drop malformed", outcome.summary());
            assertEquals(DecodeStatus.BAD_FLAGS, outcome.decodeStatus());
        }
        for (final int flags : new int[] {
            TcpView.ACK,
            TcpView.RST,
            TcpView.SYN | TcpView.ACK,
            TcpView.FIN | TcpView.ACK,
            TcpView.SYN | TcpView.URG,
            TcpView.SYN | TcpView.PSH
        }) {
            assertEquals("drop no-flow", judge(backup.tcp(50_081, flags)));
        }
        assertEquals("drop no-flow", judge(backup.tcpWithData(50_081, TcpView.SYN)), "data in a SYN");
        assertEquals("drop unexpected", judge(backup.tcpBack(50_081, TcpView.SYN)), "simultaneous open");
        assertEquals("accept expected", judge(backup.tcp(50_081, TcpView.SYN | TcpView.ECE | TcpView.CWR)));
        assertEquals("drop unexpected", judge(backup.tcpBack(50_081, TcpView.SYN)), "simultaneous open");
    }

    @Test
    void a14ShouldRefusePrivilegedSourcePorts() {
        negotiate();
        assertEquals("drop unexpected", judge(backup.synFrom(20, 50_081)));
        assertEquals("drop unexpected", judge(backup.synFrom(1023, 50_081)));
    }

    @Test
    void a15ShouldSurviveFragmentTricks() {
        negotiate();
        final byte[] syn = backup.syn(50_081);
        final byte[] tiny = Arrays.copyOf(syn, 28);
        PacketBuilder.putShort(tiny, 2, 28);
        PacketBuilder.putShort(tiny, 6, 0x2000);
        final byte[] second = Arrays.copyOf(syn, 36);
        PacketBuilder.putShort(second, 2, 36);
        PacketBuilder.putShort(second, 6, 1);

        assertEquals("drop malformed", judge(tiny), "a header that goes on in the next fragment");
        assertEquals("drop malformed", judge(second), "one that would overwrite the flags");
        final List<byte[]> parts =
                Exchange.fragments(backup.fromResponder("REP", FOUR + "\nOPTIONS " + "x".repeat(900) + ";\n"));
        assertEquals("fragment", send(parts.get(0)).refusal().label());
    }

    @Test
    void a16ShouldReadALongDatagramOnce() {
        final Exchange check = Exchange.of("selfcheck");
        judge(check.request());
        final String text = "CONNECT DATA 3306 ".repeat(3600);

        final Outcome outcome = send(check.fromResponder("REP", text));

        assertEquals("accept refused-reply", outcome.summary());
        judge(backup.withNames("x", "2").request());
        final Outcome late =
                send(backup.withNames("x", "2").fromResponder("REP", "hello\n".repeat(5000) + FOUR + "\n"));
        assertEquals("misplaced", late.refusal().label());
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void a17ShouldNotReadBehindTheUdpLength() {
        judge(backup.request());
        final byte[] header = EngineFixture.message("REP", "000-00000000", "1795174338", "");
        final byte[] slack = backup.fromResponder("REP", FOUR + "\n");
        PacketBuilder.putShort(slack, 24, 8 + header.length);
        PacketBuilder.putShort(slack, 26, 0);
        final byte[] tooLong = backup.fromResponder("REP", FOUR + "\n");
        PacketBuilder.putShort(tooLong, 24, tooLong.length);
        final byte[] wrongSum = backup.fromResponder("REP", FOUR + "\n");
        wrongSum[26] ^= 1;

        final String first = judge(slack);

        assertTrue(first.equals("accept reply") || first.equals("drop malformed"), first);
        assertEquals("drop malformed", judge(tooLong));
        assertEquals("drop malformed", judge(wrongSum));
        assertEquals(ports(), fixture.expectedPorts());
    }

    @Test
    void a18ShouldRefuseHiddenHeaders() {
        final Exchange six = backup.overIpv6();
        judge(six.request());
        judge(six.reply(FOUR));
        final PacketBuilder many = PacketBuilder.ip(six.requester(), six.responder());
        for (int i = 0; i < 9; i++) {
            many.extension(60, 1, 4, 0, 0, 0, 0);
        }
        assertEquals("drop malformed", judge(many.tcp(50_000, 50_081, TcpView.SYN, new byte[0])));
        assertEquals(
                "drop malformed",
                judge(PacketBuilder.ip(six.requester(), six.responder())
                        .extension(43, 0, 1, 0, 0, 0, 0)
                        .tcp(50_000, 50_081, TcpView.SYN, new byte[0])));
        assertFalse(send(PacketBuilder.ip(six.requester(), six.responder()).payload(51, new byte[44]))
                .accepted());
        assertEquals(4, fixture.expectedPorts().size());
    }

    @Test
    void a23ShouldNotKeepTextOfTheWire() {
        judge(backup.withNames("\u007f", "1").request());
        final byte[] escape = backup.withNames("\u001b[2J", "1").request();

        assertEquals("drop bad-control", judge(escape));
        assertEquals(
                "drop bad-control", judge(backup.withNames("caf\u00e9", "1").request()));
    }

    /** A noop that is allowed, and behind it, in the same packet, a request for a service that is not. */
    @Test
    void a26ShouldNotAcceptDatagramsThatTravelWithOthers() {
        for (final Exchange noop :
                List.of(Exchange.of("noop"), Exchange.of("noop").overIpv6())) {
            judge(noop.request());
            for (final byte[] packet : List.of(noop.request(), noop.fromResponder("REP", FOUR + "\n"))) {
                fixture.packetFlags(PacketBatch.MERGED);
                assertEquals("drop merged", judge(packet));
                fixture.packetFlags(PacketBatch.MERGED | PacketBatch.CHECKSUM_NOT_READY);
                assertEquals("drop merged", judge(packet));
                fixture.packetFlags(0);
            }
        }
        assertEquals(ports(), fixture.expectedPorts());
    }

    /** The quotation has a whole REP, but who sends an error says nothing in the responder's name. */
    @Test
    @BadInput(48)
    void input48ShouldLearnNothingFromAQuotedControlDatagram() {
        judge(backup.request());

        assertEquals("accept related", judge(backup.unreachableForRequester(backup.request())));
        assertEquals("accept related", judge(backup.unreachableForResponder(backup.reply(FOUR))));
        assertEquals(ports(), fixture.expectedPorts());
        final Exchange unknown = backup.withPorts(845, EngineFixture.CONTROL);
        assertEquals("drop not-amanda", judge(unknown.unreachableForRequester(unknown.request())));
        assertEquals("drop unsolicited", judge(unknown.reply(FOUR)), "a quoted REQ opens no transaction");
        assertEquals(1, fixture.tables().transactions().size());
    }

    /** RFC 5927: addresses and ports of a stream are easily guessed, what it has outstanding is not. */
    @Test
    @BadInput(48)
    void input48ShouldWantASequenceNumberThatIsOutstanding() {
        negotiate();
        judge(backup.syn(50_081));
        judge(backup.synAck(50_081));
        judge(backup.data(50_081, 1001, 1400));
        final SplittableRandom random = new SplittableRandom(48);
        int passed = 0;
        for (int i = 0; i < 10_000; i++) {
            final byte[] guess = backup.data(50_081, random.nextInt(), 100);
            passed += send(backup.unreachableForRequester(guess)).accepted() ? 1 : 0;
        }

        assertTrue(passed < 20, passed + " of 10000 guesses");
        assertEquals("accept related", judge(backup.unreachableForRequester(backup.data(50_081, 1001, 1400))));
    }

    /** Whatever a quotation is made of, nothing passes that is not about the one stream that is known. */
    @Test
    @BadInput(48)
    void input48ShouldSurviveGarbageInQuotations() {
        negotiate();
        judge(backup.syn(50_081));
        final SplittableRandom random = new SplittableRandom(480);
        final byte[][] good = {
            backup.syn(50_081), backup.request(), backup.overIpv6().syn(50_081)
        };
        for (int i = 0; i < 50_000; i++) {
            final byte[] quoted = good[random.nextInt(good.length)].clone();
            final byte[] before = quoted.clone();
            for (int change = random.nextInt(6); change > 0; change--) {
                quoted[random.nextInt(Math.min(quoted.length, 60))] = (byte) random.nextInt(256);
            }
            final byte[] error = PacketBuilder.icmpError(
                    backup.responder(), backup.requester(), 3, 3, quoted, random.nextInt(quoted.length + 1));
            final boolean accepted = send(error).accepted();
            final boolean same = Arrays.equals(quoted, 12, 20, before, 12, 20);
            assertTrue(!accepted || (same && before[0] >>> 4 == 4), "other addresses, seed 480, packet " + i);
        }
        assertEquals(ports(50_082, 50_083, 50_084), fixture.expectedPorts());
        assertEquals("accept established", judge(backup.tcpBack(50_081, TcpView.SYN | TcpView.ACK)));
    }

    @Test
    @BadInput(48)
    void input48ShouldRefuseHiddenHeadersInAQuotation() {
        final Exchange six = backup.overIpv6();
        judge(six.request());
        final PacketBuilder eight = PacketBuilder.ip(six.requester(), six.responder());
        final PacketBuilder nine = PacketBuilder.ip(six.requester(), six.responder());
        for (int i = 0; i < 9; i++) {
            if (i > 0) {
                eight.extension(60, 1, 4, 0, 0, 0, 0);
            }
            nine.extension(60, 1, 4, 0, 0, 0, 0);
        }
        final byte[] text = EngineFixture.message("REQ", six.handle(), six.sequence(), "");

        assertEquals(
                "accept related",
                judge(six.unreachableForRequester(eight.udp(six.requesterPort(), six.responderPort(), text))));
        assertEquals(
                "drop not-amanda",
                judge(six.unreachableForRequester(nine.udp(six.requesterPort(), six.responderPort(), text))));
    }

    @Test
    @BadInput(63)
    void input63ShouldWantTheRightClientToo() {
        judge(backup.request());
        final Exchange wrongClient = backup.withHosts(EngineFixture.SERVER, EngineFixture.STRANGER);

        assertEquals("drop unsolicited", judge(wrongClient.reply(FOUR)));
    }

    @Test
    @BadInput(71)
    void input71ShouldNotOpenAgainForARepetition() {
        negotiate();
        for (int i = 0; i < 5; i++) {
            assertEquals("accept reply", judge(backup.reply(FOUR)));
        }
        judge(backup.acknowledgement());
        for (int port = 50_081; port <= 50_084; port++) {
            assertEquals("accept expected", judge(backup.syn(port)));
        }
        judge(backup.reply(FOUR));
        assertEquals(ports(), fixture.expectedPorts());
        now += 3600 * SECOND;
        assertEquals("drop unsolicited", judge(backup.reply(FOUR)));
    }

    @Test
    @BadInput(72)
    void input72ShouldMindTheDeadlineToTheMillisecond() {
        negotiate();
        final long deadline = now + 180 * SECOND;

        now = deadline - 1_000_000;
        assertEquals("accept expected", judge(backup.syn(50_081)));
        now = deadline + 1_000_000;
        assertEquals("drop unexpected", judge(backup.syn(50_082)));
    }

    @Test
    @BadInput(72)
    void input72ShouldDropASynBeforeItsReply() {
        judge(backup.request());

        assertEquals("drop unexpected", judge(backup.syn(50_081)));
        judge(backup.reply(FOUR));
        assertEquals("accept expected", judge(backup.syn(50_081)), "TCP tries again");
    }

    @Test
    @BadInput(72)
    void input72ShouldDropWhatComesMidStream() {
        assertEquals("drop no-flow", judge(backup.tcpWithData(50_081, TcpView.ACK | TcpView.PSH)));
    }

    @Test
    @BadInput(72)
    void input72ShouldFindBadTcpHeaders() {
        negotiate();
        final byte[] shortOffset = backup.syn(50_081);
        shortOffset[32] = 0x40;
        final byte[] longOffset = backup.syn(50_081);
        longOffset[32] = (byte) 0xf0;

        assertEquals("drop malformed", judge(shortOffset));
        assertEquals("drop malformed", judge(longOffset));
    }

    @Test
    void shouldAnswerEveryPacketOfAMixedBatchInOrder() {
        final List<byte[]> batch = new ArrayList<>();
        batch.add(backup.request());
        batch.add("junk".getBytes(StandardCharsets.US_ASCII));
        batch.add(backup.reply(FOUR));
        batch.add(backup.syn(50_081));
        batch.add(backup.syn(50_080));
        batch.add(backup.unreachableForRequester(backup.syn(50_081)));
        batch.add(backup.unreachableForRequester(backup.syn(50_080)));
        batch.add(new byte[1]);

        final List<String> seen =
                fixture.send(batch, now).stream().map(Outcome::summary).toList();

        assertEquals(
                List.of(
                        "accept request",
                        "drop malformed",
                        "accept reply",
                        "accept expected",
                        "drop unexpected",
                        "accept related",
                        "drop not-amanda",
                        "drop malformed"),
                seen);
    }
}
