package org.amverdict.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.amverdict.text.FileFailure;
import org.jspecify.annotations.Nullable;

/**
 * A file to which lines are appended. Lines that cannot be written are counted as lost and reported once; writing is
 * retried every ten seconds. A new file is started when the file has been moved away, as logrotate does, or
 * {@link #reopen} is called.
 *
 * <p>For one thread, except {@link #reopen} and {@link #lost}, which any thread may call. A line waits for at most a
 * second.
 */
public final class EventFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long FLUSH_NANOS = 500_000_000L;
    private static final long LOOK_NANOS = 1_000_000_000L;
    private static final long RETRY_NANOS = 10_000_000_000L;
    private static final byte LF = '\n';

    private final Path file;
    private final Consumer<String> log;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private @Nullable FileChannel channel;
    private @Nullable Map<String, Object> identity;
    private boolean failing;
    /** The last write ended within a line. */
    private boolean torn;

    private long retryNanos;
    private long flushedNanos;
    private long lookedNanos;
    private volatile boolean reopen;
    private final AtomicLong lost = new AtomicLong();

    /** @param log gets a line for the operator when writing fails, and when it works again */
    public EventFile(final Path file, final Consumer<String> log, final long nowNanos) {
        this.file = file;
        this.log = log;
        retryNanos = nowNanos;
        flushedNanos = nowNanos;
        lookedNanos = nowNanos;
    }

    /** Appends a line, given without its end. */
    void append(final String line, final long nowNanos) {
        final byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > buffer.remaining()) {
            flush(nowNanos);
        }
        if (bytes.length > buffer.remaining()) {
            lost.incrementAndGet();
            return;
        }
        buffer.put(bytes);
    }

    /** Writes what has waited long enough, and checks whether the file is still in place. */
    void tick(final long nowNanos) {
        if (nowNanos - flushedNanos >= FLUSH_NANOS) {
            flush(nowNanos);
        }
        if (reopen || nowNanos - lookedNanos >= LOOK_NANOS) {
            lookedNanos = nowNanos;
            if (reopen || isMoved()) {
                reopen = false;
                flush(nowNanos);
                closeChannel();
                retryNanos = nowNanos;
                // So that the new file exists after a move, even before there is an event.
                open(nowNanos);
            }
        }
    }

    /** Starts a new file at the next {@link #tick}. Any thread. */
    void reopen() {
        reopen = true;
    }

    /** Lines that could not be written, since the start. Any thread. */
    long lost() {
        return lost.get();
    }

    private void flush(final long nowNanos) {
        flushedNanos = nowNanos;
        buffer.flip();
        if (buffer.hasRemaining()) {
            write(nowNanos);
        }
        buffer.clear();
    }

    private void write(final long nowNanos) {
        final FileChannel open = open(nowNanos);
        if (open == null) {
            lost.addAndGet(linesLeft());
            return;
        }
        try {
            if (torn) {
                open.write(ByteBuffer.wrap(new byte[] {LF}));
                torn = false;
            }
            while (buffer.hasRemaining()) {
                open.write(buffer);
            }
            recovered();
        } catch (final IOException e) {
            torn = buffer.position() > 0 && buffer.get(buffer.position() - 1) != LF;
            lost.addAndGet(linesLeft());
            failed(e, nowNanos);
            closeChannel();
        }
    }

    /** Lines whose end is not written yet. */
    private long linesLeft() {
        long lines = 0;
        for (int i = buffer.position(); i < buffer.limit(); i++) {
            lines += buffer.get(i) == LF ? 1 : 0;
        }
        return lines;
    }

    private @Nullable FileChannel open(final long nowNanos) {
        if (channel != null || nowNanos - retryNanos < 0) {
            return channel;
        }
        try {
            final Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
            }
            final boolean isNew = !Files.exists(file);
            final FileChannel opened = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            channel = opened;
            if (isNew) {
                // Regardless of the umask.
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            }
            identity = identity();
            recovered();
        } catch (final IOException | UnsupportedOperationException e) {
            closeChannel();
            failed(e, nowNanos);
        }
        return channel;
    }

    private static String reason(final Exception e) {
        return e instanceof IOException failure ? FileFailure.of(failure) : e.toString();
    }

    private void failed(final Exception e, final long nowNanos) {
        retryNanos = nowNanos + RETRY_NANOS;
        if (!failing) {
            failing = true;
            log.accept("events: " + file + " cannot be written, so events are lost and counted: " + reason(e));
        }
    }

    private void recovered() {
        if (failing) {
            failing = false;
            log.accept("events: " + file + " is written again, " + lost + " events are lost");
        }
    }

    private boolean isMoved() {
        if (channel == null) {
            return false;
        }
        try {
            return !identity().equals(identity);
        } catch (final NoSuchFileException e) {
            return true;
        } catch (final IOException e) {
            return false;
        }
    }

    private Map<String, Object> identity() throws IOException {
        return Files.readAttributes(file, "unix:dev,ino");
    }

    private void closeChannel() {
        if (channel != null) {
            try {
                channel.close();
            } catch (final IOException e) {
                log.accept("events: " + file + ": " + FileFailure.of(e));
            }
            channel = null;
        }
    }

    /** Writes what is left. */
    void close(final long nowNanos) {
        flush(nowNanos);
        closeChannel();
    }

    @Override
    public void close() {
        close(flushedNanos);
    }
}
