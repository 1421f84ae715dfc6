package org.amverdict.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.track.Tally;
import org.jspecify.annotations.Nullable;

/**
 * What one engine did. Written by its worker thread only (a plain read and an opaque write), read by any thread at any
 * time; each figure is exact, but figures read one after another may differ by what happened in between.
 */
public final class EngineCounters {
    private static final VarHandle VALUE = MethodHandles.arrayElementVarHandle(long[].class);
    /** A cache line on either side, so that two workers' counters never share one. */
    private static final int PADDING = 16;

    private static final int VERDICTS = Verdict.values().length;
    private static final int REASONS = Reason.values().length;
    private static final int TYPES = MessageType.values().length;
    /** One more than there are services, for messages of an unknown service. */
    private static final int SERVICES = Service.values().length + 1;

    private static final int PACKETS = PADDING;
    private static final int BYTES = PACKETS + VERDICTS * REASONS;
    private static final int WOULD_DROP = BYTES + VERDICTS;
    private static final int CONTROL = WOULD_DROP + REASONS;
    private static final int TALLIES = CONTROL + TYPES * SERVICES;
    private static final int BATCHES = TALLIES + Tally.slots();
    private static final int NOT_CONTINUED = BATCHES + 1;
    private static final int STREAM_BYTES = NOT_CONTINUED + 1;
    /** Both directions of each stream. */
    private static final int STREAM_PACKETS = STREAM_BYTES + 2 * StreamName.values().length;

    private static final int SIZE = STREAM_PACKETS + 2 * StreamName.values().length + PADDING;

    private final long[] values = new long[SIZE];

    private void add(final int index, final long amount) {
        VALUE.setOpaque(values, index, values[index] + amount);
    }

    private long get(final int index) {
        return (long) VALUE.getOpaque(values, index);
    }

    void countPacket(final Verdict verdict, final Reason reason, final int bytes) {
        add(PACKETS + verdict.ordinal() * REASONS + reason.ordinal(), 1);
        add(BYTES + verdict.ordinal(), bytes);
    }

    void countWouldDrop(final Reason reason) {
        add(WOULD_DROP + reason.ordinal(), 1);
    }

    void countNotContinued() {
        add(NOT_CONTINUED, 1);
    }

    void countControlMessage(final MessageType type, final @Nullable Service service) {
        add(controlIndex(type, service), 1);
    }

    <T extends Enum<T>> void count(final Tally<T> tally, final T constant) {
        add(TALLIES + tally.slot(constant), 1);
    }

    void countStream(final StreamName stream, final boolean reply, final int bytes) {
        add(STREAM_BYTES + streamIndex(stream, reply), bytes);
        add(STREAM_PACKETS + streamIndex(stream, reply), 1);
    }

    void countBatch() {
        add(BATCHES, 1);
    }

    private static int controlIndex(final MessageType type, final @Nullable Service service) {
        return CONTROL + type.ordinal() * SERVICES + (service == null ? SERVICES - 1 : service.ordinal());
    }

    private static int streamIndex(final StreamName stream, final boolean reply) {
        return 2 * stream.ordinal() + (reply ? 1 : 0);
    }

    /** Packets with this verdict and reason. In monitor mode the verdict is what the kernel got: CONTINUE. */
    public long packets(final Verdict verdict, final Reason reason) {
        return get(PACKETS + verdict.ordinal() * REASONS + reason.ordinal());
    }

    /** Packets with this verdict. */
    public long packets(final Verdict verdict) {
        long total = 0;
        for (int reason = 0; reason < REASONS; reason++) {
            total += get(PACKETS + verdict.ordinal() * REASONS + reason);
        }
        return total;
    }

    /** IP bytes (length on the wire) with this verdict. */
    public long bytes(final Verdict verdict) {
        return get(BYTES + verdict.ordinal());
    }

    /** Packets that monitor mode let pass and enforce mode would have dropped. */
    public long wouldDrop(final Reason reason) {
        return get(WOULD_DROP + reason.ordinal());
    }

    /**
     * Packets that were to continue, but came to the queue with the mark of those that continue: no rule for it is at
     * the head of the chain.
     */
    public long notContinued() {
        return get(NOT_CONTINUED);
    }

    /** Control datagrams with a valid header; null means an unknown service. */
    public long controlMessages(final MessageType type, final @Nullable Service service) {
        return get(controlIndex(type, service));
    }

    /** How often a judge has counted that constant. */
    public <T extends Enum<T>> long of(final Tally<T> tally, final T constant) {
        return get(TALLIES + tally.slot(constant));
    }

    /** Batches judged. */
    public long batches() {
        return get(BATCHES);
    }

    /** IP bytes of accepted packets of that stream; {@code reply} is the direction toward the host that connected. */
    public long streamBytes(final StreamName stream, final boolean reply) {
        return get(STREAM_BYTES + streamIndex(stream, reply));
    }

    /** Accepted packets of that stream, as {@link #streamBytes}; segments that the kernel merged count as one. */
    public long streamPackets(final StreamName stream, final boolean reply) {
        return get(STREAM_PACKETS + streamIndex(stream, reply));
    }
}
