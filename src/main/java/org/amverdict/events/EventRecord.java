package org.amverdict.events;

import java.nio.charset.StandardCharsets;
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
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Ending;
import org.amverdict.track.FlowEnd;
import org.amverdict.track.FlowSnapshot;
import org.amverdict.track.Removal;
import org.jspecify.annotations.Nullable;

/**
 * A record of an {@link EventRing}, taken out: a decision, or what ended. One instance, overwritten by the next record;
 * for the reader's thread alone. Text is as it was on the wire, one character a byte, not yet escaped.
 */
public final class EventRecord {
    /** Kinds of record. */
    public static final int DECISION = 0;

    public static final int FLOW_ENDED = 1;
    public static final int EXPECTATION_ENDED = 2;
    public static final int TRANSACTION_ENDED = 3;

    /** Longest name of a disk that is kept. */
    static final int NAME_MAX = 64;

    static final int LEVEL_MAX = 4;
    /** Bytes that are kept of what the responder says; the longest refusal of Amanda with long names of hosts fits. */
    static final int WORDS_MAX = 320;
    /** HANDLE (64), SEQ (11), and of a REQ level and names, of an answer the responder's words. */
    static final int TEXT_MAX = 64 + 12 + Math.max(LEVEL_MAX + DiskNames.NAMES_MAX * NAME_MAX, WORDS_MAX);

    static final int HEAD = 0;
    static final int TIME = 1;
    static final int SOURCE = 2;
    static final int DESTINATION = 4;
    static final int PORTS = 6;
    static final int TRANSACTION = 7;
    static final int OPENED = 8;
    static final int WORDS = 16;

    /** Of a decision. */
    static final int WAITED = 9;
    /** Three streams of 20 bits in the first word, two in the second: four bits of name, sixteen of port. */
    static final int STREAMS = 10;

    static final int LENGTHS = 12;
    static final int NAME_LENGTHS = 13;
    /** Of a drop or a refused REP, which have not waited. */
    static final int CAUSE_NUMBER = WAITED;

    static final int OTHER = 14;

    /** Of a flow that ended. */
    static final int LAST = 9;

    static final int PACKETS = 10;
    static final int BYTES = 11;
    static final int REPLY_PACKETS = 12;
    static final int REPLY_BYTES = 13;
    static final int GAP = 14;

    static final int VERDICT_SHIFT = 4;
    static final int TOLD_SHIFT = 5;
    static final int OPENS_SHIFT = 6;
    static final int REASON_SHIFT = 8;
    static final int REFUSAL_SHIFT = 16;
    static final int SERVICE_SHIFT = 24;
    static final int STREAM_SHIFT = 32;
    static final int TYPE_SHIFT = 40;
    static final int COUNT_SHIFT = 44;
    static final int PROTOCOL_SHIFT = 48;
    static final int CAUSE_SHIFT = 56;
    static final int REFUSED_COUNT_SHIFT = 61;

    static final int STREAMS_PER_WORD = 3;
    static final int STREAM_BITS = 20;
    /** In the word of the names' lengths: that name was longer. Also of the responder's words. */
    static final int CUT_SHIFT = 40;
    /** Of an answer, which names no disks: bytes of the responder's words, their lines joined by LF. */
    static final int SAID_LENGTH = NAME_LENGTHS;

    private static final Verdict[] VERDICTS = Verdict.values();
    private static final Reason[] REASONS = Reason.values();
    private static final Refusal[] REFUSALS = Refusal.values();
    private static final Service[] SERVICES = Service.values();
    private static final StreamName[] STREAM_NAMES = StreamName.values();
    private static final Cause[] CAUSES = Cause.values();
    private static final MessageType[] TYPES = MessageType.values();
    private static final FlowEnd[] FLOW_ENDS = FlowEnd.values();
    private static final Removal[] REMOVALS = Removal.values();

    private final long[] words = new long[WORDS];
    private final byte[] text = new byte[TEXT_MAX];

    private @Nullable EngineSettings settings;
    private long turn;

    void copy(
            final long[] fromWords,
            final int wordsAt,
            final byte[] fromText,
            final int textAt,
            final @Nullable EngineSettings judgedBy) {
        settings = judgedBy;
        turn++;
        System.arraycopy(fromWords, wordsAt, words, 0, WORDS);
        final int length = kind() == DECISION ? textLength() : 0;
        System.arraycopy(fromText, textAt, text, 0, length);
    }

    /** Has this be the record of an ending. */
    public void set(final Ending ending, final long nowNanos) {
        settings = null;
        turn++;
        write(ending, nowNanos, words, 0);
    }

