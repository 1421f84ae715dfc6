package org.amverdict.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What to measure.
 *
 * @param seconds of each measurement, 1 to {@link #SECONDS_MAX}
 * @param rounds 1 to {@link #ROUNDS_MAX}
 * @param mixes at least one
 * @param against other consumers, their names distinct, at most {@link #AGAINST_MAX}
 * @param rate packets/s of {@link Mix#RATE}, {@link #RATE_MIN} to {@link #RATE_MAX}
 * @param patience seconds to wait for an idle machine before each measurement, 0 to {@link #PATIENCE_MAX}
 */
public record BenchOptions(int seconds, int rounds, List<Mix> mixes, List<Contestant> against, int rate, int patience) {
    public static final int SECONDS_MAX = 60;
    public static final int ROUNDS_MAX = 99;
    public static final int AGAINST_MAX = 16;
    public static final int RATE_MIN = 100;
    public static final int RATE_MAX = 10_000_000;
    public static final int PATIENCE_MAX = 600;

    public BenchOptions {
        require("--seconds", seconds, 1, SECONDS_MAX);
        require("--rounds", rounds, 1, ROUNDS_MAX);
        require("--rate", rate, RATE_MIN, RATE_MAX);
        require("--patience", patience, 0, PATIENCE_MAX);
        require("the number of --against", against.size(), 0, AGAINST_MAX);
        if (against.stream().map(Contestant::name).distinct().count() < against.size()) {
            throw new IllegalArgumentException("--against: a name is given twice");
        }
        mixes = List.copyOf(mixes);
        against = List.copyOf(against);
    }

    /** All that take part, the first being what the others are compared with. */
    List<Contestant> contestants() {
        final List<Contestant> all = new ArrayList<>(against);
        all.add(Contestant.ACCEPT);
        all.add(Contestant.AMVERDICT);
        return all;
    }

    private static void require(final String name, final int value, final int least, final int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", must be " + least + " to " + most);
        }
    }
}
