package org.amverdict.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.amverdict.track.Ending;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * An engine with its tables, for tests: real packets in, a copy of each decision out. Checks with every packet that it
 * got exactly one verdict, under its own id, and that nothing failed inside. {@link #sibling} is another worker over the
 * same tables.
 */
public final class EngineFixture {
    public static final String SERVER = "192.0.2.10";
    public static final String CLIENT = "198.51.100.20";
    public static final String SERVER6 = "2001:db8:1::10";
    public static final String CLIENT6 = "2001:db8:2::20";
    /** A host that no allowance names. */
    public static final String STRANGER = "203.0.113.66";

    public static final String STRANGER6 = "2001:db8:bad::66";
    public static final int CONTROL = 10_080;
    public static final int REQUESTER_PORT = 844;
    public static final String FEATURES = "ffffffff9efefbfffffffffffffff3fffbf71f";
    public static final long SECOND = 1_000_000_000L;

    private static final int BY_ADDRESS = -1;
    private static final int BATCH_MAX = 256;
    private static final int SLAB_BYTES = 1 << 20;

    /** What was decided about one packet. */
    public record Outcome(
            int id,
            Verdict verdict,
            Reason reason,
            long mark,
            int decodeStatus,
            @Nullable MessageType type,
            @Nullable Service service,
            Refusal refusal,
            @Nullable StreamName stream,
            List<String> streams,
            int nearestPort) {
        public boolean accepted() {
            return verdict == Verdict.ACCEPT;
        }

        /** Verdict and reason, for short assertions: "drop unexpected". */
        public String summary() {
            return verdict.label() + " " + reason.label();
        }
    }

    private final Tables tables;
    private final VerdictEngine engine;
    /** Most endings that wait to be asked for; who makes more, such as a fuzzer, never asks. */
    private static final int ENDINGS_MAX = 256;

    private final EngineCounters counters = new EngineCounters();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<String> endings = new ArrayList<>();
    /** Not from an allocator, whose paranoid leak detector records every access: that is a thousand times slower. */
    private final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(SLAB_BYTES));

    private final PacketBatch packets = new PacketBatch(BATCH_MAX, slab);
    private final VerdictBatch verdicts = new VerdictBatch(BATCH_MAX);
    private EngineEvents listener = EngineEvents.NONE;
    private int nextId = 1;
    private int packetFlags;
    private int packetMark;
    private int inInterface = BY_ADDRESS;
    private int outInterface;

    public EngineFixture() {
        this(settings(policy()), TableLimits.DEFAULTS);
    }

    public EngineFixture(final EngineSettings settings, final TableLimits limits) {
        this(settings, new Tables(limits, 0x5eed_1234_5678_9abcL));
    }

    public EngineFixture(final EngineSettings settings, final Tables tables) {
        this.tables = tables;
        engine = new VerdictEngine(settings, tables, counters, new EngineEvents() {
            @Override
            public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
                outcomes.add(copy(decision));
                if (decision.reason() != Reason.ESTABLISHED) {
                    listener.decided(packet, decision, nowNanos);
                }
            }

            @Override
            public void ended(final Ending ending, final long nowNanos) {
                if (endings.size() == ENDINGS_MAX) {
                    endings.remove(0);
                }
                endings.add(text(ending));
                listener.ended(ending, nowNanos);
            }

            @Override
            public boolean wantsEveryPacket() {
                return true;
            }
        });
    }

    /** Another worker over the same tables. */
    public EngineFixture sibling(final EngineSettings settings) {
        return new EngineFixture(settings, tables);
    }

    /** Server and client may ask each other for everything, over IPv4 and IPv6. */
    public static Policy policy() {
        int all = 0;
        for (final Service service : Service.values()) {
            all |= service.bit();
        }
        return policy(all, Policy.DEFAULT_STREAM_PORTS);
    }

    /** As {@link #policy()}, with these services and stream ports only. */
    public static Policy policy(final int services, final PortSet streamPorts) {
        final HostSet hosts = HostSet.of(SERVER, CLIENT);
        final HostSet hosts6 = HostSet.of(SERVER6, CLIENT6);
        return Policy.of(List.of(
                new Allowance("four", hosts, hosts, services, streamPorts, false),
                new Allowance("six", hosts6, hosts6, services, streamPorts, false)));
    }

    /** The policy with other control ports and static ranges. */
    public static Policy policy(final Policy policy, final PortSet controlPorts, final StaticRange... statics) {
        return Policy.of(policy.allowances(), List.of(statics), controlPorts, policy.requesterPorts());
    }

    /** Enforcing, without marks, letting refused replies pass. */
    public static EngineSettings settings(final Policy policy) {
        return EngineSettings.of(policy);
    }

    public static StreamMarks marks(final Map<StreamName, Long> marks, final long mask) {
        return new StreamMarks(marks, mask);
    }

    /** Tells this one too what the engine tells, as a daemon's engine would. */
    public void tell(final EngineEvents newListener) {
        listener = newListener;
    }

    public VerdictEngine engine() {
        return engine;
    }

    public Tables tables() {
        return tables;
    }

    public EngineCounters counters() {
        return counters;
    }

    /** Packets sent from now on carry these flags of {@link PacketBatch}. */
    public void packetFlags(final int flags) {
        packetFlags = flags;
    }

    /** Packets sent from now on carry this mark. */
    public void packetMark(final int mark) {
        packetMark = mark;
    }

    /** Packets sent from now on come in and go out there; before, by the networks of their addresses. */
    public void interfaces(final int in, final int out) {
        inInterface = in;
        outInterface = out;
    }

    /** Takes back {@link #interfaces}. */
    public void interfacesByAddress() {
        interfaces(BY_ADDRESS, 0);
    }

    /** Has one packet judged. */
    public Outcome send(final byte[] packet, final long nowNanos) {
        return send(List.of(packet), nowNanos).get(0);
    }

    /** Has one packet judged of which the queue copied only the first bytes. */
    public Outcome sendTruncated(final byte[] packet, final int copied, final long nowNanos) {
        slab.setBytes(0, packet, 0, copied);
        packets.reset(slab);
        add(packet, 0, copied);
        return judge(nextId++, 1, nowNanos).get(0);
    }

    /** Has packets judged as one batch. */
    public List<Outcome> send(final List<byte[]> batch, final long nowNanos) {
        packets.reset(slab);
        final int firstId = nextId;
        int at = 0;
        for (final byte[] packet : batch) {
            slab.setBytes(at, packet);
            add(packet, at, packet.length);
            nextId++;
            at += packet.length;
        }
        return judge(firstId, batch.size(), nowNanos);
    }

    private void add(final byte[] packet, final int at, final int copied) {
        final int in = inInterface == BY_ADDRESS ? interfaceOf(packet, false) : inInterface;
        final int out = inInterface == BY_ADDRESS ? interfaceOf(packet, true) : outInterface;
        packets.add(nextId)
                .setBytes(at, copied)
                .setOriginalLength(packet.length)
                .setHook(1)
                .setInInterface(in)
                .setOutInterface(out)
                .setFlags(packetFlags)
                .setMark(packetMark);
    }

    /** Each network is behind an interface of its own: 1 to 255 by bytes of the address, 0 if there is none. */
    static int interfaceOf(final byte[] packet, final boolean destination) {
        final boolean six = packet.length > 0 && packet[0] >>> 4 == 6;
        final int at = six ? destination ? 29 : 13 : destination ? 18 : 14;
        return at < packet.length ? 1 + (packet[at] & 0x7f) : 0;
    }

    private List<Outcome> judge(final int firstId, final int count, final long nowNanos) {
        outcomes.clear();
        engine.onBatch(packets, verdicts, nowNanos);
        final RuntimeException failure = engine.lastFailure();
        if (failure != null) {
            throw new AssertionError("the engine failed on a packet", failure);
        }
        if (verdicts.count() != count || outcomes.size() != count) {
            throw new AssertionError(
                    count + " packets, " + verdicts.count() + " verdicts, " + outcomes.size() + " reports");
        }
        for (int i = 0; i < count; i++) {
            if (verdicts.id(i) != firstId + i || outcomes.get(i).id() != firstId + i) {
                throw new AssertionError("verdict " + i + " is for id " + verdicts.id(i) + ", not " + (firstId + i));
            }
        }
        return List.copyOf(outcomes);
    }

    /** What has ended since this was last asked, in words. */
    List<String> endings() {
        final List<String> taken = List.copyOf(endings);
        endings.clear();
        return taken;
    }

    private static String text(final Ending ending) {
        return switch (ending.kind()) {
            case FLOW ->
                "flow " + ending.stream().label() + " of " + ending.owner() + " port " + ending.originatorPort()
                        + ">" + ending.responderPort() + " " + ending.flowEnd().label() + ": "
                        + ending.originalPackets() + " packets " + ending.originalBytes() + " bytes, "
                        + ending.replyPackets() + " packets " + ending.replyBytes() + " bytes, "
                        + (ending.lastNanos() - ending.openedNanos()) / 1_000_000 + " ms, gap "
                        + ending.longestGapNanos() / 1_000_000 + " ms" + (ending.rearmed() ? ", rearmed" : "");
            case EXPECTATION ->
                "expectation " + ending.stream().label() + " of " + ending.owner() + " port " + ending.responderPort()
                        + " " + ending.removal().label();
            case TRANSACTION ->
                "transaction " + ending.owner() + " " + ending.removal().label();
        };
    }

    /** What the kernel was told about packet {@code i} of the last batch. */
    public Verdict told(final int i) {
        return Arrays.stream(Verdict.values())
                .filter(verdict -> verdict.code() == verdicts.verdict(i))
                .findFirst()
                .orElseThrow();
    }

    /** The mark that the kernel was told for packet {@code i} of the last batch. */
    public long toldMark(final int i) {
        return verdicts.mark(i);
    }

    private static Outcome copy(final Decision decision) {
        final List<String> streams = new ArrayList<>();
        for (int i = 0; i < decision.streamCount(); i++) {
            streams.add(decision.streamName(i) + " " + decision.streamPort(i));
        }
        return new Outcome(
                decision.id(),
                decision.decided(),
                decision.reason(),
                decision.mark(),
                decision.decodeStatus(),
                decision.messageType(),
                decision.service(),
                decision.refusal(),
                decision.stream(),
                List.copyOf(streams),
                decision.nearestPort());
    }

    /** The expectations that are in the table, expired or not, as "requester>responder:port stream", addresses in hex. */
    public SortedSet<String> expectations() {
        final SortedSet<String> found = new TreeSet<>();
        tables.expectations().forEach(expectation -> {
            final Tuple tuple = expectation.tuple();
            found.add(Long.toHexString(tuple.sourceHigh()) + ":" + Long.toHexString(tuple.sourceLow()) + ">"
                    + Long.toHexString(tuple.destinationHigh()) + ":" + Long.toHexString(tuple.destinationLow()) + ":"
                    + tuple.destinationPort());
        });
        return found;
    }

    /** The ports that the table expects, of whichever hosts. */
    public SortedSet<Integer> expectedPorts() {
        final SortedSet<Integer> found = new TreeSet<>();
        tables.expectations()
                .forEach(expectation -> found.add(expectation.tuple().destinationPort()));
        return found;
    }

    /** The text of a control datagram. */
    public static byte[] message(final String type, final String handle, final String sequence, final String body) {
        return ("Amanda 3.5 " + type + " HANDLE " + handle + " SEQ " + sequence + "\n" + body)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The body of a REQ as Amanda 3.5 sends it. */
    public static String requestBody(final String service) {
        return "SECURITY USER amandabackup\nSERVICE " + service + "\nOPTIONS features=" + FEATURES + ";\n";
    }

    /** A UDP packet of either family. */
    public static byte[] udp(
            final String source, final int sourcePort, final String target, final int port, final byte[] payload) {
        return PacketBuilder.ip(source, target).udp(sourcePort, port, payload);
    }

    /** A TCP packet of either family without data. */
    public static byte[] tcp(
            final String source, final int sourcePort, final String target, final int port, final int flags) {
        return PacketBuilder.ip(source, target).tcp(sourcePort, port, flags, new byte[0]);
    }
}