    /** Has this be the record of a flow that goes on, as if it ended now. */
    public void set(final FlowSnapshot flow, final long nowNanos) {
        settings = null;
        turn++;
        words[HEAD] = head(Ending.Kind.FLOW, flow);
        words[TIME] = nowNanos;
        write(flow, words, 0);
    }

    /** Writes the record of an ending. */
    static void write(final Ending ending, final long nowNanos, final long[] words, final int at) {
        words[at + HEAD] = head(ending.kind(), ending.figures())
                | (ending.rearmed() ? 1L << OPENS_SHIFT : 0)
                | (long) ending.flowEnd().ordinal() << REASON_SHIFT
                | (long) ending.removal().ordinal() << REFUSAL_SHIFT;
        words[at + TIME] = nowNanos;
        write(ending.figures(), words, at);
    }

    private static long head(final Ending.Kind kind, final FlowSnapshot flow) {
        return kind.ordinal() + DECISION + 1
                | (flow.stream().ordinal() + 1L) << STREAM_SHIFT
                | (long) PacketView.PROTOCOL_TCP << PROTOCOL_SHIFT;
    }

    private static void write(final FlowSnapshot flow, final long[] words, final int at) {
        final Tuple tuple = flow.tuple();
        words[at + SOURCE] = tuple.sourceHigh();
        words[at + SOURCE + 1] = tuple.sourceLow();
        words[at + DESTINATION] = tuple.destinationHigh();
        words[at + DESTINATION + 1] = tuple.destinationLow();
        words[at + PORTS] = tuple.sourcePort() | (long) tuple.destinationPort() << 16;
        words[at + TRANSACTION] = flow.owner();
        words[at + OPENED] = flow.openedNanos();
        words[at + LAST] = flow.lastNanos();
        words[at + PACKETS] = flow.originalPackets();
        words[at + BYTES] = flow.originalBytes();
        words[at + REPLY_PACKETS] = flow.replyPackets();
        words[at + REPLY_BYTES] = flow.replyBytes();
        words[at + GAP] = flow.longestGapNanos();
    }

    private int textLength() {
        int length = handleLength() + sequenceLength() + levelLength();
        if (saidLength() > 0) {
            return length + saidLength();
        }
        for (int i = 0; i < DiskNames.NAMES_MAX; i++) {
            length += nameLength(i);
        }
        return length;
    }

    private int head(final int shift, final int mask) {
        return (int) (words[HEAD] >>> shift) & mask;
    }

    public int kind() {
        return head(0, 0xf);
    }

    /** How many records this instance has been: two that have the same turn are one. */
    public long turn() {
        return turn;
    }

    /** Whether a packet was dropped, or opened nothing: there is something to explain. */
    public boolean isTrouble() {
        return kind() == DECISION && (verdict() == Verdict.DROP || reason() == Reason.REFUSED_REPLY);
    }

    /** When the batch of the packet was received, or housekeeping began; of {@link System#nanoTime}. */
    public long nanos() {
        return words[TIME];
    }

    /** What was decided. */
    public Verdict verdict() {
        return VERDICTS[head(VERDICT_SHIFT, 1)];
    }

    /** What the kernel was told. */
    public Verdict told() {
        return VERDICTS[head(TOLD_SHIFT, 1)];
    }

    /** Whether the packet made a new transaction or flow. */
    public boolean opens() {
        return head(OPENS_SHIFT, 1) != 0;
    }

    /** Of a flow that was refused: it is expected once more. */
    public boolean rearmed() {
        return head(OPENS_SHIFT, 1) != 0;
    }

    public Reason reason() {
        return REASONS[head(REASON_SHIFT, 0xff)];
    }

    public FlowEnd flowEnd() {
        return FLOW_ENDS[head(REASON_SHIFT, 0xff)];
    }

    public Refusal refusal() {
        return REFUSALS[head(REFUSAL_SHIFT, 0xff)];
    }

    public Removal removal() {
        return REMOVALS[head(REFUSAL_SHIFT, 0xff)];
    }

    public @Nullable Service service() {
        final int service = head(SERVICE_SHIFT, 0xff);
        return service == 0 ? null : SERVICES[service - 1];
    }

    public @Nullable StreamName stream() {
        final int stream = head(STREAM_SHIFT, 0xff);
        return stream == 0 ? null : STREAM_NAMES[stream - 1];
    }

    public @Nullable MessageType type() {
        final int type = head(TYPE_SHIFT, 0xf);
        return type == 0 ? null : TYPES[type - 1];
    }

    public int streamCount() {
        return head(COUNT_SHIFT, 0xf);
    }

    public int protocol() {
        return head(PROTOCOL_SHIFT, 0xff);
    }

    /** What stood in the way, as far as the engine knew. */
    public Cause cause() {
        return CAUSES[head(CAUSE_SHIFT, 0x1f)];
    }

