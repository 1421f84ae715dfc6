package org.amverdict.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.amverdict.lab.Host;
import org.amverdict.nfqueue.ffi.NativeLibraries;

/**
 * Makes traffic, in a separate process: {@code Generator MIX PACKETS_PER_SECOND SECONDS GENERATOR DEVICE}, where 0
 * packets/s means as many as one core can send, and the last two are the namespaces of both hosts. Prints {@code ready}
 * when the traffic begins; if the mix is {@link Mix#RATE}, starts measuring at a line on its standard input; ends when
 * that input or the time ends, and then prints {@code values NAME VALUE NAME VALUE ...}.
 */
public final class Generator {
    static final String READY = "ready";
    static final String VALUES = "values";

    /** Ports of the policy that {@link Consumers} writes. */
    static final int STATIC_PORT = 11_000;

    static final int UNEXPECTED_PORT = 30_000;
    private static final int SYNS = 1 << 16;
    private static final int HITS = 1 << 13;
    /** Slow enough that a consumer that has just started misses none. */
    private static final int OPENING_RATE = 50_000;

    private static final int FAILURES_MAX = 1_000;
    /**
     * Most packets of one call at a fixed rate. One is enough for 180,000/s; more make up for time in which the thread
     * did not run, and delay its next check for the probe by 10 µs.
     */
    private static final int RATE_BURST = 8;

    private static volatile boolean measuring;
    private static volatile boolean over;

    private final Traffic traffic;
    private long sent;
    private long failed;
    private int failedInARow;

    private Generator(final Traffic traffic) {
        this.traffic = traffic;
    }

    public static void main(final String[] args) throws IOException {
        final Mix mix = Mix.named(args[0]);
        final int rate = Integer.parseInt(args[1]);
        final int seconds = Integer.parseInt(args[2]);
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        final Thread watcher = new Thread(Generator::watchInput, "input");
        watcher.setDaemon(true);
        watcher.start();
        if (mix == Mix.FLOWS) {
            try (Traffic syns = new TcpTraffic(Traffic.FLOWS, STATIC_PORT, TcpTraffic.SYN, false)) {
                new Generator(syns).run(OPENING_RATE, Traffic.FLOWS, deadline);
            }
        }
        final Map<String, Double> values = new TreeMap<>();
        try (Traffic traffic = traffic(mix)) {
            System.out.println(READY);
            final Generator generator = new Generator(traffic);
            if (mix == Mix.RATE) {
                try (LatencyProbe probe = probe(args[3], args[4])) {
                    final LoadedProbe loaded = new LoadedProbe(probe, seconds * LatencyProbe.RATE);
                    generator.run(rate, loaded, deadline);
                    values.putAll(loaded.values());
                }
            } else {
                generator.run(rate, Long.MAX_VALUE, deadline);
            }
            values.put("generator_sent", (double) generator.sent);
            values.put("generator_failed", (double) generator.failed);
        }
        final StringBuilder line = new StringBuilder(VALUES);
        values.forEach(
                (name, value) -> line.append(' ').append(name).append(' ').append(value));
        System.out.println(line);
    }

    private static LatencyProbe probe(final String generator, final String device) throws IOException {
        final InetAddress from = InetAddress.getByName(BenchNetwork.GENERATOR_ADDRESS);
        final InetAddress to = InetAddress.getByName(BenchNetwork.DEVICE_ADDRESS);
        try (Host requester = Host.join(generator, from, from);
                Host responder = Host.join(device, to, to)) {
            return LatencyProbe.open(requester, responder);
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
                measuring = true;
            }
        } catch (final IOException e) {
            System.err.println("input: " + e);
        }
        over = true;
    }

    /**
     * Sends until the time is over.
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
                count = Math.min(count, due(rate, now - start));
            }
            if (count > 0) {
                count(traffic.send((int) count));
            } else {
                Thread.onSpinWait();
            }
        }
    }

    /** The same at a rate, in small bursts, and with a probe in between. */
    private void run(final int rate, final LoadedProbe probe, final long deadline) throws IOException {
        final long start = System.nanoTime();
        long now = start;
        while (!over && now - deadline < 0) {
            final long count = Math.min(RATE_BURST, due(rate, now - start));
            if (count > 0) {
                count(traffic.send((int) count));
            }
            probe.step(System.nanoTime(), measuring);
            now = System.nanoTime();
        }
    }

    /** How many packets the rate is behind; may be negative by less than one. */
    private long due(final int rate, final long elapsedNanos) {
        return (long) (elapsedNanos * (rate / 1e9)) - sent;
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
}
