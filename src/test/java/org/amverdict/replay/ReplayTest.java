package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amverdict.amanda.Example;
import org.amverdict.engine.EngineSettings;
import org.amverdict.json.JsonSchemas;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine over the shipped captures, and over captures made from them. */
final class ReplayTest {
    private static final Path CAPTURES = Path.of("test/resources/captures");
    private static final Path VERDICTS = Path.of("test/resources/verdicts");
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int SYN = 2;
    /** No capture announces or uses it. */
    private static final int STRANGE_PORT = 11_500;

    @TempDir
    private Path directory;

    /** A packet copied out of a capture. */
    private record Packet(long timestampNanos, ByteBuf bytes) {
        int headerLength() {
            return bytes.getByte(0) >>> 4 == 6 ? 40 : (bytes.getByte(0) & 0xf) * 4;
        }

        int protocol() {
            return bytes.getByte(bytes.getByte(0) >>> 4 == 6 ? 6 : 9);
        }

        boolean syn() {
            return protocol() == TCP && bytes.getByte(headerLength() + 13) == SYN;
        }

        boolean announces() {
            return protocol() == UDP
                    && new String(ByteBufUtil.getBytes(bytes), StandardCharsets.ISO_8859_1).contains("\nCONNECT ");
        }

        Packet announcingInstead(final String old, final String text) {
            final byte[] copy = new String(ByteBufUtil.getBytes(bytes), StandardCharsets.ISO_8859_1)
                    .replace(old, text)
                    .getBytes(StandardCharsets.ISO_8859_1);
            // Checksum 0: none.
            return new Packet(timestampNanos, Unpooled.wrappedBuffer(copy).setShort(headerLength() + 6, 0));
        }

        Packet withPorts(final int source, final int destination) {
            final ByteBuf copy = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(bytes));
            copy.setShort(headerLength(), (short) source).setShort(headerLength() + 2, (short) destination);
            return new Packet(timestampNanos, copy);
        }

