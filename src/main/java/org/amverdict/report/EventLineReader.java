package org.amverdict.report;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one event file, compressed or not; what it is shows in its first bytes, not in its name. Formats other than
 * gzip are read through the program that unpacks them. A line of more than {@link #LINE_MAX} bytes is no event and is left
 * out. For one thread; close it.
 */
final class EventLineReader implements AutoCloseable {
    static final int LINE_MAX = 1 << 18;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAGIC_BYTES = 6;
    private static final String BEGINNING = "{\"timestamp\":\"";
    /** 2026-11-30T18:00:00.000Z. */
    private static final int TIME_LENGTH = 24;

    private final InputStream in;
    private final @Nullable Process unpacker;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int limit;
    private byte[] begun = new byte[0];
    private boolean cut;

    private EventLineReader(final InputStream in, final @Nullable Process unpacker) {
        this.in = in;
        this.unpacker = unpacker;
    }

    /** A format, its first bytes, and what unpacks it. */
    private enum Packing {
        GZIP("\u001f\u008b", "", ""),
        XZ("\u00fd7zXZ\0", "xz", "xz-utils"),
        BZIP2("BZh", "bzip2", "bzip2"),
        ZSTD("(\u00b5/\u00fd", "zstd", "zstd"),
        LZ4("\u0004\"M\u0018", "lz4", "lz4"),
        COMPRESS("\u001f\u009d", "gzip", "gzip");

        private final String magic;
        private final String program;
        private final String debianPackage;

        Packing(final String magic, final String program, final String debianPackage) {
            this.magic = magic;
            this.program = program;
            this.debianPackage = debianPackage;
        }

        private boolean begins(final byte[] first) {
            return text(first).startsWith(magic);
        }
    }

    static EventLineReader open(final Path file) throws IOException {
        final InputStream raw = Files.newInputStream(file);
        try {
            final byte[] first = raw.readNBytes(MAGIC_BYTES);
            final InputStream whole = new SequenceInputStream(new ByteArrayInputStream(first), raw);
            for (final Packing packing : Packing.values()) {
                if (packing.begins(first)) {
                    if (packing == Packing.GZIP) {
                        return new EventLineReader(new GZIPInputStream(whole, BUFFER_BYTES), null);
                    }
                    raw.close();
                    return unpack(file, packing);
                }
            }
            return new EventLineReader(whole, null);
        } catch (final IOException e) {
            raw.close();
            throw e;
        }
    }

    private static EventLineReader unpack(final Path file, final Packing packing) throws IOException {
        final Process process;
        try {
            process = new ProcessBuilder(List.of(
                            packing.program, "-dc", file.toAbsolutePath().toString()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (final IOException e) {
            throw new IOException(
                    "it needs " + packing.program + " to be unpacked; on Debian: apt-get install "
                            + packing.debianPackage,
                    e);
        }
        process.getOutputStream().close();
        return new EventLineReader(process.getInputStream(), process);
    }

    /**
     * The next line without its end, or null after the last one.
     *
     * @throws IOException also if the file ends in the middle of its compressed data; the lines before that were given
     */
    @Nullable String next() throws IOException {
        while (true) {
            final int end = end();
            if (end >= 0) {
                final String line = take(end);
                at = end + 1;
                if (line != null) {
                    return line;
                }
                continue;
            }
            keep();
            limit = in.read(buffer);
            at = 0;
            if (limit <= 0) {
                limit = 0;
                checkUnpacked();
                final String last = begun.length == 0 ? null : text(begun);
                begun = new byte[0];
                return last;
            }
        }
    }

    private void checkUnpacked() throws IOException {
        try {
            if (unpacker != null && unpacker.waitFor() != 0) {
                throw new EOFException();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int end() {
        for (int i = at; i < limit; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** The line that ends there, or null if it is too long. */
    private @Nullable String take(final int end) {
        final boolean whole = !cut && begun.length + end - at <= LINE_MAX;
        cut = false;
        if (begun.length == 0) {
            return whole ? new String(buffer, at, end - at, StandardCharsets.ISO_8859_1) : null;
        }
        final byte[] line = Arrays.copyOf(begun, begun.length + end - at);
        System.arraycopy(buffer, at, line, begun.length, end - at);
        begun = new byte[0];
        return whole ? text(line) : null;
    }

    /** Keeps the beginning of a line whose end is not read yet. */
    private void keep() {
        if (limit <= at) {
            return;
        }
        if (cut || begun.length + limit - at > LINE_MAX) {
            cut = true;
            begun = new byte[0];
            return;
        }
        final int length = begun.length;
        begun = Arrays.copyOf(begun, length + limit - at);
        System.arraycopy(buffer, at, begun, length, limit - at);
    }

    private static String text(final byte[] line) {
        return new String(line, StandardCharsets.ISO_8859_1);
    }

    /** The timestamp of a line of the event log, which also orders the lines; empty if it is no such line. */
    static String time(final String line) {
        final int end = BEGINNING.length() + TIME_LENGTH;
        return line.startsWith(BEGINNING) && line.length() > end && line.charAt(end - 1) == 'Z'
                ? line.substring(BEGINNING.length(), end)
                : "";
    }

    /** What to tell about a file that cannot be read, or not to its end. */
    static String problem(final Path file, final IOException e) {
        final String why;
        if (e instanceof AccessDeniedException) {
            why = "this user may not read it; ask as root";
        } else if (e instanceof NoSuchFileException) {
            why = "it is not there";
        } else if (e instanceof EOFException || e instanceof ZipException) {
            why = "its compressed data is damaged or cut, so what follows there is missing";
        } else {
            why = e.getMessage() == null ? e.toString() : e.getMessage();
        }
        return file + ": " + why;
    }

    @Override
    public void close() throws IOException {
        in.close();
        if (unpacker != null) {
            unpacker.destroy();
        }
    }
}
