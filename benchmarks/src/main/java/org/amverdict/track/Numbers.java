package org.amverdict.track;

import org.amverdict.Draw;

/**
 * The entries that one worker has in a table, as a row of numbers: each stands for two hosts and a port, new ones are
 * added at its head and the oldest taken from its tail. Nothing is stored, so the inputs evict nothing from the caches.
 */
final class Numbers {
    /** Operations between two preparations in the benchmarks that change a table. */
    static final int STEPS = 50;

    private static final int FEW_BITS = 10;
    private static final long V4 = 0xFFFF_0000_0000L;
    private static final long REQUESTERS = V4 | 0xC000_0201L;
    private static final int REQUESTER_BITS = 4;
    private static final long RESPONDERS = V4 | 0x0A00_0000L;
    private static final int RESPONDER_BITS = 24;
    private static final int PORT_MIN = 1024;
    private static final int PORT_BITS = 15;

    private final int worker;
    private final int workers;
    private final Draw draw;
    private long tail;
    private long head;

    Numbers(final int worker, final int workers) {
        this.worker = worker;
        this.workers = workers;
        draw = new Draw(worker);
    }

    /** A new one. */
    long add() {
        return head++ * workers + worker;
    }

    /** Removes and returns the oldest one. */
    long take() {
        return tail++ * workers + worker;
    }

    /** Any. */
    long some() {
        return (tail + draw.below((int) (head - tail))) * workers + worker;
    }

    /** Any of 1024 spread evenly among all; any at all if there are fewer. */
    long someOfFew() {
        return (tail + (draw.below(1 << FEW_BITS) * (head - tail) >>> FEW_BITS)) * workers + worker;
    }

    /** Lower half of the address of the one of 16 hosts that connects. */
    static long requester(final long number) {
        return REQUESTERS + (Draw.mixed(number) >>> Long.SIZE - REQUESTER_BITS);
    }

    /** Lower half of the address of the one of 2^24 hosts that it connects to. */
    static long responder(final long number) {
        return RESPONDERS | Draw.mixed(number) & (1 << RESPONDER_BITS) - 1;
    }

    static int port(final long number) {
        return PORT_MIN + (int) (Draw.mixed(number) >>> RESPONDER_BITS & (1 << PORT_BITS) - 1);
    }
}
