package org.amverdict.state;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.amverdict.text.FileFailure;
import org.amverdict.track.Durations;
import org.amverdict.track.SavedRows;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * The tables in a file: transactions, expectations and flows with the time they have left. All numbers are big endian.
 *
 * <pre>
 * magic "AMVSTATE", int version, long milliseconds since 1970 and long nanoseconds since the kernel started when it was
 * saved, two strings of {@link Origin}, long number of the last transaction,
 * for each table: int longs in a row, then for each row a byte 1 and its longs, then a byte 0,
 * long CRC-32C of all before it
 * </pre>
 *
 * Used by one thread, while no worker runs.
 */
public final class StateFile {
    /** Raise this when a table's words, a service or a stream name change their meaning. */
    private static final int VERSION = 3;

    private static final long MAGIC = 0x414d_5653_5441_5445L;
    private static final int CHECKSUM_BYTES = Long.BYTES;
    private static final int HEADER_MAX = 1024;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final FileAttribute<?> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<?> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;

    public StateFile(final Path file) {
        this.file = file;
    }

    /**
     * How many records went into the file or came back from it.
     *
     * @param transactions requests under way
     * @param expectations announced streams without a connection so far
     * @param flows connections
     */
    public record Content(int transactions, int expectations, int flows) {
        @Override
        public String toString() {
            return flows + " flows, " + expectations + " expectations, " + transactions + " transactions";
        }
    }

