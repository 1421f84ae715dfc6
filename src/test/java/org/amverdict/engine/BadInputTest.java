package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.inputs.BadInput;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.track.Tally;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The bad inputs 31 to 72 of src/docs/threats.md to the whole engine: the verdict, its reason, and that it is counted.
 * Where it can be, the input is a REP that would open four ports if it were not bad.
 */
final class BadInputTest {
    private static final long NOW = 5 * EngineFixture.SECOND;
    private static final String FOUR = "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084";
    private static final int IP4 = 20;
    private static final int IP6 = 40;
    private static final int UDP_LENGTH = 4;
    private static final int UDP_CHECKSUM = 6;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int ROUTING = 43;

    private final EngineFixture fixture = new EngineFixture();
    private final Exchange four = Exchange.of("sendbackup");
    private final Exchange six = four.overIpv6();
    private final byte[] reply4 = four.reply(FOUR);
    private final byte[] reply6 = six.reply(FOUR);
    private final byte[] message =
            EngineFixture.message("REP", four.handle(), four.sequence(), FOUR + "\n" + Exchange.OPTIONS);

    @BeforeEach
    void ask() {
        judges("accept request", four.request());
        judges("accept request", six.request());
    }

    private void judges(final String expected, final byte[] packet) {
        assertEquals(expected, fixture.send(packet, NOW).summary());
    }

    private void opens(final Integer... ports) {
        final SortedSet<Integer> expected = new TreeSet<>(List.of(ports));
        assertEquals(expected, fixture.expectedPorts());
    }

    private void malformed(final int status, final byte[] packet) {
        final long before = fixture.counters().packets(Verdict.DROP, Reason.MALFORMED);

        final Outcome outcome = fixture.send(packet, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.name(status), DecodeStatus.name(outcome.decodeStatus()));
        assertEquals(before + 1, fixture.counters().packets(Verdict.DROP, Reason.MALFORMED));
        opens();
    }

    private static byte[] with(final byte[] packet, final int at, final int value) {
        final byte[] changed = packet.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] withShort(final byte[] packet, final int at, final int value) {
        final byte[] changed = packet.clone();
        PacketBuilder.putShort(changed, at, value);
        return changed;
    }

    private PacketBuilder from4() {
        return PacketBuilder.ip(four.responder(), four.requester());
    }

    private PacketBuilder from6() {
        return PacketBuilder.ip(six.responder(), six.requester());
    }

    private byte[] udp(final PacketBuilder builder) {
        return builder.udp(EngineFixture.CONTROL, EngineFixture.REQUESTER_PORT, message);
    }

    @Test
    @BadInput({31, 32, 33, 34, 35})
    void shouldDropIpHeadersThatCannotBe() {
        for (final int version : new int[] {0x05, 0x55, 0xf5}) {
            malformed(DecodeStatus.BAD_VERSION, with(reply4, 0, version));
        }
        malformed(DecodeStatus.BAD_HEADER_LENGTH, with(reply4, 0, 0x44));
        malformed(DecodeStatus.BAD_HEADER_LENGTH, with(Arrays.copyOf(reply4, 59), 0, 0x4f));
        malformed(DecodeStatus.BAD_TOTAL_LENGTH, withShort(reply4, 2, 19));
        malformed(DecodeStatus.BAD_TOTAL_LENGTH, withShort(reply4, 2, reply4.length + 1));
        malformed(DecodeStatus.BAD_TOTAL_LENGTH, withShort(reply6, 4, reply6.length - IP6 + 1));
    }

    @Test
    @BadInput(36)
    void shouldNotReadJunkBehindThePacket() {
        final byte[] junk = "\nCONNECT DATA 2001 MESG 2002\n".getBytes(StandardCharsets.US_ASCII);
        final byte[] packet = Arrays.copyOf(reply4, reply4.length + junk.length);
        System.arraycopy(junk, 0, packet, reply4.length, junk.length);

        judges("accept reply", packet);

        opens(50_081, 50_082, 50_083, 50_084);
    }

