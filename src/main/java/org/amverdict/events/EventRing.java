package org.amverdict.events;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.ResponderWords;
import org.amverdict.engine.Decision;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;
import org.amverdict.track.Ending;
import org.jspecify.annotations.Nullable;

/**
 * One worker's records on their way to the reader, as numbers and a little text: a ring of equal slots. Only the worker
 * offers: wait-free, allocates nothing, never waits for the reader. Only the reader peeks and polls. What does not fit
 * is lost and counted.
 */
public final class EventRing {
    /** Records that it can hold; a power of two. */
    public static final int CAPACITY = 2048;
    /** Drops, and what is left to other rules, leave this many free, so that no flood of them hides what was opened. */
    public static final int RESERVED = CAPACITY / 4;

    private static final VarHandle POSITION = MethodHandles.arrayElementVarHandle(long[].class);

    /** Positions a cache line and more apart: written by the reader, written by the worker, and the losses. */
    private static final int READ = 16;

    private static final int WRITTEN = 32;
    private static final int LOST_DROPS = 48;
    private static final int LOST_OTHERS = 49;
    private static final int POSITIONS = 64;

    private final RecordCodec records = new RecordCodec(CAPACITY);
    private final long[] positions = new long[POSITIONS];
    /** The worker's copy of the reader's position, so that it rarely has to fetch that cache line. */
    private long readSeen;

    /** Copies a decision without a message of the responder. */
    public boolean offer(
            final PacketView packet, final Decision decision, final @Nullable DiskNames disks, final long nowNanos) {
        return offer(packet, decision, disks, null, nowNanos);
    }

    /**
     * Copies a decision.
     *
     * @param disks what its REQ names, or null
     * @param said the responder's message in it, or null
     * @return false if it did not fit
     */
    public boolean offer(
            final PacketView packet,
            final Decision decision,
            final @Nullable DiskNames disks,
            final @Nullable ResponderWords said,
            final long nowNanos) {
        final boolean drop = decision.decided() != Verdict.ACCEPT;
        final long written = positions[WRITTEN];
        if (!fits(written, drop)) {
            return false;
        }
        records.encode((int) (written & (CAPACITY - 1)), packet, decision, disks, said, nowNanos);
        publish(written);
        return true;
    }

    /** Copies an ending; false if it did not fit. */
    public boolean offer(final Ending ending, final long nowNanos) {
        final long written = positions[WRITTEN];
        if (!fits(written, false)) {
            return false;
        }
        records.encode((int) (written & (CAPACITY - 1)), ending, nowNanos);
        publish(written);
        return true;
    }

    private boolean fits(final long written, final boolean drop) {
        final int most = drop ? CAPACITY - RESERVED : CAPACITY;
        if (written - readSeen < most) {
            return true;
        }
        // Acquire: the slot may be overwritten only after the reader has copied it.
        readSeen = (long) POSITION.getAcquire(positions, READ);
        if (written - readSeen < most) {
            return true;
        }
        final int lost = drop ? LOST_DROPS : LOST_OTHERS;
        POSITION.setOpaque(positions, lost, positions[lost] + 1);
        return false;
    }

    private void publish(final long written) {
        // Release: the record is visible before the position is.
        POSITION.setRelease(positions, WRITTEN, written + 1);
    }

    /** Whether there is a record; for the reader only. Its time is {@link #headNanos}. */
    boolean isWaiting() {
        return positions[READ] != (long) POSITION.getAcquire(positions, WRITTEN);
    }

    /** Time of the oldest record, where {@link #isWaiting} was true. */
    long headNanos() {
        return records.nanos((int) (positions[READ] & (CAPACITY - 1)));
    }

    /** Copies the oldest record into {@code into}; false if there is none. */
    public boolean poll(final EventRecord into) {
        if (!isWaiting()) {
            return false;
        }
        final long read = positions[READ];
        into.take(records, (int) (read & (CAPACITY - 1)));
        POSITION.setRelease(positions, READ, read + 1);
        return true;
    }

    /** Drops that did not fit, since the start; any thread. */
    long lostDrops() {
        return (long) POSITION.getOpaque(positions, LOST_DROPS);
    }

    /** Other records that did not fit, since the start; any thread. */
    long lostOthers() {
        return (long) POSITION.getOpaque(positions, LOST_OTHERS);
    }

    /** Records that did not fit, since the start; any thread. */
    public long lost() {
        return lostDrops() + lostOthers();
    }
}
