package org.amverdict.nfqueue.ffi;

import java.nio.file.Path;

/** What Linux keeps per thread: processor, timer slack, network namespace. Each method acts on the calling thread. */
public final class NativeThread {
    /** More processors than a cpu_set_t holds are refused. */
    public static final int PROCESSOR_MAX = CLayout.CPU_SET_SIZE * 8 - 1;

    private NativeThread() {}

    /** Kernel thread id, the name of its directory in /proc/self/task. */
    public static int threadId() {
        return NativeLibraries.libC().gettid();
    }

    /**
     * Lets the thread run on one processor only.
     *
     * @param processor 0 to {@link #PROCESSOR_MAX}
     */
    public static void pinTo(final int processor) {
        if (processor < 0 || processor > PROCESSOR_MAX) {
            throw new IllegalArgumentException("processor " + processor + " is not in 0.." + PROCESSOR_MAX);
        }
        final NativeMemory mask = new NativeMemory(CLayout.CPU_SET_SIZE);
        mask.bytes().setByte(processor >> 3, 1 << (processor & 7));
        final int result = NativeLibraries.libC().sched_setaffinity(0, CLayout.CPU_SET_SIZE, mask.address());
        mask.keepReachable();
        if (result != 0) {
            throw NativeLibraries.failure(
                    "pin the thread to processor " + processor, "it may be offline or outside this process's cpuset");
        }
    }

    /** How late the kernel may wake this thread from a timed wait, to save wake-ups; 50 µs unless set. */
    public static void timerSlack(final long slackNs) {
        if (NativeLibraries.libC().prctl(CLayout.PR_SET_TIMERSLACK, slackNs, 0, 0, 0) != 0) {
            throw NativeLibraries.failure("set timer slack to " + slackNs + " ns", "");
        }
    }

    /**
     * Lets a thread of this process run only when no other wants to (SCHED_IDLE), or as usual again. Unlike a low
     * priority, it lets any other thread that wakes up take the processor at once.
     *
     * @param threadId see {@link #threadId()}
     * @return false without permission: back from idle needs CAP_SYS_NICE or RLIMIT_NICE of 20
     */
    public static boolean idle(final int threadId, final boolean idle) {
        final NativeMemory parameters = new NativeMemory(Integer.BYTES);
        final int result = NativeLibraries.libC()
                .sched_setscheduler(threadId, idle ? CLayout.SCHED_IDLE : CLayout.SCHED_OTHER, parameters.address());
        parameters.keepReachable();
        return result == 0;
    }

    /**
     * Moves the thread, and sockets it opens from now on, into a network namespace.
     *
     * @param namespace e.g. {@code /run/netns/NAME} or {@code /proc/PID/ns/net}
     */
    public static void enterNetworkNamespace(final Path namespace) {
        final LibC libC = NativeLibraries.libC();
        final int fd = libC.open(namespace.toString(), CLayout.O_RDONLY | CLayout.O_CLOEXEC);
        if (fd < 0) {
            throw NativeLibraries.failure("open network namespace " + namespace, "list them with: ip netns");
        }
        try {
            if (libC.setns(fd, CLayout.CLONE_NEWNET) != 0) {
                throw NativeLibraries.failure("enter network namespace " + namespace, "needs CAP_SYS_ADMIN");
            }
        } finally {
            libC.close(fd);
        }
    }
}
