package org.amverdict.nfqueue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The queues of a network namespace as the kernel lists them in /proc/net/netfilter/nfnetlink_queue (written by
 * seq_show in net/netfilter/nfnetlink_queue.c). Root owns the file, with mode 0440. Immutable; any thread.
 */
public final class KernelQueues {
    /** The file for the network namespace of the reading thread, which may differ from that of the process. */
    public static final Path PATH = Path.of("/proc/thread-self/net/netfilter/nfnetlink_queue");

    private static final int FIELD_COUNT = 8;
    private static final int QUEUE_COUNT_MAX = 65_536;

    private final List<KernelQueue> queues;

    private KernelQueues(final List<KernelQueue> queues) {
        this.queues = List.copyOf(queues);
    }

    /**
     * One line of the file.
     *
     * @param queue queue number
     * @param portId netlink port id of the socket it is bound to
     * @param waiting packets held
     * @param copyMode 0 nothing, 1 without payload, 2 with payload
     * @param copyRangeBytes of each packet, at most
     * @param dropped packets dropped because the queue was full (queue_dropped)
     * @param userDropped packets dropped because the receive buffer was full (user_dropped)
     * @param lastId id given to the last packet, unsigned 32 bits
     */
    public record KernelQueue(
            int queue,
            long portId,
            long waiting,
            int copyMode,
            long copyRangeBytes,
            long dropped,
            long userDropped,
            long lastId) {}

    /** Reads the file of the calling thread's network namespace. */
    public static KernelQueues read() throws IOException {
        return read(PATH);
    }

    /**
     * Reads a file in this format, for instance {@code /proc/PID/net/netfilter/nfnetlink_queue}.
     *
     * @throws java.nio.file.NoSuchFileException if the kernel has no NFQUEUE, or its module is not loaded
     * @throws java.nio.file.AccessDeniedException if the reader is not root
     */
    public static KernelQueues read(final Path file) throws IOException {
        return parse(Files.readString(file, StandardCharsets.US_ASCII));
    }

    /** Parses the text; a line without the expected form is left out. */
    public static KernelQueues parse(final String text) {
        final List<KernelQueue> queues = new ArrayList<>();
        for (final String line : text.lines().limit(QUEUE_COUNT_MAX).toList()) {
            parseLine(line).ifPresent(queues::add);
        }
        return new KernelQueues(queues);
    }

    public List<KernelQueue> queues() {
        return queues;
    }

    public Optional<KernelQueue> queue(final int number) {
        return queues.stream().filter(q -> q.queue() == number).findFirst();
    }

    private static Optional<KernelQueue> parseLine(final String line) {
        final String[] fields = line.strip().split(" +", -1);
        if (fields.length < FIELD_COUNT) {
            return Optional.empty();
        }
        final long[] numbers = new long[FIELD_COUNT];
        for (int i = 0; i < FIELD_COUNT; i++) {
            try {
                numbers[i] = Long.parseUnsignedLong(fields[i]);
            } catch (final NumberFormatException e) {
                return Optional.empty();
            }
        }
        if (numbers[0] < 0 || numbers[0] >= QUEUE_COUNT_MAX) {
            return Optional.empty();
        }
        return Optional.of(new KernelQueue(
                (int) numbers[0],
                numbers[1],
                numbers[2],
                (int) numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7]));
    }
}
