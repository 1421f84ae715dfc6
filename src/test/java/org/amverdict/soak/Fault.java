package org.amverdict.soak;

import java.util.Arrays;
import java.util.List;

/** What is done to the program. */
enum Fault {
    /** SIGKILL, and the next process. */
    KILL(false),
    /** SIGHUP. */
    RELOAD(true),
    /** SIGTERM, and the next process, as {@code systemctl restart}. */
    RESTART(false),
    /** SIGSTOP, and SIGCONT a second later. */
    SUSPEND(true),
    /** Many ask for metrics at once. */
    SCRAPES(true),
    /** Packets in other hosts' names, faster than the rest. */
    FORGERIES(true),
    /** The network of the forger is set up again. */
    INTERFACE(true);

    private final boolean survived;

    Fault(final boolean survived) {
        this.survived = survived;
    }

    /** Those that leave the process running. */
    static List<Fault> survived() {
        return Arrays.stream(values()).filter(fault -> fault.survived).toList();
    }
}
