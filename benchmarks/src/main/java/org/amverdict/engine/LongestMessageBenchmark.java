package org.amverdict.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Cost of the most expensive control datagrams of 65 kB, from the headers to the verdict, and of the disks that they
 * name. Each kind is the worst case of one reader. No cost may grow with the square of the length, and the work under
 * the control lock does not depend on the length at all. The score is per 1024th part, so that what JMH itself
 * allocates does not count.
 */
public class LongestMessageBenchmark extends NanosecondsPerOperation {
    private static final int BODY = 65_000;
    private static final int PARTS = 1024;
    private static final int SERVER = 0xC000_020A;
    private static final int CLIENT = 0xC633_6414;
    private static final int REQUESTER_PORT = 844;
    private static final int CONTROL = 10_080;
    private static final int IP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int UDP = 17;
    private static final String HEADER = "Amanda 3.5 %s HANDLE 000-00000000 SEQ 1795174338\n";
    private static final String REQUEST = "SECURITY USER amandabackup\nSERVICE sendbackup\n";

    /** Which message. */
    public enum Kind {
        /** A REP of empty lines. */
        EMPTY_LINES("REP", "\n", false),
        /** A REP of lines that begin like a meaningful one. */
        ALMOST_CONNECT("REP", "CONNECx\n", false),
        /** A REP of CONNECT lines. */
        CONNECT_LINES("REP", "CONNECT DATA 2001\n", false),
        /** A refusal. */
        REFUSAL("NAK", "ERROR x\n", false),
        /** A REQ whose OPTIONS line consists only of option separators. */
        OPTIONS("REQ", ";", true),
        /** A REQ of tags. */
        TAGS("REQ", "<", true),
        /** A REQ of disks in XML. */
        DISKS("REQ", "<disk>/</disk>", true),
        /** A REQ of disks whose tags do not end. */
        DISKS_WITHOUT_END("REQ", "<disk ", true),
        /** A REQ of disks in lines. */
        DISK_LINES("REQ", "GNUTAR a b c d e f\n", true);

        private final String type;
        private final String text;
        private final boolean request;

        Kind(final String type, final String text, final boolean request) {
            this.type = type;
            this.text = text;
            this.request = request;
        }

        String message() {
            final String head =
                    !request ? "" : this == OPTIONS ? REQUEST + "OPTIONS " : REQUEST + "OPTIONS features=ff;\n";
            return String.format(HEADER, type) + head + text.repeat(BODY / text.length());
        }
    }

    /** Which message. */
    @Param({
        "EMPTY_LINES",
        "ALMOST_CONNECT",
        "CONNECT_LINES",
        "REFUSAL",
        "OPTIONS",
        "TAGS",
        "DISKS",
        "DISKS_WITHOUT_END",
        "DISK_LINES"
    })
    private Kind kind = Kind.EMPTY_LINES;

    private final EngineCounters counters = new EngineCounters();
    private final VerdictEngine engine = new VerdictEngine(
            EngineSettings.of(Policy.of(java.util.List.of(new Allowance(
                    "dumps",
                    HostSet.of("192.0.2.0/28"),
                    HostSet.of("198.51.100.0/24"),
                    Service.SENDBACKUP.bit(),
                    Policy.DEFAULT_STREAM_PORTS,
                    false)))),
            new Tables(TableLimits.DEFAULTS, 20_261_130),
            counters,
            EngineEvents.NONE);
    private final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(1 << 17));
    private final PacketBatch batch = new PacketBatch(1, slab);
    private final VerdictBatch verdicts = new VerdictBatch(1);
    private final ControlHeader header = new ControlHeader();
    private final DiskNames disks = new DiskNames();
    private int length;

    /** Begins the exchange that the message belongs to. */
    @Setup(Level.Trial)
    public void setUp() {
        write(String.format(HEADER, "REQ") + REQUEST + "OPTIONS features=ff;\n", true);
        judge();
        write(kind.message(), kind.request);
    }

    private void write(final String message, final boolean forth) {
        final byte[] text = message.getBytes(StandardCharsets.US_ASCII);
        length = IP_HEADER + UDP_HEADER + text.length;
        slab.setByte(0, 0x45);
        slab.setShort(2, length);
        slab.setLong(4, 0);
        slab.setByte(9, UDP);
        slab.setInt(12, forth ? SERVER : CLIENT);
        slab.setInt(16, forth ? CLIENT : SERVER);
        slab.setShort(IP_HEADER, forth ? REQUESTER_PORT : CONTROL);
        slab.setShort(IP_HEADER + 2, forth ? CONTROL : REQUESTER_PORT);
        slab.setShort(IP_HEADER + 4, UDP_HEADER + text.length);
        slab.setShort(IP_HEADER + 6, 0);
        slab.setBytes(IP_HEADER + UDP_HEADER, text);
        slab.setShort(IP_HEADER + 6, checksum(text.length));
    }

    private int checksum(final int payload) {
        long sum = UDP + UDP_HEADER + payload;
        for (int i = 12; i < IP_HEADER + UDP_HEADER + payload; i += 2) {
            sum += i + 1 < IP_HEADER + UDP_HEADER + payload
                    ? slab.getUnsignedShort(i)
                    : slab.getUnsignedByte(i) << Byte.SIZE;
        }
        while (sum >>> Short.SIZE != 0) {
            sum = (sum & 0xffff) + (sum >>> Short.SIZE);
        }
        return (int) ~sum & 0xffff;
    }

    private int judge() {
        batch.reset(slab);
        batch.add(1).setBytes(0, length).setHook(0);
        engine.onBatch(batch, verdicts, 1);
        return verdicts.count();
    }

    @Benchmark
    @OperationsPerInvocation(PARTS)
    public int onBatch() {
        final int judged = judge();
        if (!kind.request) {
            return judged;
        }
        final int text = IP_HEADER + UDP_HEADER;
        header.wrap(slab, text, length - text);
        disks.read(slab, header.bodyOffset(), header.bodyLength());
        return judged + disks.count();
    }

    @TearDown(Level.Trial)
    public void check() {
        if (counters.packets(Verdict.DROP, Reason.MALFORMED)
                        + counters.packets(Verdict.DROP, Reason.UNSOLICITED)
                        + counters.packets(Verdict.DROP, Reason.BAD_REQUEST)
                        + counters.packets(Verdict.DROP, Reason.ERROR)
                != 0) {
            throw new IllegalStateException("the message was not read");
        }
    }
}
