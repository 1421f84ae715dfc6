package org.amverdict.suggest;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.amverdict.json.JsonObject;
import org.amverdict.text.FileFailure;

/** The event log and what logrotate made of its earlier parts, compressed or not. Stateless. */
public final class EventFiles {
    private static final int FILES_MAX = 1000;
    private static final int GZIP_FIRST = 0x1f;
    private static final int GZIP_SECOND = 0x8b;

    private EventFiles() {}

    /** That file and its siblings whose names go on after its own, oldest first. */
    public static List<Path> rotated(final Path file) throws IOException {
        final Path directory = file.toAbsolutePath().getParent();
        final Path name = file.getFileName();
        if (directory == null || name == null || !Files.isDirectory(directory)) {
            return List.of(file);
        }
        final TreeMap<Long, Path> byTime = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (final Path entry : entries) {
                final String each = String.valueOf(entry.getFileName());
                if (each.startsWith(name.toString()) && Files.isRegularFile(entry) && byTime.size() < FILES_MAX) {
                    long changed = Files.getLastModifiedTime(entry).toMillis();
                    while (byTime.putIfAbsent(changed, entry) != null) {
                        changed++;
                    }
                }
            }
        }
        return byTime.isEmpty() ? List.of(file) : new ArrayList<>(byTime.values());
    }

    /**
     * Hands on each event of a file; a line that is no event is left out.
     *
     * @throws IOException if it cannot be read; the message names it
     */
    public static void read(final Path file, final Consumer<JsonObject> events) throws IOException {
        try (PushbackInputStream in = new PushbackInputStream(Files.newInputStream(file), 2);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(unpacked(in), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                add(line, events);
            }
        } catch (final EOFException | ZipException e) {
            throw new IOException(file + ": its compressed data is damaged, or cut", e);
        } catch (final IOException e) {
            throw new IOException(file + ": " + FileFailure.of(e), e);
        }
    }

    private static void add(final String line, final Consumer<JsonObject> events) {
        final JsonObject event;
        try {
            event = JsonObject.parse(line);
        } catch (final IllegalArgumentException e) {
            return; // the last line of a program that was killed
        }
        if (event.has("event_type")) {
            events.accept(event);
        }
    }

    private static InputStream unpacked(final PushbackInputStream in) throws IOException {
        final byte[] first = in.readNBytes(2);
        in.unread(first);
        final boolean gzip = first.length == 2 && (first[0] & 0xff) == GZIP_FIRST && (first[1] & 0xff) == GZIP_SECOND;
        return gzip ? new GZIPInputStream(in) : in;
    }
}
