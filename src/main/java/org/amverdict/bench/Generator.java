package org.amverdict.bench;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.amverdict.nfqueue.ffi.NativeLibraries;

/**
 * Makes traffic, in a process of its own: {@code Generator MIX PACKETS_PER_SECOND SECONDS}; 0 packets/s are as many as
 * one core can send. Says {@code ready} when the traffic begins, ends when its standard input does or the time is over,
 * and then says {@code sent N failed N}.
 */
public final class Generator {
    static final String READY = "ready";

    /** Ports of the policy that {@link Consumers} writes. */
    static final int STATIC_PORT = 11_000;

    static final int UNEXPECTED_PORT = 30_000;
    private static final int SYNS = 1 << 16;
    private static final int HITS = 1 << 13;
    /** Slow enough that a consumer which has just started misses none. */
    private static final int OPENING_RATE = 50_000;

    private static final int FAILURES_MAX = 1_000;
    /** A pause shorter than this comes back too late. */
    private static final long SLEEP_MIN_NANOS = 200_000;

    private static volatile boolean over;

    private final Traffic traffic;
    private long sent;
    private long failed;
    private int failedInARow;

    private Generator(final Traffic traffic) {
        this.traffic = traffic;
    }

    public static void main(final String[] args) throws InterruptedException {
        final Mix mix = Mix.named(args[0]);
        final int rate = Integer.parseInt(args[1]);
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.parseInt(args[2]));
        final Thread watcher = new Thread(Generator::watchInput, "input");
        watcher.setDaemon(true);
        watcher.start();
        if (mix == Mix.FLOWS) {
            try (Traffic syns = new TcpTraffic(Traffic.FLOWS, STATIC_PORT, TcpTraffic.SYN, false)) {
                new Generator(syns).run(OPENING_RATE, Traffic.FLOWS, deadline);
            }
        }
        try (Traffic traffic = traffic(mix)) {
            System.out.println(READY);
            final Generator generator = new Generator(traffic);
            generator.run(rate, Long.MAX_VALUE, deadline);
            System.out.println("sent " + generator.sent + " failed " + generator.failed);
        }
    }

    private static Traffic traffic(final Mix mix) {
        return switch (mix) {
            case CONTROL, RATE -> new ControlTraffic();
            case SYN -> new TcpTraffic(SYNS, UNEXPECTED_PORT, TcpTraffic.SYN, false);
            case HIT -> new TcpTraffic(HITS, STATIC_PORT, TcpTraffic.SYN, false);
            case FLOWS -> new TcpTraffic(Traffic.FLOWS, STATIC_PORT, TcpTraffic.ACK, true);
            case BULK, BULK_SEGMENTED, LATENCY -> throw new IllegalArgumentException(mix + " is not made here");
        };
    }

    private static void watchInput() {
        try {
            while (System.in.read() >= 0) {
                // only its end means something
            }
        } catch (final IOException e) {
            System.err.println("input: " + e);
        }
        over = true;
    }

    /**
     * Sends until it is over.
     *
     * @param rate packets/s, or 0
     * @param packets most packets
     */
    private void run(final int rate, final long packets, final long deadline) {
        final long start = System.nanoTime();
        while (!over && sent < packets) {
            final long now = System.nanoTime();
            if (now - deadline >= 0) {
                return;
            }
            long count = Math.min(Traffic.BURST, packets - sent);
            if (rate > 0) {
                final long due = (long) ((now - start) * (rate / 1e9)) - sent;
                if (due < 1) {
                    pause((long) ((sent + 1) * (1e9 / rate)) - (now - start));
                    continue;
                }
                count = Math.min(count, due);
            }
            count(traffic.send((int) count));
        }
    }

    private void count(final int result) {
        if (result > 0) {
            sent += result;
            failedInARow = 0;
            return;
        }
        failed++;
        failedInARow++;
        if (failedInARow == FAILURES_MAX) {
            throw NativeLibraries.failure("send", FAILURES_MAX + " times in a row");
        }
    }

    private static void pause(final long nanos) {
        if (nanos > SLEEP_MIN_NANOS) {
            LockSupport.parkNanos(nanos - SLEEP_MIN_NANOS / 2);
        } else {
            Thread.onSpinWait();
        }
    }
}
