package org.amverdict.soak;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.ManyDumps;
import org.amverdict.harness.ManyDumps.Carried;
import org.amverdict.harness.PacketFlow;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Host;
import org.amverdict.lab.NetworkLab;
import org.jspecify.annotations.Nullable;

/**
 * Whole dumps of both families at a steady rate, mixed with what must be dropped, and a flow of honest requests whose
 * pauses are measured. Counts what arrives at the hosts. Has a thread of its own.
 */
final class Traffic implements AutoCloseable {
    private static final int REQUESTS_PER_SECOND = 200;
    private static final int DUMPS_AT_ONCE = 32;
    /** Of each rule for TCP or UDP. */
    private static final Pattern PACKETS = Pattern.compile("-p (?:tcp|udp).* -c (\\d+) ");

    private final NetworkLab lab;
    private final ManyDumps dumps;
    private final PacketFlow requests;
    private final int dumpsPerSecond;
    private final Thread thread = new Thread(this::play, "traffic");
    private volatile boolean ending;
    private volatile @Nullable IOException failure;

    Traffic(final NetworkLab lab, final int dumpsPerSecond) throws IOException {
        this.lab = lab;
        this.dumpsPerSecond = dumpsPerSecond;
        dumps = new ManyDumps(lab, Kernel.families(), Carried.DATA);
        lab.client().run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "10080", "-j", "ACCEPT");
        requests = new PacketFlow(
                lab.server(), lab.client(), AmandaMessages.noop(Transaction.number(1)), REQUESTS_PER_SECOND);
        thread.start();
    }

    private void play() {
        final long beginNanos = System.nanoTime();
        try {
            while (!ending) {
                dumps.play(DUMPS_AT_ONCE);
                final long dueNanos = beginNanos + TimeUnit.SECONDS.toNanos(dumps.made()) / dumpsPerSecond;
                LockSupport.parkNanos(dueNanos - System.nanoTime());
            }
        } catch (final IOException e) {
            failure = e;
        }
    }

    double takeLongestPauseMillis() throws IOException {
        final IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
        return requests.takeLongestGapMillis();
    }

    int dumps() {
        return dumps.made();
    }

    /** Ends, and waits until nothing is under way. */
    void finish() throws IOException {
        ending = true;
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        requests.finish();
        takeLongestPauseMillis();
    }

    /** Packets of TCP and UDP that have reached the two hosts. */
    long arrived() throws IOException {
        long total = 0;
        for (final Host host : List.of(lab.server(), lab.client())) {
            for (final String tool : List.of("iptables", "ip6tables")) {
                total += PACKETS.matcher(host.run(tool, "-v", "-S", "INPUT"))
                        .results()
                        .mapToLong(rule -> Long.parseLong(rule.group(1)))
                        .sum();
            }
        }
        return total;
    }

    @Override
    public void close() throws IOException {
        ending = true;
        requests.close();
    }
}