    @Test
    @BadInput({37, 42})
    void shouldAnnounceNothingInFragments() {
        judges("drop fragment", withShort(reply4, 6, 3));
        judges("drop fragment", from6().fragment(24, false, 7).payload(17, message));
        judges("accept refused-reply", withShort(from4().udp(10_080, 844, Arrays.copyOf(message, 128)), 6, 0x2000));
        malformed(DecodeStatus.BAD_FRAGMENT, withShort(reply4, 6, 0x1fff));
        opens();
        judges("accept reply", udp(from6().fragment(0, false, 7)));
        opens(50_081, 50_082, 50_083, 50_084);
    }

    @Test
    @BadInput(38)
    void shouldDropSourceRoutes() {
        malformed(DecodeStatus.BAD_OPTION, udp(from4().options(131, 7, 4, 0, 0, 0, 0)));
        judges("accept reply", udp(from4().options(7, 7, 4, 0, 0, 0, 0)));
        opens(50_081, 50_082, 50_083, 50_084);
    }

    @Test
    @BadInput({39, 40, 41, 43})
    void shouldDropWhatHasNoWholeUdpHeaderOrBadExtensions() {
        for (int length = 0; length < 8; length++) {
            malformed(DecodeStatus.BAD_LENGTH, from4().payload(17, new byte[length]));
        }
        malformed(DecodeStatus.BAD_TOTAL_LENGTH, withShort(reply6, 4, 0));
        final PacketBuilder nine = from6();
        for (int i = 0; i < 9; i++) {
            nine.extension(DESTINATION_OPTIONS);
        }
        malformed(DecodeStatus.BAD_EXTENSION, udp(nine));
        malformed(DecodeStatus.BAD_EXTENSION, udp(from6().extension(ROUTING, 0, 1)));
        malformed(DecodeStatus.BAD_EXTENSION, udp(from6().extension(ROUTING, 4, 1)));
        opens();
    }

    @Test
    @BadInput({37, 42})
    void shouldJudgeFragmentsByWhatIsCutNotByWhatIsBehindTheirExtensionHeaders() {
        final byte[] whole = udp(from6().extension(DESTINATION_OPTIONS));
        final byte[] cut = Arrays.copyOfRange(whole, IP6, whole.length);
        final byte[] first = Arrays.copyOf(cut, 80);
        final byte[] rest = Arrays.copyOfRange(cut, 80, cut.length);

        judges("accept refused-reply", from6().fragment(0, true, 9).payload(DESTINATION_OPTIONS, first));
        judges("drop fragment", from6().fragment(72, false, 9).payload(DESTINATION_OPTIONS, rest));
        judges("drop fragment", from6().fragment(80, false, 9).payload(17, rest));
        judges("accept refused-reply", from6().fragment(80, false, 9).payload(DESTINATION_OPTIONS, rest));
        opens();
    }

    @Test
    @BadInput(44)
    void shouldDropAPacketWithoutNextHeader() {
        judges("drop not-amanda", from6().payload(59, message));
    }

    @Test
    @BadInput({45, 46})
    void shouldDropAddressesThatCannotBe() {
        final byte[] mapped = reply6.clone();
        Arrays.fill(mapped, 8, 18, (byte) 0);
        Arrays.fill(mapped, 18, 20, (byte) 0xff);
        malformed(DecodeStatus.BAD_ADDRESS, mapped);
        for (final String source : List.of("0.0.0.0", "224.0.0.1", "255.255.255.255")) {
            malformed(DecodeStatus.BAD_ADDRESS, udp(PacketBuilder.ip(source, four.requester())));
        }
        malformed(DecodeStatus.BAD_ADDRESS, PacketBuilder.udp4("192.0.2.10", 10_080, "192.0.2.10", 10_080, message));
        for (final String destination : List.of("224.0.0.1", "255.255.255.255")) {
            judges("drop not-amanda", udp(PacketBuilder.ip(four.responder(), destination)));
        }
        opens();
    }

