package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files in /proc of processes and threads that may end at any moment. */
final class Proc {
    private Proc() {}

    /** The text, or nothing if the process or thread has ended: no such file, or no such process. */
    static Optional<String> read(final Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (final IOException e) {
            return Optional.empty();
        }
    }
}
