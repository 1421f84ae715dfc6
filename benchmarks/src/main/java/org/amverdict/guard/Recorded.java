package org.amverdict.guard;

import java.util.Arrays;
import java.util.Locale;

/**
 * A line of the guard's file: a benchmark, its parameters if it has any, and the ratio that was recorded on each Java of
 * the file's first line.
 *
 * @param benchmark class and method, without {@code org.amverdict.}
 * @param parameters as name=value
 * @param ratios in the order of that line
 */
record Recorded(String benchmark, String[] parameters, double[] ratios) {
    /** Begins the line that names the versions of Java. */
    private static final String JAVA = "java";

    static boolean isComment(final String line) {
        return line.isBlank() || line.startsWith("#");
    }

    static boolean isVersions(final String line) {
        return line.startsWith(JAVA + " ");
    }

    /** The column for that Java: the newest one that is not newer, or else the first. */
    static int column(final String line, final int feature) {
        final String[] words = line.strip().split("\\s+");
        int column = 0;
        for (int i = 1; i < words.length; i++) {
            if (Integer.parseInt(words[i]) <= feature) {
                column = i - 1;
            }
        }
        return column;
    }

    /** Columns of ratios. */
    static int columns(final String line) {
        return line.strip().split("\\s+").length - 1;
    }

    /** @throws IllegalArgumentException with the line, if it is malformed */
    static Recorded parse(final String line, final int columns) {
        final String[] words = line.strip().split("\\s+");
        final int parameters = words.length - 1 - columns;
        if (columns < 1 || parameters < 0) {
            throw new IllegalArgumentException("not 'benchmark [name=value] ratio...': " + line);
        }
        return new Recorded(
                words[0],
                Arrays.copyOfRange(words, 1, 1 + parameters),
                Arrays.stream(words, 1 + parameters, words.length)
                        .mapToDouble(Double::parseDouble)
                        .toArray());
    }

    /** The line, with that ratio in that column. */
    String with(final double ratio, final int column) {
        final StringBuilder line = new StringBuilder(name());
        for (int i = 0; i < ratios.length; i++) {
            line.append(String.format(Locale.ROOT, " %8.3f", i == column ? ratio : ratios[i]));
        }
        return line.toString();
    }

    /** Benchmark and parameters in columns. */
    String name() {
        return columns(benchmark, String.join(" ", parameters));
    }

    static String heading() {
        return columns("benchmark", "parameters");
    }

    private static String columns(final String benchmark, final String parameters) {
        return String.format(Locale.ROOT, "%-46s %-24s", benchmark, parameters);
    }
}