        Packet reversed() {
            final byte[] copy = ByteBufUtil.getBytes(bytes);
            final int length = bytes.getByte(0) >>> 4 == 6 ? 16 : 4;
            final int source = bytes.getByte(0) >>> 4 == 6 ? 8 : 12;
            System.arraycopy(ByteBufUtil.getBytes(bytes), source, copy, source + length, length);
            System.arraycopy(ByteBufUtil.getBytes(bytes), source + length, copy, source, length);
            return new Packet(timestampNanos, Unpooled.wrappedBuffer(copy));
        }
    }

    private record Outcome(List<String> lines, VerdictLog log) {
        /** Lines of packets, which begin with their number, and not of the summary. */
        long packets(final String part) {
            return lines.stream()
                    .filter(line -> line.contains(part) && line.matches(" *[0-9]+ .*"))
                    .count();
        }

        long count(final String part) {
            return lines.stream().filter(line -> line.contains(part)).count();
        }
    }

    private static Outcome replay(final Path... files) throws IOException {
        final List<String> lines = new ArrayList<>();
        final VerdictLog log = VerdictLog.text(lines::add);
        try (PcapSource source = new PcapSource(List.of(files))) {
            log.start(String.valueOf(files[0].getFileName()), ReplayRun.PERMISSIVE_TEXT);
            new ReplayRun(ReplayRun.PERMISSIVE, TableLimits.DEFAULTS, log).judge(source);
            log.end(source);
        }
        return new Outcome(lines, log);
    }

    private static List<Packet> packets(final String capture) throws IOException {
        final List<Packet> packets = new ArrayList<>();
        try (PcapReader reader = PcapReader.open(CAPTURES.resolve(capture))) {
            while (reader.next()) {
                final byte[] bytes = new byte[reader.length()];
                reader.buffer().getBytes(reader.offset(), bytes);
                packets.add(new Packet(reader.timestampNanos(), Unpooled.wrappedBuffer(bytes)));
            }
        }
        return packets;
    }

    private Outcome replay(final List<Packet> packets) throws IOException {
        final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN).pcap(0xa1b23c4dL, 101);
        for (final Packet packet : packets) {
            capture.record(
                    packet.timestampNanos() / 1_000_000_000,
                    packet.timestampNanos() % 1_000_000_000,
                    ByteBufUtil.getBytes(packet.bytes()));
        }
        return replay(Files.write(directory.resolve("made.pcap"), capture.bytes()));
    }

    /** A router reports the first datagram of a capture undeliverable, and then one that nobody has sent. */
    @Test
    void shouldSayWhatAnIcmpErrorQuotes() throws IOException {
        final List<Packet> packets =
                new ArrayList<>(packets("bsdudp-backup.pcap").subList(0, 1));
        final byte[] request = ByteBufUtil.getBytes(packets.get(0).bytes());
        final String requester = address(request, 12);
        final String responder = address(request, 16);
        final byte[] known = PacketBuilder.icmpError(responder, requester, 3, 3, request, 28);
        request[20 + 1] ^= 1;
        final byte[] unknown = PacketBuilder.icmpError(responder, requester, 3, 4, request, 28);
        packets.add(new Packet(packets.get(0).timestampNanos(), Unpooled.wrappedBuffer(known)));
        packets.add(new Packet(packets.get(0).timestampNanos(), Unpooled.wrappedBuffer(unknown)));

        final Outcome outcome = replay(packets);
        final List<String> json = new ArrayList<>();
        try (PcapSource source = new PcapSource(List.of(directory.resolve("made.pcap")))) {
            new ReplayRun(ReplayRun.PERMISSIVE, TableLimits.DEFAULTS, VerdictLog.json(json::add)).judge(source);
        }

        assertEquals(1, outcome.packets("type 3 code 3 quotes udp " + requester + ":"));
        assertEquals(1, outcome.packets("accept   related"));
        assertEquals(1, outcome.packets("continue not-amanda"));
        assertTrue(json.get(1).contains("\"icmp_type\":3,\"icmp_code\":3"), json.get(1));
        assertTrue(json.get(1).contains("\"reason\":\"related\""), json.get(1));
        assertTrue(json.get(2).contains("\"icmp_type\":3,\"icmp_code\":4"), json.get(2));
    }

    private static String address(final byte[] packet, final int at) {
        return (packet[at] & 0xff) + "." + (packet[at + 1] & 0xff) + "." + (packet[at + 2] & 0xff) + "."
                + (packet[at + 3] & 0xff);
    }

    @ParameterizedTest
    @CsvSource({
        "bsdudp-backup, 1",
        "bsdudp-recover, 2",
        "bsdudp-backup-noindex, 1",
        "bsdudp-backup-nak, 0",
        "bsd-backup, 4",
        "bsd-backup-ipv6, 4",
        "bsdtcp-backup, 0",
    })
    void shouldJudgeTheShippedCapturesAsReviewed(final String name, final int streams) throws IOException {
        final Outcome outcome = replay(CAPTURES.resolve(name + ".pcap"));

        final List<String> reviewed = Files.readAllLines(VERDICTS.resolve(name + ".txt"));
        assertEquals(
                List.of(),
                LineDiff.unified(reviewed, outcome.lines()),
                "review, then: amverdict replay CAPTURE --expect FILE --accept");
        assertEquals(streams, outcome.log().streamsAnnounced());
        assertEquals(streams, outcome.log().streamsConnected());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bsdudp-backup.pcap",
                "bsdudp-recover.pcap",
                "bsdudp-backup-noindex.pcap",
                "bsd-backup.pcap",
                "bsd-backup-ipv6.pcap"
            })
    void shouldLetInNoSynThatNobodyAnnounced(final String capture) throws IOException {
        final List<Packet> packets = packets(capture);
        final List<Packet> mixed = new ArrayList<>();
        long strangers = 0;
        for (final Packet packet : packets) {
            if (packet.syn()) {
                final int port = packet.bytes().getShort(packet.headerLength() + 2);
                mixed.add(packet.withPorts(11_000, STRANGE_PORT));
                mixed.add(packet.withPorts(11_000, port).reversed());
                mixed.add(packet);
                mixed.add(packet.withPorts(11_001, port)); // each announcement admits one
                strangers += 3;
            } else {
                mixed.add(packet);
            }
        }

        final Outcome undisturbed = replay(packets);
        final Outcome disturbed = replay(mixed);

        assertTrue(strangers > 0);
        assertEquals(strangers, disturbed.log().synsRefused());
        assertEquals(strangers, disturbed.packets(" continue unexpected"));
        assertEquals(0, undisturbed.log().synsRefused());
        assertEquals(undisturbed.log().streamsConnected(), disturbed.log().streamsConnected());
        assertEquals(undisturbed.packets(" accept established"), disturbed.packets(" accept established"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bsdudp-backup.pcap", "bsdudp-recover.pcap", "bsd-backup.pcap", "bsd-backup-ipv6.pcap"})
    void shouldLetInNoConnectionWhenTheAnnouncementsAreMissing(final String capture) throws IOException {
        final List<Packet> packets = packets(capture);
        final long syns = packets.stream().filter(Packet::syn).count();
        final long tcp =
                packets.stream().filter(packet -> packet.protocol() == TCP).count();

        final Outcome outcome =
                replay(packets.stream().filter(packet -> !packet.announces()).toList());

        assertEquals(0, outcome.log().streamsAnnounced());
        assertEquals(syns, outcome.log().synsRefused());
        assertEquals(tcp - syns, outcome.packets(" continue no-flow"));
    }

    @Test
    void shouldJudgeAtTheTimeOfTheCapture() throws IOException {
        final List<Packet> packets = packets("bsd-backup.pcap");
        final List<Packet> late = new ArrayList<>();
        for (final Packet packet : packets) {
            // The TCP part comes four minutes later, when the expectations have expired.
            final long delay = packet.protocol() == TCP ? 240_000_000_000L : 0;
            late.add(new Packet(packet.timestampNanos() + delay, packet.bytes()));
        }

        final Outcome outcome = replay(late);

        assertEquals(4, outcome.log().streamsAnnounced());
        assertEquals(0, outcome.log().streamsConnected());
        assertEquals(4, outcome.count(": announced 0.876333, never let in: 1 SYN to that port came"));
    }

    @Test
    void shouldNameTheNearestExpectedPort() throws IOException {
        final List<Packet> packets = packets("bsd-backup.pcap");
        final List<Packet> wrong = new ArrayList<>();
        for (final Packet packet : packets) {
            wrong.add(packet.syn() ? packet.withPorts(11_000, 11_014) : packet);
        }

        assertTrue(replay(wrong).count("continue unexpected          nearest expected port 11012") > 0);
    }

    @Test
    void shouldCountARepeatedReplyOnce() throws IOException {
        final List<Packet> packets = packets("bsd-backup.pcap");
        final Packet reply =
                packets.stream().filter(Packet::announces).findFirst().orElseThrow();
        final List<Packet> repeated = new ArrayList<>();
        for (final Packet packet : packets) {
            // Without the ACK that follows it, the reply is sent again: at once, and after each stream has connected.
            if (packets.indexOf(packet) != packets.indexOf(reply) + 1) {
                repeated.add(packet);
            }
            if (packet.equals(reply) || packet.syn()) {
                repeated.add(new Packet(packet.timestampNanos(), reply.bytes()));
            }
        }

        final Outcome outcome = replay(repeated);

        assertEquals(4, outcome.log().streamsAnnounced());
        assertEquals(4, outcome.log().streamsConnected());
    }

    @Test
    void shouldListThePortsOfAChangedReplyOnce() throws IOException {
        final List<Packet> packets = packets("bsd-backup.pcap");
        final List<Packet> changed = new ArrayList<>();
        for (final Packet packet : packets) {
            if (packet.announces()) {
                changed.add(packet.announcingInstead("DATA 11009", "DATA 11008"));
            }
            changed.add(packet);
        }

        final Outcome outcome = replay(changed);

        assertEquals(5, outcome.log().streamsAnnounced());
        assertEquals(4, outcome.log().streamsConnected());
        assertEquals(1, outcome.count("port 11008: announced 0.876333, never came"));
    }

    @Test
    void shouldExplainMalformedPackets() throws IOException {
        final List<Packet> bad = new ArrayList<>();
        bad.add(new Packet(1, Unpooled.wrappedBuffer(new byte[] {0x45})));
        bad.add(new Packet(2, Unpooled.wrappedBuffer(new byte[] {0x55, 0, 0, 0})));
        final ByteBuf cut = Unpooled.wrappedBuffer(Frames.ipv4(1));
        cut.setShort(24, (short) 9);
        bad.add(new Packet(3, cut));

        final List<String> lines = replay(bad).lines();

        assertTrue(lines.get(1).matches(" +1 +0\\.000000  ip bytes 1 +drop +malformed +truncated"), lines.get(1));
        assertTrue(lines.get(2).matches(" +2 .*ip bytes 4 +drop +malformed +bad-version"), lines.get(2));
        assertTrue(
                lines.get(3)
                        .matches(
                                " +3 .*ip 10\\.80\\.1\\.2 > 10\\.80\\.2\\.2 proto 17 bytes 28 +drop +malformed +bad-length"),
                lines.get(3));
    }

    @Test
    void shouldWriteEachLineAsItsSchemaSays() throws IOException {
        for (final String capture : new String[] {
            "bsd-backup.pcap",
            "bsd-backup-ipv6.pcap",
            "bsdtcp-backup.pcap",
            "bsdudp-backup-nak.pcap",
            "bsdudp-recover.pcap"
        }) {
            final List<String> lines = new ArrayList<>();
            final VerdictLog log = VerdictLog.json(lines::add);
            try (PcapSource source = new PcapSource(List.of(CAPTURES.resolve(capture)))) {
                log.start(capture, ReplayRun.PERMISSIVE_TEXT);
                new ReplayRun(ReplayRun.PERMISSIVE, TableLimits.DEFAULTS, log).judge(source);
                log.end(source);
            }
            for (final String line : lines) {
                assertEquals(List.of(), JsonSchemas.problems("/org/amverdict/replay/replay.schema.json", line), line);
            }
            assertTrue(lines.get(0).startsWith("{\"event_type\":\"start\""));
            assertTrue(lines.get(lines.size() - 1).startsWith("{\"event_type\":\"summary\""));
        }
    }

    @Test
    void shouldWriteTheFieldsOfTheEventLog() throws IOException {
        final List<String> lines = new ArrayList<>();
        try (PcapSource source = new PcapSource(List.of(CAPTURES.resolve("bsd-backup.pcap")))) {
            new ReplayRun(ReplayRun.PERMISSIVE, TableLimits.DEFAULTS, VerdictLog.json(lines::add)).judge(source);
        }

        assertEquals(
                "{\"event_type\":\"packet\",\"number\":24,\"timestamp\":\"TIME\",\"time\":0.876333,"
                        + "\"src_ip\":\"10.80.2.2\",\"src_port\":10080,\"dest_ip\":\"10.80.1.2\",\"dest_port\":857,"
                        + "\"proto\":\"UDP\",\"length\":189,\"decision\":\"accept\",\"verdict\":\"accept\","
                        + "\"reason\":\"reply\",\"opens\":["
                        + "{\"stream\":\"data\",\"port\":11009},{\"stream\":\"mesg\",\"port\":11010},"
                        + "{\"stream\":\"index\",\"port\":11011},{\"stream\":\"state\",\"port\":11012}],"
                        + "\"amanda\":{\"type\":\"REP\",\"handle\":\"000-00000000\",\"seq\":\"SEQ\","
                        + "\"service\":\"sendbackup\"}}",
                lines.get(23)
                        .replaceFirst("timestamp\":\"[-0-9T:.]+Z", "timestamp\":\"TIME")
                        .replaceFirst("seq\":\"[0-9]+", "seq\":\"SEQ"));
        assertTrue(lines.get(25).endsWith("\"reason\":\"expected\",\"amanda\":{\"stream\":\"data\"}}"), lines.get(25));
    }

    /** As in the event log: decision is what was decided, verdict what the kernel is told. */
    @Test
    void shouldTellDecisionAndVerdictApartInMonitorMode() throws IOException {
        final EngineSettings monitor = EngineSettings.builder(ReplayRun.PERMISSIVE.policy())
                .enforce(false)
                .conclude();
        final List<String> json = new ArrayList<>();
        final List<String> text = new ArrayList<>();
        final byte[] syn = PacketBuilder.ip("192.0.2.10", "198.51.100.20").tcp(50_000, STRANGE_PORT, SYN, new byte[0]);
        final Path capture = Files.write(
                directory.resolve("syn.pcap"),
                new PcapBuilder(ByteOrder.BIG_ENDIAN)
                        .pcap(0xa1b23c4dL, 101)
                        .record(1, 0, syn)
                        .bytes());
        for (final VerdictLog log : List.of(VerdictLog.json(json::add), VerdictLog.text(text::add))) {
            try (PcapSource source = new PcapSource(List.of(capture))) {
                new ReplayRun(monitor, TableLimits.DEFAULTS, log).judge(source);
            }
        }

        assertTrue(
                json.get(0).contains("\"decision\":\"drop\",\"verdict\":\"continue\",\"reason\":\"unexpected\""),
                json.get(0));
        assertTrue(text.get(0).contains("drop     unexpected          (continues in mode monitor)"), text.get(0));
    }

    /** A SYN that passes is no connection yet: the client's firewall may drop it. */
    @Test
    void shouldSayThatNobodyAnsweredALetThroughSyn() throws IOException {
        final List<Packet> whole = packets("bsd-backup.pcap");
        final List<Packet> unanswered = whole.stream()
                .filter(each -> each.protocol() == UDP || each.syn())
                .toList();

        assertEquals(0, replay(whole).count("no answer in the capture"));
        final Outcome outcome = replay(unanswered);
        assertTrue(
                outcome.count("no answer in the capture") > 0, outcome.lines().toString());
        assertEquals(outcome.log().streamsConnected(), outcome.count("no answer in the capture"));
    }

    /** tcpdump was started when the dump was under way already. */
    @Test
    void shouldSayThatACaptureBeginsInMidExchange() throws IOException {
        final List<Packet> whole = packets("bsd-backup.pcap");
        int request = 0;
        while (!whole.get(request).announces()) {
            request++;
        }
        // The REP that announces, its ACK and the streams; the REQ came before.
        final Outcome late = replay(whole.subList(request, whole.size()));
        final Outcome all = replay(whole);

        assertEquals(
                1,
                late.count("the capture begins in mid-exchange: it has messages of 1 exchanges whose REQ is not in it"),
                late.lines().toString());
        assertEquals(0, all.count("mid-exchange"), all.lines().toString());
        assertEquals(
                0, all.count("whose SYN is not in the capture"), all.lines().toString());
        final Outcome middle = replay(whole.subList(whole.size() - 8, whole.size()));
        assertEquals(
                1,
                middle.count("connections whose SYN is not in the capture"),
                middle.lines().toString());
    }

    /** As tcpdump before 4.0 captures: 96 bytes of each frame. */
    @Test
    void shouldSayThatTheSnapLengthCutControlDatagrams() throws IOException {
        final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN).pcap(0xa1b23c4dL, 101);
        for (final Packet packet : packets("bsd-backup.pcap")) {
            final byte[] bytes = ByteBufUtil.getBytes(packet.bytes());
            capture.record(
                    packet.timestampNanos() / 1_000_000_000,
                    packet.timestampNanos() % 1_000_000_000,
                    Arrays.copyOf(bytes, Math.min(96, bytes.length)),
                    bytes.length);
        }

        final Outcome cut = replay(Files.write(directory.resolve("cut.pcap"), capture.bytes()));

        assertEquals(
                1,
                cut.count("the capture cuts packets after 96 bytes: "),
                cut.lines().toString());
        assertEquals(
                1, cut.count("capture again with tcpdump -s 0"), cut.lines().toString());
        assertEquals(0, cut.count("begins in mid-exchange"), cut.lines().toString());
        assertEquals(0, replay(packets("bsd-backup.pcap")).count("tcpdump -s 0"));
    }

    private static String summary(final Outcome outcome) {
        return outcome.lines().stream()
                .filter(line -> line.contains("streams announced"))
                .findFirst()
                .orElseThrow();
    }

    /** As -i any sees a forwarded packet: when it comes and when it goes. */
    @ParameterizedTest
    @ValueSource(strings = {"bsd-backup.pcap", "bsdudp-backup.pcap", "bsdtcp-backup.pcap", "bsd-backup-ipv6.pcap"})
    void shouldJudgeEachPacketOnceThatTheCaptureHasTwice(final String name) throws IOException {
        final List<Packet> twice = packets(name).stream()
                .flatMap(packet -> Stream.of(packet, packet))
                .toList();

        final Outcome outcome = replay(twice);

        assertEquals(0, outcome.packets(" drop "), outcome.lines().toString());
        assertEquals(summary(replay(packets(name))), summary(outcome));
    }

    /** A port filter records no later fragments. */
    @Test
    void shouldNotDropTheFirstFragmentOfAReply() throws IOException {
        final List<Packet> packets = new ArrayList<>(packets("bsdudp-backup.pcap"));
        int reply = 0;
        while (!packets.get(reply).announces()) {
            reply++;
        }
        final byte[] whole = ByteBufUtil.getBytes(packets.get(reply).bytes());
        final int length = 20 + 104; // with the whole header line
        final ByteBuf first = Unpooled.wrappedBuffer(Arrays.copyOf(whole, length));
        first.setShort(2, length).setShort(6, 0x2000);
        packets.set(reply, new Packet(packets.get(reply).timestampNanos(), first));

        final Outcome outcome = replay(packets.subList(0, reply + 1));

        assertEquals(0, outcome.packets(" drop "), outcome.lines().toString());
    }

    /** What the page about troubles tells people to capture, of both families. */
    @ParameterizedTest
    @ValueSource(strings = {"bsd-backup.pcap", "bsdudp-backup.pcap", "bsd-backup-ipv6.pcap"})
    void shouldFindEverythingInWhatTheDocumentedFilterCaptures(final String name) throws Exception {
        final Matcher filter = Pattern.compile("tcpdump -s 0 -w x\\.pcap '([^']+)'")
                .matcher(Files.readString(Path.of("docs", "troubleshooting.md")));
        assertTrue(filter.find());
        final Path tool = Path.of("/usr/bin/tcpdump");
        assumeTrue(Files.isExecutable(tool), "tcpdump is not installed");
        final Path in = directory.resolve("in.pcap");
        final Path out = directory.resolve("out.pcap");
        final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN).pcap(0xa1b23c4dL, 101);
        for (final Packet packet : packets(name)) {
            capture.record(
                    packet.timestampNanos() / 1_000_000_000,
                    packet.timestampNanos() % 1_000_000_000,
                    ByteBufUtil.getBytes(packet.bytes()));
        }
        Files.write(in, capture.bytes());
        final Process process = new ProcessBuilder(
                        tool.toString(), "-r", in.toString(), "-w", out.toString(), filter.group(1))
                .redirectErrorStream(true)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);

        final Outcome outcome = replay(out);

        assertEquals(summary(replay(in)), summary(outcome));
        assertEquals(0, outcome.packets(" drop "), outcome.lines().toString());
    }

    /** Old recovery as the client's or the server's own capture has it: checksums of what it sends itself are partial. */
    @Test
    void shouldFollowAnOldRecovery() throws IOException {
        final String client = "198.51.100.20";
        final String server = "192.0.2.10";
        final byte[] none = {};
        final byte[] asked = Example.of("E30").payload();
        final byte[] said = Example.of("E31").payload();
        final PacketBuilder forth = PacketBuilder.ip(client, server);
        final PacketBuilder back = PacketBuilder.ip(server, client);
        final byte[] partial = back.tcp(10_083, 517, 0x18, 901, 101 + asked.length, none, said);
        final int pseudo = 0xc000 + 0x020a + 0xc633 + 0x6414 + 6 + 20 + said.length;
        PacketBuilder.putShort(partial, 36, (pseudo & 0xffff) + (pseudo >>> 16));
        final PcapBuilder capture = new PcapBuilder(ByteOrder.BIG_ENDIAN)
                .pcap(0xa1b23c4dL, 101)
                .record(1, 0, forth.tcp(517, 10_083, 0x02, 100, 0, none, none))
                .record(1, 1, back.tcp(10_083, 517, 0x12, 900, 101, none, none))
                .record(1, 2, forth.tcp(517, 10_083, 0x18, 101, 901, none, asked))
                .record(1, 3, partial)
                .record(2, 0, forth.tcp(518, 50_093, 0x02, 500, 0, none, none))
                .record(2, 1, forth.tcp(519, 50_093, 0x02, 600, 0, none, none));

        final Outcome outcome = replay(Files.write(directory.resolve("old.pcap"), capture.bytes()));

        assertEquals(1, outcome.packets("legacy-recovery     stream legacy opens legacy 50093"), "" + outcome.lines());
        assertEquals(1, outcome.packets("accept   expected            stream legacy"), "" + outcome.lines());
        assertEquals(1, outcome.count("streams announced 1, connected 1"), "" + outcome.lines());
        assertEquals(
                1,
                outcome.count("legacy 198.51.100.20 > 192.0.2.10 port 50093: announced 0.000000, connected 1.000000"),
                "" + outcome.lines());
        assertEquals(1, outcome.count("legacy-recovery 198.51.100.20 > 192.0.2.10 port 10083"), "" + outcome.lines());
    }
}
