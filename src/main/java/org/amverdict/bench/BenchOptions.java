package org.amverdict.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What to measure.
 *
 * @param pace how often and how long
 * @param rates how fast
 * @param mixes at least one
 * @param against other consumers, their names distinct, at most {@link #AGAINST_MAX}
 * @param queues queue counts to run amverdict with, each once, 1 to {@link Contestant#QUEUES_MAX}
 */
public record BenchOptions(Pace pace, Rates rates, List<Mix> mixes, List<Contestant> against, List<Integer> queues) {
    /**
     * How often and how long.
     *
     * @param seconds of each run, 1 to {@link #SECONDS_MAX}
     * @param rounds 1 to {@link #ROUNDS_MAX}
     * @param patience seconds to wait for an idle machine before each run, 0 to {@link #PATIENCE_MAX}
     */
    public record Pace(int seconds, int rounds, int patience) {}

    /**
     * How fast.
     *
     * @param fixed packets/s of {@link Mix#RATE}, {@link #RATE_MIN} to {@link #RATE_MAX}
     * @param perQueue packets/s for each queue of the contestant, of the mixes from many addresses; 0 for as many as
     *     one core sends, else {@link #RATE_MIN} to a {@link Contestant#QUEUES_MAX}th of {@link #RATE_MAX}
     */
    public record Rates(int fixed, int perQueue) {}

    public static final int SECONDS_MAX = 60;
    public static final int ROUNDS_MAX = 99;
    public static final int AGAINST_MAX = 16;
    public static final int RATE_MIN = 100;
    public static final int RATE_MAX = 10_000_000;
    public static final int PATIENCE_MAX = 600;

    public BenchOptions {
        require("--seconds", pace.seconds(), 1, SECONDS_MAX);
        require("--rounds", pace.rounds(), 1, ROUNDS_MAX);
        require("--rate", rates.fixed(), RATE_MIN, RATE_MAX);
        if (rates.perQueue() != 0) {
            require("--rate-per-queue", rates.perQueue(), RATE_MIN, RATE_MAX / Contestant.QUEUES_MAX);
        }
        require("--patience", pace.patience(), 0, PATIENCE_MAX);
        require("the number of --against", against.size(), 0, AGAINST_MAX);
        queues.forEach(number -> require("--queues", number, 1, Contestant.QUEUES_MAX));
        mixes = List.copyOf(mixes);
        against = List.copyOf(against);
        queues = queues.stream().distinct().toList();
        final List<Contestant> all = contestants(against, queues);
        if (all.stream().map(Contestant::name).distinct().count() < all.size()) {
            throw new IllegalArgumentException("--against: a name is given twice");
        }
    }

    /** All contestants; the others are compared with the first. */
    List<Contestant> contestants() {
        return contestants(against, queues);
    }

    private static List<Contestant> contestants(final List<Contestant> against, final List<Integer> queues) {
        final List<Contestant> all = new ArrayList<>(against);
        all.add(Contestant.ACCEPT);
        queues.forEach(number -> all.add(Contestant.amverdict(number)));
        return all;
    }

    private static void require(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + least + " to " + most);
        }
    }
}
