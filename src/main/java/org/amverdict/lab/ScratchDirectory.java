package org.amverdict.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A fresh directory inside the temporary one, removed with all its contents. */
public final class ScratchDirectory implements AutoCloseable {
    private final Path path;

    public ScratchDirectory() throws IOException {
        path = Files.createTempDirectory("amv-demo-");
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        final List<Path> contents;
        try (Stream<Path> walk = Files.walk(path)) {
            contents = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path each : contents) {
            Files.deleteIfExists(each);
        }
    }
}