    /** {@link org.amverdict.engine.Decision#causeNumber}. */
    public long causeNumber() {
        return words[CAUSE_NUMBER];
    }

    public long otherHigh() {
        return words[OTHER];
    }

    public long otherLow() {
        return words[OTHER + 1];
    }

    /** How many streams a REP announced that opened none. */
    public int refusedCount() {
        return head(REFUSED_COUNT_SHIFT, 0x7);
    }

    /** What a decision was made by; null if it is not known. */
    public @Nullable EngineSettings settings() {
        return settings;
    }

    /** Of the packet; or of the host that connected, or was to. */
    public long sourceHigh() {
        return words[SOURCE];
    }

    public long sourceLow() {
        return words[SOURCE + 1];
    }

    public long destinationHigh() {
        return words[DESTINATION];
    }

    public long destinationLow() {
        return words[DESTINATION + 1];
    }

    public int sourcePort() {
        return (int) words[PORTS] & 0xffff;
    }

    public int destinationPort() {
        return (int) (words[PORTS] >>> 16) & 0xffff;
    }

    public int nearestPort() {
        return (int) (words[PORTS] >>> 32) & 0xffff;
    }

    public int decodeStatus() {
        return (int) (words[PORTS] >>> 48) & 0xff;
    }

    /** Number of the transaction that it belongs to, 0 if to none, negative in old recovery. */
    public long transaction() {
        return words[TRANSACTION];
    }

    /** When the REQ of the transaction, or the first packet of the flow, was judged; of {@link System#nanoTime}. */
    public long openedNanos() {
        return words[OPENED];
    }

    public long waitedNanos() {
        return words[WAITED];
    }

    public long lastNanos() {
        return words[LAST];
    }

    public long originalPackets() {
        return words[PACKETS];
    }

    public long originalBytes() {
        return words[BYTES];
    }

    public long replyPackets() {
        return words[REPLY_PACKETS];
    }

    public long replyBytes() {
        return words[REPLY_BYTES];
    }

    public long longestGapNanos() {
        return words[GAP];
    }

    public StreamName streamName(final int i) {
        return STREAM_NAMES[(int) (announced(i) >>> 16) & 0xf];
    }

    public int streamPort(final int i) {
        return (int) announced(i) & 0xffff;
    }

    private long announced(final int i) {
        return words[STREAMS + i / STREAMS_PER_WORD] >>> ((i % STREAMS_PER_WORD) * STREAM_BITS);
    }

    private int handleLength() {
        return (int) words[LENGTHS] & 0xff;
    }

    private int sequenceLength() {
        return (int) (words[LENGTHS] >>> 8) & 0xff;
    }

    private int levelLength() {
        return (int) (words[LENGTHS] >>> 16) & 0xff;
    }

    private int nameLength(final int i) {
        return (int) (words[NAME_LENGTHS] >>> (i * 8)) & 0xff;
    }

    private int saidLength() {
        final MessageType type = type();
        return type == MessageType.NAK || type == MessageType.REP ? (int) words[SAID_LENGTH] & 0xffff : 0;
    }

    private String text(final int from, final int length) {
        return new String(text, from, length, StandardCharsets.ISO_8859_1);
    }

    /** HANDLE of a datagram with a {@link #type()}. */
    public String handle() {
        return text(0, handleLength());
    }

    public String sequence() {
        return text(handleLength(), sequenceLength());
    }

    public @Nullable String level() {
        return levelLength() == 0 ? null : text(handleLength() + sequenceLength(), levelLength());
    }

    /** Disks that the REQ names: how many, of which {@link #disks()} are the first few. */
    public int diskCount() {
        return (int) (words[LENGTHS] >>> 32);
    }

    public List<String> disks() {
        final List<String> disks = new ArrayList<>(DiskNames.NAMES_MAX);
        int from = handleLength() + sequenceLength() + levelLength();
        for (int i = 0; i < Math.min(diskCount(), DiskNames.NAMES_MAX); i++) {
            final String name = text(from, nameLength(i));
            disks.add((words[NAME_LENGTHS] >>> (CUT_SHIFT + i) & 1) == 0 ? name : name + "...");
            from += nameLength(i);
        }
        return disks;
    }

    /**
     * What the responder says went wrong, in a NAK or in the ERROR lines of a REP: printable, its lines in one, and three
     * dots where there was more; null if it says nothing.
     */
    public @Nullable String said() {
        final int length = saidLength();
        if (length == 0) {
            return null;
        }
        final String lines = text(handleLength() + sequenceLength(), length);
        final boolean cut = (words[SAID_LENGTH] >>> CUT_SHIFT & 1) != 0;
        return EventFields.escaped(lines.replace("\n", " / ")) + (cut ? "..." : "");
    }
}
