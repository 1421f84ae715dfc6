package org.amverdict.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.amverdict.text.StandardOutput;
import org.jspecify.annotations.Nullable;

/**
 * The terminal that a screen is drawn on, with the few escapes that every one of them knows (ECMA-48), or a pipe that
 * gets plain text. While it is open the cursor is hidden and keys come without Enter; both are restored at its end,
 * even when the program is interrupted. For one thread.
 */
final class Terminal implements AutoCloseable {
    private static final int COLUMNS = 80;
    private static final int ROWS = 24;
    private static final int SIZE_MAX = 1000;
    /** Stands for no key. */
    static final int NO_KEY = -1;

    private static final int ESCAPE = 27;
    private static final long KEY_MILLIS = 50;
    private static final long STTY_SECONDS = 2;
    private static final String HIDE_CURSOR = "\033[?25l";
    private static final String SHOW_CURSOR = "\033[?25h";
    private static final String HOME = "\033[H";
    private static final String CLEAR_BELOW = "\033[J";
    private static final String CLEAR_RIGHT = "\033[K";
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";

    private final PrintWriter out;
    private final boolean terminal;
    private final boolean colours;
    private final @Nullable String settings;
    private final @Nullable Thread restore;

    private Terminal(final PrintWriter out, final boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        colours = StandardOutput.mayColor();
        settings = terminal ? stty("-g") : null;
        restore = terminal ? new Thread(this::restore, "terminal") : null;
    }

    /** The terminal that stdout is, or a pipe. */
    static Terminal open(final PrintWriter out) {
        final Terminal opened = new Terminal(out, StandardOutput.isTerminal());
        if (opened.restore != null) {
            Runtime.getRuntime().addShutdownHook(opened.restore);
            stty("-icanon -echo");
            out.print(HIDE_CURSOR + HOME + CLEAR_BELOW);
            out.flush();
        }
        return opened;
    }

    int columns() {
        return size("COLUMNS", 1, COLUMNS);
    }

    int rows() {
        return size("LINES", 0, ROWS);
    }

    /** The size from the environment, else from the terminal, else the usual default. */
    private int size(final String variable, final int word, final int otherwise) {
        final int told = number(System.getenv(variable));
        if (told > 0 || !terminal) {
            return told > 0 ? told : otherwise;
        }
        final String size = stty("size");
        final String[] words = size == null ? new String[0] : size.split(" ", -1);
        final int asked = words.length == 2 ? number(words[word]) : 0;
        return asked > 0 ? asked : otherwise;
    }

    private static int number(final @Nullable String text) {
        return text != null && text.matches("[1-9][0-9]{0,3}") ? Math.min(SIZE_MAX, Integer.parseInt(text)) : 0;
    }

    /** Replaces the previous lines with these; false if the reader has gone. */
    boolean draw(final List<String> lines) {
        if (terminal) {
            out.print(HOME);
            for (int i = 0; i < lines.size(); i++) {
                final boolean heading = i == 0 && colours;
                out.print((heading ? BOLD : "") + lines.get(i) + (heading ? PLAIN : "") + CLEAR_RIGHT);
                out.print(i < lines.size() - 1 ? "\r\n" : "");
            }
            out.print(CLEAR_BELOW);
        } else {
            lines.forEach(out::println);
            out.println();
        }
        return !out.checkError();
    }

    /** Whether somebody can press keys. */
    boolean hasKeys() {
        return terminal;
    }

    /** Waits so long for a key; {@link #NO_KEY} if none was pressed. */
    int key(final double seconds) throws InterruptedException {
        final long endNanos = System.nanoTime() + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (true) {
            final int pressed = terminal ? pressed() : NO_KEY;
            final long leftMillis = (endNanos - System.nanoTime()) / TimeUnit.MILLISECONDS.toNanos(1);
            if (pressed != NO_KEY || leftMillis <= 0) {
                return pressed;
            }
            Thread.sleep(Math.min(terminal ? KEY_MILLIS : leftMillis, leftMillis));
        }
    }

    private static int pressed() {
        try {
            final InputStream keys = System.in;
            if (keys.available() == 0) {
                return NO_KEY;
            }
            final int key = keys.read();
            if (key != ESCAPE || keys.available() == 0) {
                return key;
            }
            // An arrow or function key (ECMA-48): its characters are no keys of their own.
            keys.skipNBytes(keys.available());
        } catch (final IOException e) {
            // Then there are no keys.
        }
        return NO_KEY;
    }

    /** Runs stty on the terminal of this process; null if it fails. */
    private static @Nullable String stty(final String arguments) {
        try {
            final Process stty = new ProcessBuilder("sh", "-c", "stty " + arguments + " </dev/tty 2>/dev/null").start();
            final String said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return stty.waitFor(STTY_SECONDS, TimeUnit.SECONDS) && stty.exitValue() == 0 ? said : null;
        } catch (final IOException e) {
            return null;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void restore() {
        out.print(SHOW_CURSOR + "\r\n");
        out.flush();
        if (settings != null && settings.matches("[0-9a-f:]+")) {
            stty(settings);
        }
    }

    @Override
    public void close() {
        if (restore != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(restore);
                restore();
            } catch (final IllegalStateException e) {
                // The program is shutting down, which restores the terminal.
            }
        }
    }
}