    @Test
    @BadInput({49, 50})
    void shouldDropUdpLengthsThatCannotBe() {
        for (int length = 0; length < 8; length++) {
            malformed(DecodeStatus.BAD_LENGTH, withShort(reply4, IP4 + UDP_LENGTH, length));
        }
        malformed(DecodeStatus.BAD_LENGTH, withShort(reply4, IP4 + UDP_LENGTH, reply4.length - IP4 + 1));
        malformed(DecodeStatus.BAD_LENGTH, withShort(reply6, IP6 + UDP_LENGTH, reply6.length - IP6 + 1));
    }

    @Test
    @BadInput(51)
    void shouldNotReadBehindTheUdpLength() {
        final int header = EngineFixture.message("REP", four.handle(), four.sequence(), "").length;
        final byte[] slack = withShort(withShort(reply4, IP4 + UDP_LENGTH, 8 + header), IP4 + UDP_CHECKSUM, 0);

        judges("accept reply", slack);

        opens();
    }

    @Test
    @BadInput(73)
    void shouldDropMergedDatagramsAndNoMergedSegments() {
        fixture.packetFlags(PacketBatch.MERGED);
        for (final Exchange exchange : List.of(four, six)) {
            judges("drop merged", exchange.request());
            judges("drop merged", exchange.reply(FOUR));
            judges("drop merged", exchange.fromRequester("ACK", ""));
            final List<byte[]> fragments = Exchange.fragments(exchange.reply(FOUR));
            judges("drop merged", fragments.get(0));
            judges("drop merged", fragments.get(fragments.size() - 1));
        }
        opens();
        judges("drop not-amanda", from4().udp(5000, 5001, new byte[100]));

        fixture.packetFlags(0);
        judges("accept reply", reply4);
        judges("accept expected", four.tcp(50_081, TcpView.SYN));
        fixture.packetFlags(PacketBatch.MERGED);
        judges("accept established", four.tcpWithData(50_081, TcpView.ACK));
    }

    @Test
    @BadInput({52, 53})
    void shouldWantARightChecksumOrOverIpv4None() {
        malformed(DecodeStatus.BAD_CHECKSUM, withShort(reply6, IP6 + UDP_CHECKSUM, 0));
        malformed(DecodeStatus.BAD_CHECKSUM, with(reply4, IP4 + UDP_CHECKSUM, reply4[IP4 + UDP_CHECKSUM] ^ 1));
        malformed(DecodeStatus.BAD_CHECKSUM, with(reply6, IP6 + UDP_CHECKSUM, reply6[IP6 + UDP_CHECKSUM] ^ 1));
        judges("accept reply", withShort(reply4, IP4 + UDP_CHECKSUM, 0));
        opens(50_081, 50_082, 50_083, 50_084);
    }

    @Test
    @BadInput({54, 55})
    void shouldDropEmptyDatagramsAndThoseBetweenControlPorts() {
        bad(new byte[0]);
        judges(
                "drop not-amanda",
                four.withPorts(EngineFixture.CONTROL, EngineFixture.CONTROL).request());
        judges(
                "drop not-amanda",
                four.withPorts(EngineFixture.CONTROL, EngineFixture.CONTROL).reply(FOUR));
        opens();
    }

    /** Over IPv6 such a datagram makes a packet of 65,551 bytes, and an attribute holds 65,531 of them. */
    @Test
    @BadInput(56)
    void shouldJudgeTheLargestDatagram() {
        final String body = EngineFixture.requestBody("selfcheck");
        final Exchange check = four.withService("selfcheck").withNames("large", "1");
        final int header = EngineFixture.message("REQ", "large", "1", "").length;
        final String large = body + "x".repeat(65_503 - header - body.length());
        judges("accept request", check.fromRequester("REQ", large));

        final byte[] packet = check.overIpv6().fromRequester("REQ", large);
        assertEquals(65_551, packet.length);
        final Outcome outcome = fixture.sendTruncated(packet, 65_531, NOW);

        assertEquals("drop malformed", outcome.summary());
        assertEquals(DecodeStatus.TRUNCATED, outcome.decodeStatus());
    }

