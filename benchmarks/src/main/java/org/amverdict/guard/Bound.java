package org.amverdict.guard;

/**
 * A line of the guard's file.
 *
 * @param benchmark class and method, without {@code org.amverdict.}
 * @param parameters as name=value
 * @param recorded the ratio that was measured when the bound was set
 * @param bound the ratio that may not be exceeded
 */
record Bound(String benchmark, String[] parameters, double recorded, double bound) {
    private static final int COLUMNS_MIN = 3;

    /**
     * Reads a line: the benchmark, its parameters if it has any, what was recorded, the bound.
     *
     * @throws IllegalArgumentException with the line, if it is none
     */
    static Bound parse(final String line) {
        final String[] words = line.strip().split("\\s+");
        if (words.length < COLUMNS_MIN) {
            throw new IllegalArgumentException("not 'benchmark [name=value] recorded bound': " + line);
        }
        final String[] parameters = new String[words.length - COLUMNS_MIN];
        System.arraycopy(words, 1, parameters, 0, parameters.length);
        return new Bound(
                words[0],
                parameters,
                Double.parseDouble(words[words.length - 2]),
                Double.parseDouble(words[words.length - 1]));
    }
}
