package org.amverdict.config;

import org.amverdict.nfqueue.QueueSettings;

/**
 * One entry of {@code queues}: consecutive NFQUEUE numbers, one thread each. Immutable.
 *
 * @param first lowest number, 0 to 65535
 * @param last highest number
 * @param copy how much of each packet the kernel copies
 * @param cpu CPU of the first queue's thread, the next queue has the next one; {@link #ANY_CPU} leaves it to the kernel
 * @param waiting what the threads do while there are no packets
 * @param gso take packets before segmentation, up to 64 KiB: four to five times the throughput of bulk data; see {@link
 *     #usualGso}
 */
public record QueueRange(int first, int last, Settings.Copy copy, int cpu, Wait waiting, boolean gso) {
    /** What the thread of a queue does while there are no packets. */
    public enum Wait {
        /** It sleeps until the kernel wakes it. */
        BLOCK("block"),
        /** It polls constantly: some tens of microseconds faster, at the cost of a whole CPU. */
        SPIN("spin");

        private final String label;

        Wait(final String label) {
            this.label = label;
        }

        /** Name in configuration and reports. */
        public String label() {
            return label;
        }
    }

    /** Threads are not bound to a CPU. */
    public static final int ANY_CPU = -1;
    /** Highest queue number. */
    public static final int NUMBER_MAX = QueueSettings.QUEUE_MAX;
    /** Highest CPU number. */
    public static final int CPU_MAX = 1023;

    public QueueRange {
        if (first < 0 || last > NUMBER_MAX) {
            throw new IllegalArgumentException(
                    "queue " + (first < 0 ? first : last) + " is out of range (0-" + NUMBER_MAX + ")");
        }
        if (first > last) {
            throw new IllegalArgumentException(
                    "queues " + first + "-" + last + " are reversed; write " + last + "-" + first);
        }
        if (last - first >= Settings.QUEUES_MAX) {
            throw new IllegalArgumentException("more than " + Settings.QUEUES_MAX + " queues; each has a thread");
        }
        if (cpu != ANY_CPU && (cpu < 0 || cpu + last - first > CPU_MAX)) {
            throw new IllegalArgumentException("CPU " + cpu + " is out of range (0-" + CPU_MAX + ")");
        }
    }

    /**
     * Reads "10" or "11-14"; whole packets, any CPU, blocking.
     *
     * @throws IllegalArgumentException with a message for the operator
     */
    public static QueueRange parse(final String text) {
        final String[] parts = text.strip().split("-", -1);
        for (final String part : parts) {
            if (!part.matches("[0-9]{1,9}") || parts.length > 2) {
                throw new IllegalArgumentException("'" + text + "' is not a queue number; write 10 or 11-14");
            }
        }
        return new QueueRange(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[parts.length - 1]),
                Settings.Copy.PACKET,
                ANY_CPU,
                Wait.BLOCK,
                usualGso(Settings.Copy.PACKET));
    }

    /**
     * The value of {@code gso} if the file does not set it. A queue that copies whole packets gets control datagrams,
     * and the kernel must cut those that were merged; one that copies headers is for TCP, which may come unsegmented.
     */
    public static boolean usualGso(final Settings.Copy copy) {
        return copy == Settings.Copy.HEADERS;
    }

    /** CPU of the thread of that queue, or {@link #ANY_CPU}. */
    public int cpuOf(final int queue) {
        return cpu == ANY_CPU ? ANY_CPU : cpu + queue - first;
    }

    /** Number of queues. */
    public int count() {
        return last - first + 1;
    }

    /** Whether two entries share a number. */
    public boolean overlaps(final QueueRange other) {
        return first <= other.last && other.first <= last;
    }

    /** "10" or "11-14". */
    public String numbers() {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
