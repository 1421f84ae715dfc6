package org.amverdict.events;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.ResponderWords;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineSettings;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Ending;
import org.amverdict.track.FlowSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Writes records into slots of equal size and takes them out again: the layout that {@link EventRing} carries and
 * {@link EventRecord} reads. Allocates nothing once made. Not thread-safe; the ring orders writer and reader.
 *
 * <p>A slot is sixteen words and the bytes of a few texts. Bits of word 0, the head, from the lowest:
 *
 * <pre>
 * bits     0..3  4, 5    6, 7    8      9..15   16..23   24..31   32..39  40..43  44..47   48..55    56..60  61..63
 * decision kind  decided verdict opens  reason  refusal  service  stream  type    streams  protocol  cause   refused
 * ending   kind  -       -       rearm  end     removal  -        stream  -       -        protocol  -       -
 *
 * word      decision                                        ending
 *  1        time                                            time
 *  2,  3    source address                                  originator's address
 *  4,  5    destination address                             responder's address
 *  6        ports: source, destination, nearest; decode     ports: originator, responder
 *  7        transaction                                     transaction
 *  8        opened                                          opened
 *  9        waited, or the number of the cause              last packet
 * 10, 11    three streams and two: name 4 bits, port 16     packets, bytes to the responder
 * 12        lengths: HANDLE, SEQ, level; count of disks     packets to the originator
 * 13        lengths of five names, and which are cut;       bytes to the originator
 *           or length of the responder's words, and if cut
 * 14, 15    other address                                   longest gap, unused
 * </pre>
 *
 * <p>Stream, service and type are stored plus one, 0 for none. The texts of a decision follow each other: HANDLE, SEQ, then
 * level and names of disks of a REQ, or the responder's words, whose lines are joined by LF.
 */
final class RecordCodec {
    /** Longest name of a disk that is kept. */
    static final int NAME_MAX = 64;

    static final int LEVEL_MAX = 4;
    /** Bytes kept of the responder's message; Amanda's longest refusal with long host names fits. */
    static final int WORDS_MAX = 320;
    /** HANDLE (64), SEQ (11), and of a REQ level and names, of an answer the responder's words. */
    private static final int TEXT_MAX = 64 + 12 + Math.max(LEVEL_MAX + DiskNames.NAMES_MAX * NAME_MAX, WORDS_MAX);

    private static final int WORDS = 16;

    static final int HEAD = 0;
    static final int TIME = 1;
    static final int SOURCE = 2;
    static final int DESTINATION = 4;
    static final int PORTS = 6;
    static final int TRANSACTION = 7;
    static final int OPENED = 8;

    static final int WAITED = 9;
    /** For a drop or a refused REP, which have not waited. */
    static final int CAUSE_NUMBER = WAITED;

    static final int STREAMS = 10;
    static final int LENGTHS = 12;
    static final int NAME_LENGTHS = 13;
    /** For an answer, which names no disks. */
    static final int SAID_LENGTH = NAME_LENGTHS;

    static final int OTHER = 14;

    static final int LAST = 9;
    static final int PACKETS = 10;
    static final int BYTES = 11;
    static final int REPLY_PACKETS = 12;
    static final int REPLY_BYTES = 13;
    static final int GAP = 14;

    static final int DECIDED_SHIFT = 4;
    static final int VERDICT_SHIFT = 6;
    static final int OPENS_SHIFT = 8;
    static final int REASON_SHIFT = 9;
    static final int REFUSAL_SHIFT = 16;
    static final int SERVICE_SHIFT = 24;
    static final int STREAM_SHIFT = 32;
    static final int TYPE_SHIFT = 40;
    static final int COUNT_SHIFT = 44;
    static final int PROTOCOL_SHIFT = 48;
    static final int CAUSE_SHIFT = 56;
    static final int REFUSED_COUNT_SHIFT = 61;

    static final int DESTINATION_PORT_SHIFT = 16;
    static final int NEAREST_PORT_SHIFT = 32;
    static final int DECODE_SHIFT = 48;

    static final int SEQUENCE_LENGTH_SHIFT = 8;
    static final int LEVEL_LENGTH_SHIFT = 16;
    static final int DISK_COUNT_SHIFT = 32;
    /** In the word of the names' lengths: that name was longer. Also for the responder's words. */
    static final int CUT_SHIFT = 40;

    static final int STREAMS_PER_WORD = 3;
    static final int STREAM_BITS = 20;

    private final long[] words;
    private final byte[] text;
    /** The settings behind the decision, so that it can be explained in the terms of its time. */
    private final @Nullable EngineSettings[] settings;

    RecordCodec(final int slots) {
        words = new long[slots * WORDS];
        text = new byte[slots * TEXT_MAX];
        settings = new EngineSettings[slots];
    }

