package org.amverdict.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.nfqueue.LoopbackQueue;
import org.amverdict.nfqueue.QueueSettings;
import org.amverdict.workload.SyntheticDumps;
import org.junit.jupiter.api.Test;

final class WarmUpTest {
    private static final int SCHED_OTHER = 0;
    /** Field of /proc/PID/task/TID/stat after the name in parentheses, see proc(5). */
    private static final int POLICY_FIELD = 41 - 3;

    @Test
    void shouldTakeTheWholeWayOfAPacketAndLeaveThreadsAsTheyWere() throws InterruptedException, IOException {
        final SyntheticDumps dumps = new SyntheticDumps(EngineEvents.NONE);
        final WarmUp warmUp = new WarmUp(QueueSettings.of(LoopbackQueue.NUMBER), dumps.engine(), dumps);

        warmUp.run();

        final EngineCounters counters = dumps.engine().counters();
        assertTrue(counters.packets(Verdict.ACCEPT, Reason.EXPECTED) > 0, "announced streams were let in");
        awaitEnd();
        assertEquals(0, counters.packets(Verdict.DROP, Reason.MALFORMED), "each netlink message was read right");
        assertEquals(List.of(), threadsNotScheduledAsUsual());
    }

    /** The second part ends of itself. */
    private static void awaitEnd() throws InterruptedException {
        for (final Thread thread : Thread.getAllStackTraces().keySet()) {
            if ("warm-up".equals(thread.getName())) {
                thread.join(TimeUnit.SECONDS.toMillis(20));
                assertTrue(!thread.isAlive(), "the warm-up ends");
            }
        }
    }

    private static List<String> threadsNotScheduledAsUsual() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            return threads.map(WarmUpTest::stat)
                    .filter(stat -> !stat.isEmpty())
                    .filter(stat -> {
                        final String[] fields =
                                stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                        return Integer.parseInt(fields[POLICY_FIELD]) != SCHED_OTHER;
                    })
                    .toList();
        }
    }

    private static String stat(final Path thread) {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (final IOException e) {
            return "";
        }
    }
}
