package org.amverdict.eventfiles;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one event file, compressed or not; what it is shows in its first bytes, not in its name. Formats other than
 * gzip are read through the program that unpacks them. A line of more than {@link #LINE_MAX} bytes is no event; it is left
 * out and counted. For one thread; close it.
 */
public final class EventLineReader implements AutoCloseable {
    /** Most bytes of a line. */
    static final int LINE_MAX = 1 << 18;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAGIC_BYTES = 6;
    private static final String KEY = "\"timestamp\":";
    private static final String BEGINNING = "{" + KEY;
    /** 2026-11-30T18:00:00.000Z. */
    private static final int TIME_LENGTH = 24;

    private final InputStream in;
    private final @Nullable Process unpacker;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int limit;
    private byte[] begun = new byte[0];
    private boolean cut;
    private long longLines;

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
                return last();
            }
        }
    }

    /** A line that the end of the file ends, or null. */
    private @Nullable String last() {
        longLines += cut ? 1 : 0;
        cut = false;
        final String last = begun.length == 0 ? null : text(begun);
        begun = new byte[0];
        return last;
    }

    /** Lines that were left out so far because they are too long. */
    long longLines() {
        return longLines;
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
        final byte[] beginning = begun;
        final int length = beginning.length + end - at;
        begun = new byte[0];
        if (cut || length > LINE_MAX) {
            cut = false;
            longLines++;
            return null;
        }
        if (beginning.length == 0) {
            return new String(buffer, at, end - at, StandardCharsets.ISO_8859_1);
        }
        final byte[] line = Arrays.copyOf(beginning, length);
        System.arraycopy(buffer, at, line, beginning.length, end - at);
        return text(line);
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

    /**
     * The timestamp of a line of the event log, which also orders the lines; empty if it is no such line. The log has it
     * first; a program that has written the lines again may not.
     */
    public static String time(final String line) {
        final int key = line.startsWith(BEGINNING) ? BEGINNING.length() - KEY.length() : line.indexOf(KEY);
        if (key < 0) {
            return "";
        }
        int begin = key + KEY.length();
        while (begin < line.length() && (line.charAt(begin) == ' ' || line.charAt(begin) == '"')) {
            begin++;
        }
        final int end = begin + TIME_LENGTH;
        return line.length() > end && line.charAt(end - 1) == 'Z' ? line.substring(begin, end) : "";
    }

    @Override
    public void close() throws IOException {
        in.close();
        if (unpacker != null) {
            unpacker.destroy();
        }
    }
}
