package org.amverdict.log;

import java.util.logging.LogManager;

/**
 * Keeps the handlers until the process is gone. The usual one removes them as soon as the JVM begins to stop, so what
 * the program says while it stops would be lost now and then. The JVM makes it, by its name.
 */
public final class LastingLogManager extends LogManager {
    /** For the JVM. */
    public LastingLogManager() {
        // Nothing of its own.
    }

    /** Does nothing: there is nothing to go back to. */
    @Override
    public void reset() {
        // The JVM calls it in a shutdown hook, next to that of the program.
    }
}
