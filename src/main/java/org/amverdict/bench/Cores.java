package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The two processors of a measurement: one makes traffic, the other consumes it.
 *
 * @param generator number of the first one, or {@link #ANY}
 * @param consumer number of the second one, or {@link #ANY}
 */
record Cores(int generator, int consumer) {
    /** There is only one: the scheduler decides. */
    static final int ANY = -1;

    private static final String KEY = "Cpus_allowed_list:";

    /** The first two that this process may use. */
    static Cores ofThisProcess() throws IOException {
        return parse(Files.readString(Path.of("/proc/self/status")));
    }

    /** From the text of /proc/PID/status (proc(5)), such as {@code Cpus_allowed_list: 0-1,4}. */
    static Cores parse(final String status) {
        final List<Integer> allowed = new ArrayList<>();
        for (final String line : status.lines().filter(l -> l.startsWith(KEY)).toList()) {
            for (final String range : line.substring(KEY.length()).strip().split(",", -1)) {
                final String[] ends = range.split("-", -1);
                final int last = Integer.parseInt(ends[ends.length - 1]);
                for (int cpu = Integer.parseInt(ends[0]); cpu <= last && allowed.size() < 2; cpu++) {
                    allowed.add(cpu);
                }
            }
        }
        return allowed.size() < 2 ? new Cores(ANY, ANY) : new Cores(allowed.get(0), allowed.get(1));
    }

    boolean pinned() {
        return generator != ANY;
    }

    /** The command prefix that keeps a program on that processor. */
    static List<String> on(final int core) {
        return core == ANY ? List.of() : List.of("taskset", "-c", Integer.toString(core));
    }
}