    /** No valid header: dropped in both directions. */
    private void bad(final byte[] payload) {
        judges("drop bad-control", EngineFixture.udp(four.requester(), 844, four.responder(), 10_080, payload));
        judges("drop unsolicited", EngineFixture.udp(four.responder(), 10_080, four.requester(), 844, payload));
    }

    private void badHeader(final String line) {
        bad((line + "\n" + FOUR + "\n" + Exchange.OPTIONS).getBytes(StandardCharsets.UTF_8));
        opens();
    }

    @Test
    @BadInput(57)
    void shouldDropTextWithoutHeader() {
        bad("CONNECT DATA 3306 ".getBytes(StandardCharsets.US_ASCII));
        opens();
    }

    @Test
    @BadInput({58, 59, 60})
    void shouldDropHeadersOfAnotherForm() {
        final String rest = " HANDLE " + four.handle() + " SEQ " + four.sequence();
        badHeader("amanda 2.6 REP" + rest);
        badHeader("amanda 3.5 REP" + rest);
        badHeader("Amanda 3 REP" + rest);
        badHeader("Amanda 35 REP" + rest);
        badHeader("Amanda 3.5 RPL" + rest);
        badHeader("Amanda 3.5 rep" + rest);
    }

    @Test
    @BadInput({61, 62})
    void shouldDropHandlesAndSequencesOfAnotherForm() {
        badHeader("Amanda 3.5 REP SEQ " + four.sequence());
        for (final String handle : List.of("", "h".repeat(4096), "000-0000\00000", "000-00000ä00")) {
            badHeader("Amanda 3.5 REP HANDLE " + handle + " SEQ " + four.sequence());
        }
        for (final String sequence : List.of("100000000000000000000", "1x", four.sequence() + "x")) {
            badHeader("Amanda 3.5 REP HANDLE " + four.handle() + " SEQ " + sequence);
        }
        final Exchange negative = four.withNames(four.handle(), "-2147483648");
        judges("accept request", negative.request());
        judges("accept reply", negative.reply(FOUR));
        opens(50_081, 50_082, 50_083, 50_084);
    }

    @Test
    @BadInput(63)
    void shouldDropAReplyToNothing() {
        judges(
                "drop unsolicited",
                four.withNames("000-0000000f", four.sequence()).reply(FOUR));
        judges("drop unsolicited", four.withNames(four.handle(), "1795174339").reply(FOUR));
        judges(
                "drop unsolicited",
                four.withHosts(four.requester(), EngineFixture.STRANGER).reply(FOUR));
        opens();
    }

