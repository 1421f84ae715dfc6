package org.amverdict.demo;

import java.io.PrintStream;
import org.amverdict.text.StandardOutput;

/** Prints the demo, one line for each trial, and counts the trials that did not go as expected. For one thread. */
final class Narrator {
    private static final String COLUMNS = "  %-54s %-21s %-21s %s%n";

    private final PrintStream out;
    private final boolean color;
    private int tried;
    private int failed;

    Narrator(final PrintStream out, final boolean color) {
        this.out = out;
        this.color = color;
    }

    /** On standard output; in color if that is a terminal and colors are welcome. */
    static Narrator onStdout() {
        return new Narrator(System.out, StandardOutput.mayColor() && StandardOutput.isTerminal());
    }

    void heading(final String text) {
        out.println();
        out.println(paint("1", text));
        out.flush();
    }

    void line(final String text) {
        out.println(text);
        out.flush();
    }

    /** Prints the column headings of the trials. */
    void columns() {
        out.println();
        out.println(COLUMNS.formatted("tried", "expected", "got", "").stripTrailing());
    }

    void info(final String text) {
        out.println("  " + text);
        out.flush();
    }

    /** One trial: right if {@code got} is what was expected. */
    void trial(final String what, final String expected, final String got) {
        tried++;
        final boolean right = got.equals(expected);
        if (!right) {
            failed++;
        }
        out.printf(COLUMNS, what, expected, got, right ? paint("32", "ok") : paint("31;1", "FAIL"));
        out.flush();
    }

    /**
     * The last line, which says what the exit status says.
     *
     * @param played whether the script ran to its end
     * @return whether it did, and every trial went as expected
     */
    boolean summary(final boolean played) {
        final boolean good = played && failed == 0;
        if (good) {
            line(paint("32", "all " + tried + " trials went as expected"));
        } else {
            final String trials = failed + " of " + tried + " trials went otherwise than expected";
            line(paint("31;1", played ? trials : "the demo did not run to its end; " + trials));
        }
        return good;
    }

    int failed() {
        return failed;
    }

    private String paint(final String code, final String text) {
        return color ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
