package org.amverdict.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveDirectoryTest {
    @TempDir
    private Path folder;

    private static String refusal(final Path directory) {
        return String.valueOf(assertThrows(IOException.class, () -> LiveDirectory.open(directory))
                .getMessage());
    }

    @Test
    void shouldMakeAPrivateDirectoryAndKeepItsFiles() throws IOException {
        final Path path = folder.resolve("run").resolve("live");
        try (LiveDirectory directory = LiveDirectory.open(path)) {
            Files.writeString(directory.file("some"), "thing");
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        try (LiveDirectory directory = LiveDirectory.open(path)) {
            assertEquals("thing", Files.readString(directory.file("some")));
        }
    }

    @Test
    void shouldBeOfOneProcessAtATime() throws Exception {
        final Path path = folder.resolve("live");
        try (LiveDirectory directory = LiveDirectory.open(path)) {
            final String refusal = refusal(path);
            assertTrue(refusal.contains("process " + ProcessHandle.current().pid() + " has " + directory), refusal);
        }
        LiveDirectory.open(path).close();
    }

    @Test
    void shouldNotTakeADirectoryThatIsNotSafe() throws IOException {
        final Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertTrue(refusal(open).contains("chmod 700"), refusal(open));

        final Path link = Files.createSymbolicLink(folder.resolve("link"), Files.createDirectory(folder.resolve("d")));
        assertTrue(refusal(link).contains("not a directory"), refusal(link));

        final Path file = Files.createFile(folder.resolve("file"));
        assertTrue(refusal(file).contains("not a directory"), refusal(file));
        assertTrue(refusal(file.resolve("live")).contains("cannot be made"), refusal(file.resolve("live")));

        final Path lock = Files.createDirectory(folder.resolve("locked"));
        Files.createSymbolicLink(lock.resolve("lock"), file);
        assertTrue(refusal(lock).contains("cannot be written"), refusal(lock));
        assertEquals(0, Files.size(file));
    }

    @Test
    void shouldBelieveOnlyFilesOfItsOwn() throws IOException {
        try (LiveDirectory directory = LiveDirectory.open(folder.resolve("live"))) {
            final Path good = directory.file("good");
            Files.createFile(good, LiveDirectory.PRIVATE_FILE);
            directory.checkOwn(good);

            final Path link = Files.createSymbolicLink(directory.file("link"), good);
            assertThrows(IOException.class, () -> directory.checkOwn(link), "a link");
            final Path readable = Files.createFile(directory.file("readable"));
            Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r--r--"));
            assertThrows(IOException.class, () -> directory.checkOwn(readable), "others may read it");
            Files.createLink(directory.file("second"), good);
            assertThrows(IOException.class, () -> directory.checkOwn(good), "a second name");
        }
    }
}
