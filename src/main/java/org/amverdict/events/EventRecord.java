package org.amverdict.events;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Cause;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.IpAddress;
import org.amverdict.track.Ending;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowSnapshot;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * A record of an {@link EventRing}, taken out: a decision, or what ended. One instance, overwritten by the next record;
 * for the reader's thread only. Text is as it was on the wire, one character a byte, not yet escaped.
 */
public final class EventRecord {
    /** Kinds of record. */
    public static final int DECISION = 0;

    public static final int FLOW_ENDED = 1;
    public static final int EXPECTATION_ENDED = 2;
    public static final int TRANSACTION_ENDED = 3;

    private static final Verdict[] VERDICTS = Verdict.values();
    private static final Reason[] REASONS = Reason.values();
    private static final Refusal[] REFUSALS = Refusal.values();
    private static final Service[] SERVICES = Service.values();
    private static final StreamName[] STREAM_NAMES = StreamName.values();
    private static final Cause[] CAUSES = Cause.values();
    private static final MessageType[] TYPES = MessageType.values();
    private static final FlowEnd[] FLOW_ENDS = FlowEnd.values();
    private static final Removal[] REMOVALS = Removal.values();

    private final RecordCodec slot = new RecordCodec(1);
    private long turn;
    /** Created on first use. */
    private @Nullable Ends ends;

    /** Becomes a copy of a record. */
    void take(final RecordCodec from, final int fromSlot) {
        turn++;
        ends = null;
        slot.take(from, fromSlot);
    }

    /** Becomes the record of an ending. */
    public void set(final Ending ending, final long nowNanos) {
        turn++;
        ends = null;
        slot.encode(0, ending, nowNanos);
    }

    /** Becomes the record of a running flow, as if it ended now. */
    public void set(final FlowSnapshot flow, final long nowNanos) {
        turn++;
        ends = null;
        slot.encode(0, flow, nowNanos);
    }

    /** One of the constants above. */
    public int kind() {
        return slot.head(0, 0xf);
    }

    /** How many records this instance has held: equal turns mean the same record. */
    public long turn() {
        return turn;
    }

    /** Whether a packet was dropped, left to other rules, or opened nothing: there is something to explain. */
    public boolean isTrouble() {
        return isRefused() || (kind() == DECISION && reason() == Reason.REFUSED_REPLY);
    }

    /** Whether a packet was not let through: dropped, or left to other rules. */
    public boolean isRefused() {
        return kind() == DECISION && decided() != Verdict.ACCEPT;
    }

    /** When the batch of the packet was received, or housekeeping began; of {@link System#nanoTime}. */
    public long nanos() {
        return slot.word(RecordCodec.TIME);
    }

    /** The decision. */
    public Verdict decided() {
        return VERDICTS[slot.head(RecordCodec.DECIDED_SHIFT, 3)];
    }

    /** The verdict that the kernel got. */
    public Verdict verdict() {
        return VERDICTS[slot.head(RecordCodec.VERDICT_SHIFT, 3)];
    }

    /** Whether the packet made a new transaction or flow. */
    public boolean opens() {
        return slot.head(RecordCodec.OPENS_SHIFT, 1) != 0;
    }

    /** For a refused flow: it is expected again. */
    public boolean rearmed() {
        return slot.head(RecordCodec.OPENS_SHIFT, 1) != 0;
    }

    public Reason reason() {
        return REASONS[slot.head(RecordCodec.REASON_SHIFT, 0x7f)];
    }

    /** What the packet does in the course of a session. */
    public PacketRole role() {
        return PacketRole.of(reason());
    }

    public FlowEnd flowEnd() {
        return FLOW_ENDS[slot.head(RecordCodec.REASON_SHIFT, 0x7f)];
    }

    public Refusal refusal() {
        return REFUSALS[slot.head(RecordCodec.REFUSAL_SHIFT, 0xff)];
    }

    public Removal removal() {
        return REMOVALS[slot.head(RecordCodec.REFUSAL_SHIFT, 0xff)];
    }

    public @Nullable Service service() {
        final int service = slot.head(RecordCodec.SERVICE_SHIFT, 0xff);
        return service == 0 ? null : SERVICES[service - 1];
    }

    public @Nullable StreamName stream() {
        final int stream = slot.head(RecordCodec.STREAM_SHIFT, 0xff);
        return stream == 0 ? null : STREAM_NAMES[stream - 1];
    }

    public @Nullable MessageType type() {
        final int type = slot.head(RecordCodec.TYPE_SHIFT, 0xf);
        return type == 0 ? null : TYPES[type - 1];
    }

    public int streamCount() {
        return slot.head(RecordCodec.COUNT_SHIFT, 0xf);
    }

    public int protocol() {
        return slot.head(RecordCodec.PROTOCOL_SHIFT, 0xff);
    }

    /** What was wrong with the packet, as far as the engine knew. */
    public Cause cause() {
        return CAUSES[slot.head(RecordCodec.CAUSE_SHIFT, 0x1f)];
    }

    /** {@link org.amverdict.engine.Decision#causeNumber}. */
    public long causeNumber() {
        return slot.word(RecordCodec.CAUSE_NUMBER);
    }

    /** {@link org.amverdict.engine.Decision#otherHigh}. */
    public IpAddress other() {
        return address(RecordCodec.OTHER);
    }