    /**
     * Writes the tables; the old contents stay until all is written.
     *
     * @throws IOException if it cannot be written; the message names the file
     */
    public Content save(final Tables tables, final Moment now) throws IOException {
        final Path directory = parent();
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PRIVATE_DIRECTORY);
        }
        final Path temporary = Files.createTempFile(directory, file.getFileName() + ".", ".new", PRIVATE_FILE);
        try {
            final Content content = write(temporary, tables, now);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return content;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private Path parent() {
        final Path directory = file.toAbsolutePath().getParent();
        return directory == null ? Path.of("/") : directory;
    }

    private static Content write(final Path target, final Tables tables, final Moment now) throws IOException {
        final CRC32C checksum = new CRC32C();
        try (FileOutputStream bytes = new FileOutputStream(target.toFile());
                DataOutputStream out = new DataOutputStream(
                        new CheckedOutputStream(new BufferedOutputStream(bytes, BUFFER_BYTES), checksum))) {
            final Origin here = Origin.here();
            out.writeLong(MAGIC);
            out.writeInt(VERSION);
            out.writeLong(now.epochMillis());
            out.writeLong(now.bootNanos());
            out.writeUTF(here.boot());
            out.writeUTF(here.network());
            final int transactions;
            tables.control().lock();
            try {
                out.writeLong(tables.transactions().lastNumber());
                transactions = writeRows(tables.transactions(), now.nanos(), out);
            } finally {
                tables.control().unlock();
            }
            final Content content = new Content(
                    transactions,
                    writeRows(tables.expectations(), now.nanos(), out),
                    writeRows(tables.flows(), now.nanos(), out));
            out.writeLong(checksum.getValue());
            out.flush();
            bytes.getFD().sync();
            return content;
        }
    }

    private static int writeRows(final SavedRows table, final long nowNanos, final DataOutputStream out)
            throws IOException {
        final int[] count = new int[1];
        out.writeInt(table.rowWords());
        try {
            table.save(nowNanos, row -> {
                try {
                    out.writeByte(1);
                    for (final long word : row) {
                        out.writeLong(word);
                    }
                    count[0]++;
                } catch (final IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (final UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
        out.writeByte(0);
        return count[0];
    }

    /**
     * Restores what the file holds. All of it is checked before any of it is restored. The file stays until
     * {@link #remove}: a program that is killed before it judges has changed nothing.
     *
     * <p>What the current policy forbids comes back too: {@link org.amverdict.engine.PolicyRevocation} removes it.
     *
     * @return what is in the tables afterward; null if there is no file
     * @throws StateException if the file cannot be used; it is kept next to the original, with the ending {@code .bad}
     */
    public @Nullable Content load(final Tables tables, final Moment now) throws StateException {
        try {
            check(tables);
            read(tables, now, false);
            if (!Files.isWritable(parent())) {
                throw new IOException("it cannot be removed afterwards, and would come back twice");
            }
            read(tables, now, true);
            return new Content(
                    tables.transactions().size(),
                    tables.expectations().size(),
                    tables.flows().size());
        } catch (final NoSuchFileException e) {
            return null;
        } catch (final IOException e) {
            throw new StateException(putAside(e instanceof EOFException ? "it ends too early" : FileFailure.of(e)));
        }
    }

    /**
     * Removes the file, so that nothing comes back twice.
     *
     * @throws IOException if it exists and cannot be removed
     */
    public void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public String toString() {
        return file.toString();
    }

    private String putAside(final @Nullable String why) {
        final Path aside = file.resolveSibling(file.getFileName() + ".bad");
        String kept;
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            kept = "it is kept as " + aside;
        } catch (final IOException e) {
            kept = "and it cannot be moved away: " + FileFailure.of(e);
        }
        return "the saved state in " + file + " was not loaded, so earlier connections are unknown: " + why + "; "
                + kept;
    }

    /** Length and checksum. */
    private void check(final Tables tables) throws IOException {
        long most = HEADER_MAX;
        for (final SavedRows table : new SavedRows[] {tables.transactions(), tables.expectations(), tables.flows()}) {
            most += Integer.BYTES + 1 + (long) SavedRows.ROWS_MAX * (1 + (long) table.rowWords() * Long.BYTES);
        }
        final long size = Files.size(file);
        if (size > most) {
            throw new IOException("its " + size + " bytes are more than any tables hold");
        }
        final CRC32C checksum = new CRC32C();
        try (DataInputStream in = new DataInputStream(open(checksum))) {
            final byte[] buffer = new byte[BUFFER_BYTES];
            for (long left = size - CHECKSUM_BYTES; left > 0; ) {
                final int chunk = (int) Math.min(left, buffer.length);
                in.readFully(buffer, 0, chunk);
                left -= chunk;
            }
            final long expected = checksum.getValue();
            if (in.readLong() != expected) {
                throw new IOException("its checksum is wrong");
            }
        }
    }

    private InputStream open(final CRC32C checksum) throws IOException {
        return new CheckedInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES), checksum);
    }

    /** @param enter false only checks that all of it can be read, so that nothing is restored in part */
    private void read(final Tables tables, final Moment now, final boolean enter) throws IOException {
        try (DataInputStream in = new DataInputStream(open(new CRC32C()))) {
            if (in.readLong() != MAGIC) {
                throw new IOException("it is no state of amverdict");
            }
            final int version = in.readInt();
            if (version != VERSION) {
                throw new IOException("it is of version " + version + ", this program writes " + VERSION);
            }
            final long epochMillis = in.readLong();
            final long bootNanos = in.readLong();
            final Origin origin = new Origin(in.readUTF(), in.readUTF());
            final Origin here = Origin.here();
            if (here.isElsewhere(origin)) {
                throw new IOException("it was saved in another network namespace");
            }
            final boolean sameBoot = here.isSameBoot(origin);
            final long elapsedNanos = now.since(bootNanos, epochMillis, sameBoot, Durations.ELAPSED_MAX_NANOS);
            final Scratch scratch = new Scratch(tables.operatorEndings());
            final Restorer restorer = new Restorer(in, enter, scratch, elapsedNanos, sameBoot, now.nanos());
            tables.control().lock();
            try {
                final long lastNumber = in.readLong();
                if (enter) {
                    tables.transactions().countOnFrom(lastNumber);
                }
                restorer.rows(tables.transactions());
            } finally {
                tables.control().unlock();
            }
            restorer.rows(tables.expectations());
            restorer.rows(tables.flows());
        }
    }

    /** Reads rows, and enters them if it is to. */
    private record Restorer(
            DataInputStream in, boolean enter, Scratch scratch, long elapsedNanos, boolean keepSides, long nowNanos) {
        void rows(final SavedRows table) throws IOException {
            final int words = in.readInt();
            if (words != table.rowWords()) {
                throw new IOException("its rows have " + words + " words, not " + table.rowWords());
            }
            final long[] row = new long[words];
            while (in.readByte() != 0) {
                for (int i = 0; i < words; i++) {
                    row[i] = in.readLong();
                }
                if (enter) {
                    table.restore(scratch, row, elapsedNanos, keepSides, nowNanos);
                }
            }
        }
    }
}
