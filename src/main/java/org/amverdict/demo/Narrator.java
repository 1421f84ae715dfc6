package org.amverdict.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Prints the show, one line a trial, and counts the trials that went otherwise than they should. For one thread. */
final class Narrator {
    private static final String COLUMNS = "  %-54s %-21s %-21s %s%n";

    private final PrintStream out;
    private final boolean colour;
    private int tried;
    private int failed;

    Narrator(final PrintStream out, final boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    /** On standard output; in colour if that is a terminal and {@code NO_COLOR} is not set (no-color.org). */
    static Narrator onStdout() {
        final String noColour = System.getenv("NO_COLOR");
        return new Narrator(System.out, (noColour == null || noColour.isEmpty()) && stdoutIsTerminal());
    }

    private static boolean stdoutIsTerminal() {
        // Not System.console(): it wants stdin to be a terminal too, and from Java 22 on it may exist without one.
        try {
            final String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (final IOException e) {
            return false;
        }
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

    /** Says what the columns of the trials are. */
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

    /** The last line. */
    void summary() {
        line(
                failed == 0
                        ? paint("32", "all " + tried + " trials went as expected")
                        : paint("31;1", failed + " of " + tried + " trials went otherwise than expected"));
    }

    int failed() {
        return failed;
    }

    private String paint(final String code, final String text) {
        return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