    private IpAddress address(final int word) {
        return new IpAddress(slot.word(word), slot.word(word + 1));
    }

    /** How many streams a REP announced that opened none. */
    public int refusedCount() {
        return slot.head(RecordCodec.REFUSED_COUNT_SHIFT, 0x7);
    }

    /** The settings behind a decision; null if they are not known. */
    public @Nullable EngineSettings settings() {
        return slot.settings();
    }

    /** Of the packet; or of the host that connected, or was to. Zeros if they are not known. */
    public Ends ends() {
        Ends made = ends;
        if (made == null) {
            final int sourcePort = (int) slot.word(RecordCodec.PORTS) & 0xffff;
            final int destinationPort =
                    (int) (slot.word(RecordCodec.PORTS) >>> RecordCodec.DESTINATION_PORT_SHIFT) & 0xffff;
            made = new Ends(address(RecordCodec.SOURCE), sourcePort, address(RecordCodec.DESTINATION), destinationPort);
            ends = made;
        }
        return made;
    }

    /** {@link #ends}, or null if they are not known. */
    public @Nullable Ends knownEnds() {
        final boolean unread = kind() == DECISION && (reason() == Reason.MALFORMED || reason() == Reason.FRAGMENT);
        final boolean zero = (slot.word(RecordCodec.SOURCE) | slot.word(RecordCodec.SOURCE + 1)) == 0;
        return kind() == TRANSACTION_ENDED || (unread && zero) ? null : ends();
    }

    public IpAddress source() {
        return ends().source();
    }

    public IpAddress destination() {
        return ends().destination();
    }

    public int sourcePort() {
        return ends().sourcePort();
    }

    public int destinationPort() {
        return ends().destinationPort();
    }

    public int nearestPort() {
        return (int) (slot.word(RecordCodec.PORTS) >>> RecordCodec.NEAREST_PORT_SHIFT) & 0xffff;
    }

    public int decodeStatus() {
        return (int) (slot.word(RecordCodec.PORTS) >>> RecordCodec.DECODE_SHIFT) & 0xff;
    }

    /** Number of the transaction that it belongs to, 0 if to none, negative in legacy recovery. */
    public long transaction() {
        return slot.word(RecordCodec.TRANSACTION);
    }

    /** When the REQ of the transaction, or the first packet of the flow, was judged; of {@link System#nanoTime}. */
    public long openedNanos() {
        return slot.word(RecordCodec.OPENED);
    }

    public long waitedNanos() {
        return slot.word(RecordCodec.WAITED);
    }

    public long lastNanos() {
        return slot.word(RecordCodec.LAST);
    }

    public long originalPackets() {
        return slot.word(RecordCodec.PACKETS);
    }

    public long originalBytes() {
        return slot.word(RecordCodec.BYTES);
    }

    public long replyPackets() {
        return slot.word(RecordCodec.REPLY_PACKETS);
    }

    public long replyBytes() {
        return slot.word(RecordCodec.REPLY_BYTES);
    }

    /** What a flow that ended carried. */
    public StreamCounts counts() {
        return new StreamCounts(originalPackets(), originalBytes(), replyPackets(), replyBytes());
    }

    public long longestGapNanos() {
        return slot.word(RecordCodec.GAP);
    }

    public StreamName streamName(final int i) {
        return STREAM_NAMES[(int) (announced(i) >>> 16) & 0xf];
    }

    public int streamPort(final int i) {
        return (int) announced(i) & 0xffff;
    }

    private long announced(final int i) {
        return slot.word(RecordCodec.STREAMS + i / RecordCodec.STREAMS_PER_WORD)
                >>> ((i % RecordCodec.STREAMS_PER_WORD) * RecordCodec.STREAM_BITS);
    }

    /** HANDLE of a datagram with a {@link #type()}. */
    public String handle() {
        return slot.text(0, slot.handleLength());
    }

    public String sequence() {
        return slot.text(slot.handleLength(), slot.sequenceLength());
    }

    public @Nullable String level() {
        return slot.levelLength() == 0
                ? null
                : slot.text(slot.handleLength() + slot.sequenceLength(), slot.levelLength());
    }

    /** Disks that the REQ names: how many, of which {@link #disks()} are the first few. */
    public int diskCount() {
        return (int) (slot.word(RecordCodec.LENGTHS) >>> RecordCodec.DISK_COUNT_SHIFT);
    }

    public List<String> disks() {
        final List<String> disks = new ArrayList<>(DiskNames.NAMES_MAX);
        int from = slot.handleLength() + slot.sequenceLength() + slot.levelLength();
        for (int i = 0; i < Math.min(diskCount(), DiskNames.NAMES_MAX); i++) {
            final String name = slot.text(from, slot.nameLength(i));
            disks.add(slot.isCut(i) ? name + "..." : name);
            from += slot.nameLength(i);
        }
        return disks;
    }

    /**
     * What the responder says went wrong, in a NAK or in the ERROR lines of a REP: printable, its lines in one, and three
     * dots where there was more; null if it says nothing.
     */
    public @Nullable String said() {
        final int length = slot.saidLength();
        if (length == 0) {
            return null;
        }
        final String lines = slot.text(slot.handleLength() + slot.sequenceLength(), length);
        return EventFields.escaped(lines.replace("\n", " / ")) + (slot.isCut(0) ? "..." : "");
    }
}
