package org.amverdict.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Files below /proc whose process or thread may end at any moment. */
final class Proc {
    private Proc() {}

    /** The text, or nothing if it has ended: no such file, or no such process. */
    static Optional<String> read(final Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (final IOException e) {
            return Optional.empty();
        }
    }
}
