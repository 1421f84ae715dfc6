package org.amverdict.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Properties of this process's stdout. Stateless. */
public final class StandardOutput {
    private StandardOutput() {}

    /** Whether it is a terminal. */
    public static boolean isTerminal() {
        // Not System.console(): it requires stdin to be a terminal too, and from Java 22 on it may exist without one.
        try {
            final String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (final IOException e) {
            return false;
        }
    }

    /** Whether colors are welcome on a terminal: {@code NO_COLOR} is not set, or empty (no-color.org). */
    public static boolean mayColor() {
        final String noColor = System.getenv("NO_COLOR");
        return noColor == null || noColor.isEmpty();
    }
}
