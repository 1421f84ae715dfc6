package org.amverdict.demo;

import java.time.Duration;
import java.time.Instant;

/**
 * How long the demo waits. An emulated or loaded processor needs ten times as long for everything, so the waits follow
 * the time that this very program took to start. A wait for something that comes ends when it comes; only silence is
 * waited for in full. Immutable.
 *
 * @param factor how much slower this machine is than an idle one of 2020, 1 to {@link #FACTOR_MAX}
 */
record Pace(int factor) {
    /** The silence on such a machine is 12 s. */
    static final int FACTOR_MAX = 20;
    /** From the start of the JVM to the start of the demo, on an idle machine, with room. */
    private static final long START_MS = 1_000;

    private static final int ARRIVE_MS = 2_000;
    /** TCP repeats a SYN after a second. */
    private static final int SILENCE_MS = 600;

    private static final long READY_MS = 60_000;
    private static final long STOP_MS = 10_000;
    private static final int LIFETIME_S = 3;

    /** Measured by how long this process has run. */
    static Pace ofThisMachine() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .map(start -> Pace.of(Duration.between(start, Instant.now()).toMillis()))
                .orElse(new Pace(1));
    }

    /** @param startMs from the start of the process until now */
    static Pace of(final long startMs) {
        return new Pace((int) Math.max(1, Math.min(FACTOR_MAX, (startMs + START_MS - 1) / START_MS)));
    }

    /** For a packet to cross two namespaces and a cold engine. */
    int arriveMs() {
        return ARRIVE_MS * factor;
    }

    /** How long silence must last before a packet counts as dropped. */
    int silenceMs() {
        return SILENCE_MS * factor;
    }

    /** For the daemon to become ready. */
    long readyMs() {
        return READY_MS * factor;
    }

    /** For the daemon to end. */
    long stopMs() {
        return STOP_MS * factor;
    }

    /** Of an expectation: longer than the trials that use one take, and waited for once. */
    int lifetimeS() {
        return LIFETIME_S * factor;
    }
}
