package org.amverdict.simulation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the two ends of a TCP connection say to each other, one after the other, and what became of it. */
final class Talk {
    /** One segment, this long after the one before it had arrived. */
    record Turn(boolean byOpener, long delayNanos, int bytes, boolean fin) {}

    private static final long SILENCE = 100 * Simulation.SECOND;

    private final String name;
    private final List<Turn> turns;
    private final Runnable onFinish;
    private final Runnable onOpen;
    private boolean finished;
    private @Nullable String failure;

    /**
     * @param onOpen called when the opener has the connection
     * @param onFinish called when everything was said and heard
     */
    Talk(final String name, final List<Turn> turns, final Runnable onOpen, final Runnable onFinish) {
        this.name = name;
        this.turns = List.copyOf(turns);
        this.onOpen = onOpen;
        this.onFinish = onFinish;
    }

    List<Turn> turns() {
        return turns;
    }

    /**
     * Whether both ends are silent for so long after the handshake that an observer that missed part of it must assume
     * it failed.
     */
    boolean beginsSilently() {
        return !turns.isEmpty() && turns.get(0).delayNanos() > SILENCE;
    }

    void opened() {
        onOpen.run();
    }

    /** One end has said and heard everything, so the other has but for the acknowledgement of its last word. */
    void finishedByOne() {
        if (!finished) {
            finished = true;
            onFinish.run();
        }
    }

    void fail(final String why) {
        if (failure == null && !finished) {
            failure = name + ": " + why;
        }
    }

    @Nullable String failure() {
        return failure;
    }
}
