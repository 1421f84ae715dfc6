package org.amverdict.bench;

/**
 * One figure of a run, and its column in the table.
 *
 * @param key its name in the JSON document, including the unit
 * @param title heading of its column
 * @param digits decimal places in the table
 * @param beside what the table shows next to the median
 */
record Column(String key, String title, int digits, Beside beside) {
    /** The comparison in the table. */
    enum Beside {
        NOTHING,
        /** With the first contestant that has this number: the median of the ratios of each round. */
        RATIO,
        /** The same with the ACCEPT rule. */
        RATIO_TO_ACCEPT,
        /** More than with the ACCEPT rule: the median of the differences of each round. */
        ADDED
    }
}
