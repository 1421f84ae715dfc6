package org.amverdict.policy;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.amanda.Service;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Cost of asking the policy about a pair of hosts, by the number of allowances. Each allowance lets one of 16 servers
 * ask one /24 of clients for a sendbackup; the pairs asked about are drawn from all of them. {@code allowed}: the pair
 * is allowed; {@code refused}: both hosts are named, but in different allowances.
 */
public class PolicyBenchmark extends NanosecondsPerOperation {
    private static final long V4 = 0xFFFF_0000_0000L;
    private static final int SERVERS = 16;
    private static final int SERVER = 0xC000_0201;
    private static final int CLIENTS = 0x0A00_0000;

    @Param({"10", "10000"})
    private int allowances;

    private final Draw draw = new Draw(2);
    private final Tuple tuple = new Tuple();
    private Policy policy = Policy.of(List.of());

    @Setup(Level.Trial)
    public void setUp() {
        final List<Allowance> lines = new ArrayList<>();
        for (int i = 0; i < allowances; i++) {
            lines.add(new Allowance(
                    "line",
                    HostSet.of("192.0.2." + (1 + i % SERVERS)),
                    HostSet.of("10." + (i >>> 8) + "." + (i & 0xff) + ".0/24"),
                    Service.SENDBACKUP.bit(),
                    Policy.DEFAULT_STREAM_PORTS,
                    false));
        }
        policy = Policy.of(lines);
    }

    private @Nullable Allowance ask(final int line, final int server) {
        final int client = CLIENTS | line << 8 | draw.below(256);
        final long requester = V4 | Integer.toUnsignedLong(SERVER + server % SERVERS);
        return policy.find(tuple.set(0, requester, 0, 0, V4 | client, 0), Service.SENDBACKUP);
    }

    @Benchmark
    public @Nullable Allowance allowed() {
        final int line = draw.below(allowances);
        return ask(line, line);
    }

    @Benchmark
    public @Nullable Allowance refused() {
        final int line = draw.below(allowances);
        return ask(line, line + 1);
    }
}
