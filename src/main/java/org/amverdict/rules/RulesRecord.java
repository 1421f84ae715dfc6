package org.amverdict.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;

/**
 * Which rules {@code rules --apply} loaded last, in a file next to the saved state: one line, the options of the command.
 * The unit that loads them after a boot reads it, and so does the running program, which has to know what should be there.
 * Stateless apart from the file; any thread.
 */
public final class RulesRecord {
    private static final String NAME = "rules";
    private static final String COMMENT =
            "# Written by 'amverdict rules --apply'; read after a boot and by the daemon.\n";
    private static final FileAttribute<?> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---"));
    private static final FileAttribute<?> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));
    private static final int BYTES_MAX = 64 * 1024;

    private final Path file;

    private RulesRecord(final Path file) {
        this.file = file;
    }

    /** The record that belongs to a configuration; none if {@code state.file} is off. */
    public static Optional<RulesRecord> of(final Settings settings) {
        return Optional.ofNullable(settings.state().file())
                .map(state -> new RulesRecord(state.toAbsolutePath().resolveSibling(NAME)));
    }

    /**
     * The rules loaded last; none if there is no record.
     *
     * @throws IOException if it cannot be read or has no such line; the message names the file
     */
    public Optional<RuleRequest> read() throws IOException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + " is too long; write it again with 'amverdict rules --format … --apply'");
            }
            for (final String line : Files.readAllLines(file)) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    return Optional.of(RuleRequest.parse(words(line)));
                }
            }
            return Optional.empty();
        } catch (final NoSuchFileException e) {
            return Optional.empty();
        } catch (final IllegalArgumentException e) {
            throw new IOException(
                    file + " does not hold the options of rules: " + e.getMessage()
                            + "; write it again with 'amverdict rules --format … --apply'",
                    e);
        }
    }

    private static List<String> words(final String line) {
        return Arrays.asList(line.strip().split(" +", -1));
    }

    /** Writes it; does nothing if it says so already, so that a boot needs no writable file system for it. */
    public void write(final RuleRequest request) throws IOException {
        final String text = COMMENT + request + "\n";
        if (Files.isRegularFile(file)
                && Files.size(file) <= BYTES_MAX
                && Files.readString(file).equals(text)) {
            return;
        }
        final Path directory = file.getParent();
        if (directory == null) {
            throw new IOException(file + " has no directory");
        }
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, DIRECTORY);
        }
        // A new file under a name that nobody has, since the directory may belong to the service's user.
        final Path temporary = Files.createTempFile(directory, NAME + ".", ".new", FILE);
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Deletes it, if there is one. */
    public void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