    /**
     * Writes a decision.
     *
     * @param disks what its REQ names, or null
     * @param said what the responder says in it, or null
     */
    void encode(
            final int slot,
            final PacketView packet,
            final Decision decision,
            final @Nullable DiskNames disks,
            final @Nullable ResponderWords said,
            final long nowNanos) {
        final int at = slot * WORDS;
        words[at + HEAD] = head(packet, decision);
        words[at + TIME] = nowNanos;
        words[at + SOURCE] = packet.sourceHigh();
        words[at + SOURCE + 1] = packet.sourceLow();
        words[at + DESTINATION] = packet.destinationHigh();
        words[at + DESTINATION + 1] = packet.destinationLow();
        words[at + PORTS] = packet.sourcePort()
                | (long) packet.destinationPort() << DESTINATION_PORT_SHIFT
                | (long) decision.nearestPort() << NEAREST_PORT_SHIFT
                | (long) decision.decodeStatus() << DECODE_SHIFT;
        words[at + TRANSACTION] = decision.transaction();
        words[at + OPENED] = decision.openedNanos();
        words[at + WAITED] = decision.cause() == Cause.NONE ? decision.waitedNanos() : decision.causeNumber();
        words[at + OTHER] = decision.otherHigh();
        words[at + OTHER + 1] = decision.otherLow();
        settings[slot] = decision.settings();
        words[at + STREAMS] = 0;
        words[at + STREAMS + 1] = 0;
        for (int i = 0; i < decision.streamCount() + decision.refusedCount(); i++) {
            final long announced = ((long) decision.streamName(i).ordinal() << 16) | (decision.streamPort(i) & 0xffffL);
            words[at + STREAMS + i / STREAMS_PER_WORD] |= announced << ((i % STREAMS_PER_WORD) * STREAM_BITS);
        }
        words[at + LENGTHS] = 0;
        words[at + NAME_LENGTHS] = 0;
        if (decision.messageType() != null) {
            copyText(slot, packet.buffer(), decision, disks);
            if (said != null) {
                copyWords(slot, packet.buffer(), decision, said);
            }
        }
    }

    private static long head(final PacketView packet, final Decision decision) {
        final Service service = decision.service();
        final StreamName stream = decision.stream();
        final MessageType type = decision.messageType();
        return EventRecord.DECISION
                | (long) decision.decided().ordinal() << DECIDED_SHIFT
                | (long) decision.verdict().ordinal() << VERDICT_SHIFT
                | (decision.opens() ? 1L << OPENS_SHIFT : 0)
                | (long) decision.reason().ordinal() << REASON_SHIFT
                | (long) decision.refusal().ordinal() << REFUSAL_SHIFT
                | (service == null ? 0 : service.ordinal() + 1L) << SERVICE_SHIFT
                | (stream == null ? 0 : stream.ordinal() + 1L) << STREAM_SHIFT
                | (type == null ? 0 : type.ordinal() + 1L) << TYPE_SHIFT
                | (long) decision.streamCount() << COUNT_SHIFT
                | (long) packet.protocol() << PROTOCOL_SHIFT
                | (long) decision.cause().ordinal() << CAUSE_SHIFT
                | (long) decision.refusedCount() << REFUSED_COUNT_SHIFT;
    }

    private void copyText(
            final int slot, final ByteBuf buffer, final Decision decision, final @Nullable DiskNames disks) {
        int end = slot * TEXT_MAX;
        end = copy(buffer, decision.handleOffset(), decision.handleLength(), end);
        end = copy(buffer, decision.sequenceOffset(), decision.sequenceLength(), end);
        long lengths = decision.handleLength() | (long) decision.sequenceLength() << SEQUENCE_LENGTH_SHIFT;
        if (disks != null) {
            final int level = Math.min(disks.levelLength(), LEVEL_MAX);
            end = copy(buffer, disks.levelOffset(), level, end);
            long nameLengths = 0;
            for (int i = 0; i < Math.min(disks.count(), DiskNames.NAMES_MAX); i++) {
                final int length = Math.min(disks.length(i), NAME_MAX);
                end = copy(buffer, disks.offset(i), length, end);
                nameLengths |= (long) length << (i * 8);
                nameLengths |= disks.length(i) > length ? 1L << (CUT_SHIFT + i) : 0;
            }
            lengths |= (long) level << LEVEL_LENGTH_SHIFT | (long) disks.count() << DISK_COUNT_SHIFT;
            words[slot * WORDS + NAME_LENGTHS] = nameLengths;
        }
        words[slot * WORDS + LENGTHS] = lengths;
    }

