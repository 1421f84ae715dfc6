package org.amverdict.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.CRC32C;

/** Sends unpredictable bytes from one socket to another, each end on its own thread, with a checksum at both. */
public final class BulkTransfer implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 16;
    /** Keeps an endless transfer at a rate that a machine full of tests can carry: 30 MB/s. */
    private static final long ENDLESS_PAUSE_MS = 2;

    private static final long ENDLESS_BYTES_MAX = 1L << 30;

    private final Socket to;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final Future<Sum> sent;
    private final Future<Sum> received;
    private volatile boolean ending;
    private volatile long receivedBytes;

    /** What one end has seen of the transfer. */
    public record Sum(long bytes, long crc) {}

    private BulkTransfer(final Socket from, final Socket to, final long bytes, final long pauseMs) {
        this.to = to;
        sent = threads.submit((Callable<Sum>) () -> send(from, bytes, pauseMs));
        received = threads.submit(this::receive);
    }

    /** Sends that many bytes and the end of the stream; returns when both have arrived. */
    public static void run(final Socket from, final Socket to, final long bytes, final long timeoutMs)
            throws IOException {
        try (BulkTransfer transfer = new BulkTransfer(from, to, bytes, 0)) {
            transfer.awaitEnd(timeoutMs);
        }
    }

    /** Sends until {@link #finish}. */
    public static BulkTransfer endless(final Socket from, final Socket to) {
        return new BulkTransfer(from, to, ENDLESS_BYTES_MAX, ENDLESS_PAUSE_MS);
    }

    private Sum send(final Socket from, final long bytes, final long pauseMs) throws IOException, InterruptedException {
        final SplittableRandom random = new SplittableRandom(bytes);
        final CRC32C crc = new CRC32C();
        final byte[] chunk = new byte[CHUNK_BYTES];
        final OutputStream out = from.getOutputStream();
        long total = 0;
        while (total < bytes && !ending) {
            random.nextBytes(chunk);
            final int length = (int) Math.min(chunk.length, bytes - total);
            out.write(chunk, 0, length);
            crc.update(chunk, 0, length);
            total += length;
            if (pauseMs > 0) {
                Thread.sleep(pauseMs);
            }
        }
        from.shutdownOutput();
        return new Sum(total, crc.getValue());
    }

    private Sum receive() throws IOException {
        final CRC32C crc = new CRC32C();
        final byte[] chunk = new byte[CHUNK_BYTES];
        final InputStream in = to.getInputStream();
        to.setSoTimeout(0);
        long total = 0;
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            crc.update(chunk, 0, read);
            total += read;
            receivedBytes = total;
        }
        return new Sum(total, crc.getValue());
    }

    /** Bytes that have arrived so far. */
    public long received() {
        return receivedBytes;
    }

    /**
     * Makes the sender end the stream and waits until the receiver has seen the end; fails unless every byte is right.
     */
    public Sum finish(final long timeoutMs) throws IOException {
        ending = true;
        return awaitEnd(timeoutMs);
    }

    private Sum awaitEnd(final long timeoutMs) throws IOException {
        try {
            final Sum arrived = received.get(timeoutMs, TimeUnit.MILLISECONDS);
            final Sum given = sent.get(timeoutMs, TimeUnit.MILLISECONDS);
            if (!arrived.equals(given)) {
                throw new IOException("sent " + given + ", received " + arrived);
            }
            return arrived;
        } catch (final TimeoutException e) {
            throw new IOException("stopped after " + receivedBytes + " bytes", e);
        } catch (final ExecutionException e) {
            throw new IOException("broken after " + receivedBytes + " bytes: " + e.getCause(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Ends the threads; the caller that opened the sockets closes them. */
    @Override
    public void close() throws IOException {
        ending = true;
        threads.shutdownNow();
        if (!received.isDone()) {
            to.close();
        }
    }
}
