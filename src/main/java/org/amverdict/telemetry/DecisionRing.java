package org.amverdict.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/**
 * Decisions on their way from one worker to the log's thread, as primitives. {@link #offer} by the worker alone: wait-free,
 * allocates nothing; {@link #poll} by the log's thread alone. What does not fit is lost and counted.
 */
final class DecisionRing {
    /** Decisions that it can hold; a power of two. */
    static final int CAPACITY = 1024;
    /** Drops leave this many free, so that a flood of them does not hide what was opened. */
    static final int RESERVED = CAPACITY / 4;

    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int WORDS = 8;
    private static final int HEAD = 0;
    private static final int SOURCE = 1;
    private static final int DESTINATION = 3;
    private static final int PORTS = 5;
    /** Three streams of 20 bits in the first word, two in the second: four bits of name, sixteen of port. */
    private static final int STREAMS = 6;

    private static final int STREAMS_PER_WORD = 3;
    private static final int STREAM_BITS = 20;

    /** Positions a cache line and more apart: written by the consumer, written by the worker, and the losses. */
    private static final int READ = 16;

    private static final int WRITTEN = 32;
    private static final int LOST = 48;
    private static final int POSITIONS = 64;

    private final long[] words = new long[CAPACITY * WORDS];
    private final long[] positions = new long[POSITIONS];

    /** Copies the decision; false if it did not fit. */
    boolean offer(final PacketView packet, final Decision decision) {
        final long written = positions[WRITTEN];
        // Acquire: the slot may be overwritten only after the consumer has read it.
        final long used = written - (long) POSITION.getAcquire(positions, READ);
        if (used >= (decision.verdict() == Verdict.DROP ? CAPACITY - RESERVED : CAPACITY)) {
            POSITION.setOpaque(positions, LOST, positions[LOST] + 1);
            return false;
        }
        final int at = (int) (written & (CAPACITY - 1)) * WORDS;
        final Service service = decision.service();
        words[at + HEAD] = decision.verdict().ordinal()
                | decision.reason().ordinal() << 4
                | decision.refusal().ordinal() << 12
                | (service == null ? 0 : service.ordinal() + 1) << 20
                | (long) packet.protocol() << 32
                | (long) decision.streamCount() << 40
                | (long) decision.decodeStatus() << 48;
        words[at + SOURCE] = packet.sourceHigh();
        words[at + SOURCE + 1] = packet.sourceLow();
        words[at + DESTINATION] = packet.destinationHigh();
        words[at + DESTINATION + 1] = packet.destinationLow();
        words[at + PORTS] =
                packet.sourcePort() | (long) packet.destinationPort() << 16 | (long) decision.nearestPort() << 32;
        words[at + STREAMS] = 0;
        words[at + STREAMS + 1] = 0;
        for (int i = 0; i < decision.streamCount(); i++) {
            final long stream = ((long) decision.streamName(i).ordinal() << 16) | (decision.streamPort(i) & 0xffffL);
            words[at + STREAMS + i / STREAMS_PER_WORD] |= stream << ((i % STREAMS_PER_WORD) * STREAM_BITS);
        }
        // Release: the words are there before the consumer sees the position.
        POSITION.setRelease(positions, WRITTEN, written + 1);
        return true;
    }

    /** Copies the oldest decision into {@code into}; false if there is none. */
    boolean poll(final Entry into) {
        final long read = positions[READ];
        if (read == (long) POSITION.getAcquire(positions, WRITTEN)) {
            return false;
        }
        System.arraycopy(words, (int) (read & (CAPACITY - 1)) * WORDS, into.words, 0, WORDS);
        POSITION.setRelease(positions, READ, read + 1);
        return true;
    }

    /** Decisions that did not fit, since the start; any thread. */
    long lost() {
        return (long) POSITION.getOpaque(positions, LOST);
    }

    /** A decision taken out of the ring. */
    static final class Entry {
        private static final Verdict[] VERDICTS = Verdict.values();
        private static final Reason[] REASONS = Reason.values();
        private static final Refusal[] REFUSALS = Refusal.values();
        private static final Service[] SERVICES = Service.values();
        private static final StreamName[] STREAM_NAMES = StreamName.values();

        private final long[] words = new long[WORDS];

        private int head(final int shift, final int mask) {
            return (int) (words[HEAD] >>> shift) & mask;
        }

        Verdict verdict() {
            return VERDICTS[head(0, 0xf)];
        }

        Reason reason() {
            return REASONS[head(4, 0xff)];
        }

        Refusal refusal() {
            return REFUSALS[head(12, 0xff)];
        }

        @Nullable Service service() {
            final int service = head(20, 0xff);
            return service == 0 ? null : SERVICES[service - 1];
        }

        int protocol() {
            return head(32, 0xff);
        }

        int streamCount() {
            return head(40, 0xff);
        }

        int decodeStatus() {
            return head(48, 0xff);
        }

        long sourceHigh() {
            return words[SOURCE];
        }

        long sourceLow() {
            return words[SOURCE + 1];
        }

        long destinationHigh() {
            return words[DESTINATION];
        }

        long destinationLow() {
            return words[DESTINATION + 1];
        }

        int sourcePort() {
            return (int) words[PORTS] & 0xffff;
        }

        int destinationPort() {
            return (int) (words[PORTS] >>> 16) & 0xffff;
        }

        int nearestPort() {
            return (int) (words[PORTS] >>> 32) & 0xffff;
        }

        StreamName streamName(final int i) {
            return STREAM_NAMES[(int) (stream(i) >>> 16) & 0xf];
        }

        int streamPort(final int i) {
            return (int) stream(i) & 0xffff;
        }

        private long stream(final int i) {
            return words[STREAMS + i / STREAMS_PER_WORD] >>> ((i % STREAMS_PER_WORD) * STREAM_BITS);
        }
    }
}