    private void copyWords(final int slot, final ByteBuf buffer, final Decision decision, final ResponderWords said) {
        final int start = slot * TEXT_MAX + decision.handleLength() + decision.sequenceLength();
        final int limit = start + WORDS_MAX;
        int end = start;
        boolean cut = said.more();
        for (int i = 0; i < said.count(); i++) {
            if (i > 0 && end < limit) {
                text[end++] = '\n';
            }
            final int length = Math.min(said.length(i), limit - end);
            cut |= length < said.length(i);
            end = copy(buffer, said.offset(i), length, end);
        }
        words[slot * WORDS + SAID_LENGTH] = end - start | (cut ? 1L << CUT_SHIFT : 0);
    }

    private int copy(final ByteBuf buffer, final int offset, final int length, final int to) {
        for (int i = 0; i < length; i++) {
            text[to + i] = buffer.getByte(offset + i);
        }
        return to + length;
    }

    /** Writes an ending. */
    void encode(final int slot, final Ending ending, final long nowNanos) {
        encode(slot, ending.kind(), ending.figures(), nowNanos);
        words[slot * WORDS + HEAD] |= (ending.rearmed() ? 1L << OPENS_SHIFT : 0)
                | (long) ending.flowEnd().ordinal() << REASON_SHIFT
                | (long) ending.removal().ordinal() << REFUSAL_SHIFT;
    }

    /** Writes a flow that is still running, as if it ended now. */
    void encode(final int slot, final FlowSnapshot flow, final long nowNanos) {
        encode(slot, Ending.Kind.FLOW, flow, nowNanos);
    }

    private void encode(final int slot, final Ending.Kind kind, final FlowSnapshot flow, final long nowNanos) {
        final int at = slot * WORDS;
        final Tuple tuple = flow.tuple();
        words[at + HEAD] = kind.ordinal() + EventRecord.DECISION + 1
                | (flow.stream().ordinal() + 1L) << STREAM_SHIFT
                | (long) PacketView.PROTOCOL_TCP << PROTOCOL_SHIFT;
        settings[slot] = null;
        words[at + TIME] = nowNanos;
        words[at + SOURCE] = tuple.sourceHigh();
        words[at + SOURCE + 1] = tuple.sourceLow();
        words[at + DESTINATION] = tuple.destinationHigh();
        words[at + DESTINATION + 1] = tuple.destinationLow();
        words[at + PORTS] = tuple.sourcePort() | (long) tuple.destinationPort() << DESTINATION_PORT_SHIFT;
        words[at + TRANSACTION] = flow.owner();
        words[at + OPENED] = flow.openedNanos();
        words[at + LAST] = flow.lastNanos();
        words[at + PACKETS] = flow.originalPackets();
        words[at + BYTES] = flow.originalBytes();
        words[at + REPLY_PACKETS] = flow.replyPackets();
        words[at + REPLY_BYTES] = flow.replyBytes();
        words[at + GAP] = flow.longestGapNanos();
    }

    /** Copies a slot of another codec into the first slot of this one. */
    void take(final RecordCodec from, final int fromSlot) {
        System.arraycopy(from.words, fromSlot * WORDS, words, 0, WORDS);
        settings[0] = from.settings[fromSlot];
        final int length = head(0, 0xf) == EventRecord.DECISION ? textLength() : 0;
        System.arraycopy(from.text, fromSlot * TEXT_MAX, text, 0, length);
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

    /** Time of the record in that slot. */
    long nanos(final int slot) {
        return words[slot * WORDS + TIME];
    }

    // What follows reads the first slot.

    long word(final int word) {
        return words[word];
    }

    int head(final int shift, final int mask) {
        return (int) (words[HEAD] >>> shift) & mask;
    }

    @Nullable EngineSettings settings() {
        return settings[0];
    }

    int handleLength() {
        return (int) words[LENGTHS] & 0xff;
    }

    int sequenceLength() {
        return (int) (words[LENGTHS] >>> SEQUENCE_LENGTH_SHIFT) & 0xff;
    }

    int levelLength() {
        return (int) (words[LENGTHS] >>> LEVEL_LENGTH_SHIFT) & 0xff;
    }

    int nameLength(final int i) {
        return (int) (words[NAME_LENGTHS] >>> (i * 8)) & 0xff;
    }

    boolean isCut(final int i) {
        return (words[NAME_LENGTHS] >>> (CUT_SHIFT + i) & 1) != 0;
    }

    /** Length of the responder's words, 0 if it says nothing. */
    int saidLength() {
        final int type = head(TYPE_SHIFT, 0xf) - 1;
        return type == MessageType.NAK.ordinal() || type == MessageType.REP.ordinal()
                ? (int) words[SAID_LENGTH] & 0xffff
                : 0;
    }

    String text(final int offset, final int length) {
        return new String(text, offset, length, StandardCharsets.ISO_8859_1);
    }
}
