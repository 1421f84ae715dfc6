package org.amverdict.nfqueue.netlink;

/**
 * Turns verdicts in receive order into as few messages as two plans can: a batch verdict for every run of equal
 * neighbors, or the exceptions one by one and then one batch for the majority (which may be fewer, and measured fastest
 * for mixed verdicts). Pure; any thread.
 *
 * <p>A batch verdict covers all held ids up to the one named: {@code (int) (id - maxId) <= 0} (nfq_id_after in
 * net/netfilter/nfnetlink_queue.c). So the caller promises that no packet with an id up to the last one here is held
 * and not listed: every packet read before was answered, every packet of this receive is in the columns. If it cannot
 * promise that (a message with an unreadable id), it calls {@link #writeSingles}. Later packets have higher ids and are
 * never covered.
 */
public final class VerdictMerger {
    private VerdictMerger() {}

    /**
     * Writes the verdicts; nothing is cleared before.
     *
     * @param marks new marks, or {@link VerdictWriter#NO_MARK}
     * @param count how many entries of the arrays are valid
     * @return messages written, or -1, with nothing written, if {@code count} messages would not fit
     */
    public static int write(
            final VerdictWriter writer,
            final int queue,
            final int[] ids,
            final int[] verdicts,
            final long[] marks,
            final int count) {
        if (count > writer.remainingMessages()) {
            return -1;
        }
        // After a wrap the greatest id is not the last one; rare enough for single messages.
        if (!strictlyAscending(ids, count)) {
            return writeSingles(writer, queue, ids, verdicts, marks, count);
        }
        int runs = 0;
        int majority = 0;
        int balance = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0 || !same(verdicts, marks, i - 1, i)) {
                runs++;
            }
            // Boyer and Moore's majority vote: the entry left over is the majority, if any.
            if (balance == 0) {
                majority = i;
                balance = 1;
            } else {
                balance += same(verdicts, marks, majority, i) ? 1 : -1;
            }
        }
        int exceptions = 0;
        for (int i = 0; i < count; i++) {
            exceptions += same(verdicts, marks, majority, i) ? 0 : 1;
        }
        if (runs <= exceptions + 1) {
            return writeRuns(writer, queue, ids, verdicts, marks, count);
        }
        for (int i = 0; i < count; i++) {
            if (!same(verdicts, marks, majority, i)) {
                writer.verdict(queue, ids[i], verdicts[i], marks[i]);
            }
        }
        // Up to the last id read, although that packet may be an exception: it is answered, so no longer held.
        writer.verdictBatch(queue, ids[count - 1], verdicts[majority], marks[majority]);
        return exceptions + 1;
    }

    /** Writes one message per packet, which covers no other packet. Parameters and result as {@link #write}. */
    public static int writeSingles(
            final VerdictWriter writer,
            final int queue,
            final int[] ids,
            final int[] verdicts,
            final long[] marks,
            final int count) {
        if (count > writer.remainingMessages()) {
            return -1;
        }
        for (int i = 0; i < count; i++) {
            writer.verdict(queue, ids[i], verdicts[i], marks[i]);
        }
        return count;
    }

    private static int writeRuns(
            final VerdictWriter writer,
            final int queue,
            final int[] ids,
            final int[] verdicts,
            final long[] marks,
            final int count) {
        int messages = 0;
        int runStart = 0;
        for (int i = 0; i < count; i++) {
            if (i + 1 == count || !same(verdicts, marks, i, i + 1)) {
                if (i == runStart) {
                    writer.verdict(queue, ids[i], verdicts[i], marks[i]);
                } else {
                    writer.verdictBatch(queue, ids[i], verdicts[i], marks[i]);
                }
                messages++;
                runStart = i + 1;
            }
        }
        return messages;
    }

    private static boolean same(final int[] verdicts, final long[] marks, final int i, final int j) {
        return verdicts[i] == verdicts[j] && marks[i] == marks[j];
    }

    private static boolean strictlyAscending(final int[] ids, final int count) {
        for (int i = 1; i < count; i++) {
            if (Integer.compareUnsigned(ids[i - 1], ids[i]) >= 0) {
                return false;
            }
        }
        return true;
    }
}
