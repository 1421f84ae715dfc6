package org.amverdict.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileFailureTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    @Test
    void shouldNameNoJavaClass() throws IOException {
        final Path file = Files.createFile(directory.resolve("file"));
        final Path dangling = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));
        final IOException[] failures = {
            assertThrows(IOException.class, () -> Files.createDirectory(file)),
            assertThrows(IOException.class, () -> Files.createDirectories(dangling)),
            assertThrows(IOException.class, () -> Files.readString(directory.resolve("none"))),
            assertThrows(IOException.class, () -> Files.delete(directory)),
            assertThrows(IOException.class, () -> Files.newDirectoryStream(file)),
            new AccessDeniedException("/x"),
        };
        for (final IOException failure : failures) {
            final String said = FileFailure.of(failure);

            assertFalse(said.contains("Exception"), said);
            assertFalse(said.startsWith("/"), said);
        }
        assertEquals("permission denied: /x", FileFailure.of(new AccessDeniedException("/x")));
        assertEquals("No space left on device", FileFailure.of(new IOException("No space left on device")));
    }
}
