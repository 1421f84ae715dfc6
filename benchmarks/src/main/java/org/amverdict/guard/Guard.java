package org.amverdict.guard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The performance regression guard: fails when the packet path is slower than its file of bounds allows, or allocates.
 * A score is a ratio to the yardstick, measured in the same JVM at the same time, so that a slower machine or other
 * programs on it do not matter.
 *
 * <p>A benchmark over its bound is measured again in a new JVM, at most twice, and fails only if it is over its bound
 * each time: compiled code differs slightly from JVM to JVM, but a regression does not go away.
 */
public final class Guard {
    /** Allowed allocation per operation: less than the smallest object once in 64 operations, a batch. */
    private static final double ALLOCATED_MAX = 0.2;

    private static final int ATTEMPTS = 3;
    /** A recorded ratio times this is its bound: above all observed variation, below the cost of a regression. */
    private static final double TOLERANCE = 1.3;

    private static final String PACKAGE = "org.amverdict.";
    private static final String ROW = "%s %8s %8s %8s   %s%n";

    private final Path file;
    private final boolean record;

    private Guard(final Path file, final boolean record) {
        this.file = file;
        this.record = record;
    }

    /**
     * Ends the JVM with 1 if a benchmark is over its bound or allocates, with 2 for wrong arguments.
     *
     * @param args the file, and {@code --record} to write the results into it
     */
    public static void main(final String[] args) throws IOException, InterruptedException {
        final boolean record = args.length == 2 && "--record".equals(args[1]);
        if (args.length != 1 && !record) {
            System.err.println("usage: Guard FILE [--record]");
            System.exit(2);
        }
        System.exit(new Guard(Path.of(args[0]), record).run() ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        final List<String> lines = new ArrayList<>();
        boolean good = true;
        int columns = 0;
        int column = 0;
        System.out.printf(ROW, Recorded.heading(), "ratio", "bound", "B/op", "");
        for (final String line : Files.readAllLines(file)) {
            if (Recorded.isVersions(line)) {
                columns = Recorded.columns(line);
                column = Recorded.column(line, Runtime.version().feature());
            }
            if (Recorded.isVersions(line) || Recorded.isComment(line)) {
                lines.add(line);
                continue;
            }
            final Recorded recorded = Recorded.parse(line, columns);
            final double bound = recorded.ratios()[column] * TOLERANCE;
            final Score score = measure(recorded, bound);
            good &= passes(score, bound);
            System.out.printf(
                    ROW,
                    recorded.name(),
                    number(score.ratio),
                    number(bound),
                    number(score.allocated),
                    verdict(score, bound));
            lines.add(recorded.with(score.ratio, column));
        }
        if (record && good) {
            Files.write(file, lines);
            System.out.println("recorded in " + file + "; tell the reviewer why");
        }
        return good;
    }

    private boolean passes(final Score score, final double bound) {
        return score != Score.NONE && score.allocated <= ALLOCATED_MAX && (record || score.ratio <= bound);
    }

    private String verdict(final Score score, final double bound) {
        if (passes(score, bound)) {
            return "good";
        }
        if (score == Score.NONE) {
            return "NOT MEASURED, it says why above";
        }
        return score.ratio > bound
                ? "SLOWER, " + number(score.ratio / bound * TOLERANCE) + " times what was recorded"
                : "ALLOCATES";
    }

    /** The best of up to {@link #ATTEMPTS}, or the first good one; the median when recording. */
    private Score measure(final Recorded recorded, final double bound) throws IOException, InterruptedException {
        if (record) {
            final List<Score> all = new ArrayList<>();
            for (int i = 0; i < ATTEMPTS; i++) {
                all.add(pair(recorded));
            }
            all.sort(Comparator.comparingDouble(Score::ratio));
            return all.get(ATTEMPTS / 2);
        }
        Score best = pair(recorded);
        for (int i = 1; i < ATTEMPTS && !passes(best, bound); i++) {
            best = best.better(pair(recorded));
        }
        return best;
    }

    private static Score pair(final Recorded recorded) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", // same as the program itself, without options for Netty
                "-Xms256m",
                "-Xmx1g",
                "-Djmh.ignoreLock=true",
                "-cp",
                System.getProperty("java.class.path"),
                Pair.class.getName(),
                PACKAGE + recorded.benchmark()));
        command.addAll(List.of(recorded.parameters()));
        final Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        final int status = process.waitFor();
        final String[] numbers = output.strip().split(" ");
        if (status != 0 || numbers.length != 2) {
            System.out.print(output);
            return Score.NONE;
        }
        return new Score(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
    }

    private static String number(final double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    /**
     * What was measured.
     *
     * @param ratio to the yardstick
     * @param allocated bytes per operation
     */
    private record Score(double ratio, double allocated) {
        /** The benchmark failed, for example because its verdicts were not the expected ones. */
        static final Score NONE = new Score(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

        Score better(final Score other) {
            if (this == NONE || other == NONE) {
                return this == NONE ? other : this;
            }
            return new Score(Math.min(ratio, other.ratio), Math.min(allocated, other.allocated));
        }
    }
}