    @Test
    @BadInput(64)
    void shouldOpenNothingForAConnectInAnotherMessage() {
        final Exchange refused = four.withNames("refused", "1");
        judges("accept request", refused.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + FOUR + "\n"));
        opens();
        judges("accept reply", refused.fromResponder("NAK", FOUR + "\n"));
        opens();
        judges("accept reply", four.fromResponder("ACK", FOUR + "\n"));
        opens();
        judges("accept reply", four.fromResponder("PREP", FOUR + "\n"));
        opens();
        judges("drop wrong-direction", four.fromResponder("REQ", FOUR + "\n"));
        opens();
        judges("accept ack", four.fromRequester("ACK", FOUR + "\n"));
        opens();
    }

    /** Of a transaction of its own, so that one does not stand in for the other. */
    private void refused(final Refusal why, final String body) {
        final Exchange own =
                four.withNames("own", "" + fixture.tables().transactions().size());
        judges("accept request", own.request());
        final long before = fixture.counters().of(Tally.REPLIES_REFUSED, why);

        final Outcome outcome = fixture.send(own.fromResponder("REP", body), NOW);

        assertEquals("accept refused-reply", outcome.summary(), body);
        assertEquals(why, outcome.refusal(), body);
        assertEquals(before + 1, fixture.counters().of(Tally.REPLIES_REFUSED, why));
        opens();
    }

    @Test
    @BadInput({65, 66, 70})
    void shouldWantOneConnectLineInItsPlace() {
        refused(Refusal.REPEATED, FOUR + "\n" + FOUR + "\n");
        refused(Refusal.REPEATED, "CONNECT\n" + FOUR + "\n");
        refused(Refusal.MISPLACED, "x".repeat(30_720) + "\n" + FOUR + "\n");
        refused(Refusal.MISPLACED, "some text\n".repeat(3072) + FOUR + "\n");
        refused(Refusal.MISPLACED, "KENCRYPT\n" + FOUR + "\n");
        refused(Refusal.ERROR_LINE, "ERROR x\n" + FOUR + "\n");
        refused(Refusal.ERROR_LINE, FOUR + "\nERROR x\n");
        refused(Refusal.ERROR_LINE, "RETRY delay 60\n" + FOUR + "\n");
        refused(Refusal.ERROR_LINE, FOUR + "\nRETRY delay 60\n");
    }

    @Test
    @BadInput(67)
    void shouldWantSingleSpacesAndALineEnd() {
        refused(Refusal.UNTERMINATED, FOUR);
        refused(Refusal.NUMBER, FOUR + "\r\n" + Exchange.OPTIONS);
        refused(Refusal.STREAM_LIST, FOUR.replace(" 500", "\t500") + "\n");
        refused(Refusal.SYNTAX, FOUR.replace("CONNECT ", "CONNECT\t") + "\n");
        refused(Refusal.SYNTAX, FOUR.replace(" ", "  ") + "\n");
        refused(Refusal.SYNTAX, FOUR + " \n");
        refused(Refusal.NUL, "OPTIONS ;\n\0\n" + FOUR + "\n");
    }

    @Test
    @BadInput(68)
    void shouldOpenPortsForNumbersOfThemOnly() {
        for (final String number : List.of("0", "65536", "65558", "99999")) {
            refused(Refusal.PORT, "CONNECT DATA " + number + " MESG 2001 INDEX 2002\n");
        }
        refused(Refusal.HANDLE, "CONNECT DATA 499999 MESG 2001 INDEX 2002\n");
        for (final String number :
                List.of("18446744073709551638", "00022", "+22", "0x16", "22x", "\u00ef\u00bc\u0092")) {
            refused(Refusal.NUMBER, "CONNECT DATA " + number + " MESG 2001 INDEX 2002\n");
        }
        judges("accept reply", four.reply("CONNECT DATA -1 MESG 65535 INDEX -1"));
        opens(65_535);
    }

    @Test
    @BadInput(69)
    void shouldWantTheStreamsOfTheService() {
        refused(Refusal.DUPLICATE, "CONNECT DATA 2001 MESG 2001 INDEX 2001\n");
        refused(Refusal.PORT, "CONNECT DATA 1 DATA 2\n");
        refused(Refusal.STREAM_LIST, "CONNECT DATA 2001 DATA 2002\n");
        refused(Refusal.STREAM_LIST, "CONNECT MESG 2001 DATA 2002 INDEX 2003\n");
        refused(Refusal.STREAM_LIST, "CONNECT DATA 2001 MESG 2002 EVIL 2003\n");
        refused(Refusal.STREAM_LIST, "CONNECT" + " A 2001".repeat(200) + "\n");
        refused(Refusal.SYNTAX, "CONNECT DATA 2001 MESG\n");
    }

    @Test
    @BadInput(72)
    void shouldDropASynOverAnotherInterface() {
        fixture.interfaces(1, 2);
        judges("accept request", four.withNames("here", "1").request());
        fixture.interfaces(2, 1);
        judges("accept reply", four.withNames("here", "1").reply(FOUR));
        fixture.interfaces(3, 2);
        judges("drop unexpected", four.syn(50_081));
        fixture.interfaces(1, 2);
        judges("accept expected", four.syn(50_081));
        judges("accept established", four.syn(50_081));
        fixture.interfaces(3, 2);
        judges("drop unexpected", four.syn(50_081));
        judges("drop no-flow", four.tcp(50_081, TcpView.ACK));
    }
}
