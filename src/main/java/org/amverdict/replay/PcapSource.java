package org.amverdict.replay;

import io.netty.buffer.ByteBuf;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.PacketBatch;
import org.amverdict.engine.PacketSource;
import org.jspecify.annotations.Nullable;

/**
 * The packets of captures, one file after the other, one packet per batch, so that each is judged at its own time. Ids
 * count from 1 across all files; datagrams that were merged before the capture come one by one, under the id of their
 * packet. Not thread-safe.
 */
public final class PcapSource implements PacketSource, Closeable {

    private final List<Path> files;
    private final List<String> warnings = new ArrayList<>();
    private final MergedDatagrams merged = new MergedDatagrams();
    private int parts;
    private int nextPart;
    private boolean mergedSaid;
    private @Nullable PcapReader reader;
    private int nextFile;
    private int lastId;
    private long timestampNanos = Long.MIN_VALUE;
    private boolean backwards;
    private long skippedFrames;
    private long cutPackets;
    private int cutAtBytes;

    /** @param files captures in the order in which they were taken */
    public PcapSource(final List<Path> files) {
        this.files = List.copyOf(files);
    }

    /**
     * Puts the next packet into the batch; never waits.
     *
     * @return 1, or -1 after the last packet of the last file
     * @throws UncheckedIOException when a file cannot be read; the cause names it
     */
    @Override
    public int receive(final PacketBatch batch, final int timeoutMillis) {
        if (nextPart < parts) {
            addPart(batch);
            return 1;
        }
        try {
            final PcapReader current = nextPacket();
            if (current == null) {
                return -1;
            }
            advance(current.timestampNanos());
            lastId++;
            parts = merged.look(current.buffer(), current.offset(), current.length(), current.originalLength());
            nextPart = 0;
            if (parts > 1) {
                sayMerged();
                addPart(batch);
                return 1;
            }
            nextPart = parts;
            batch.reset(current.buffer());
            batch.add(lastId)
                    .setBytes(current.offset(), current.length())
                    .setOriginalLength(current.originalLength())
                    .setFlags(PacketBatch.CHECKSUM_MAY_BE_PARTIAL);
            return 1;
        } catch (final IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private void addPart(final PacketBatch batch) {
        final ByteBuf part = merged.part(nextPart);
        nextPart++;
        batch.reset(part);
        final int length = part.readableBytes();
        batch.add(lastId).setBytes(0, length).setFlags(PacketBatch.CHECKSUM_NOT_READY);
    }

    private void sayMerged() {
        if (!mergedSaid) {
            mergedSaid = true;
            warnings.add("packet " + lastId + " of " + files.get(nextFile - 1) + " is " + parts
                    + " datagrams that were merged before they were captured: each is judged by itself, as the kernel queues"
                    + " them");
        }
    }

    /** The reader, standing at the next packet; null when no file has one. */
    private @Nullable PcapReader nextPacket() throws IOException {
        while (true) {
            if (reader == null) {
                if (nextFile == files.size()) {
                    return null;
                }
                reader = PcapReader.open(files.get(nextFile));
                nextFile++;
            }
            if (reader.next()) {
                return reader;
            }
            close();
        }
    }

    private void advance(final long packetNanos) {
        if (packetNanos >= timestampNanos) {
            timestampNanos = packetNanos;
        } else if (!backwards) {
            backwards = true;
            warnings.add("packet " + (lastId + 1) + " of " + files.get(nextFile - 1)
                    + " is older than the one before it: such packets are judged at the time of the newest");
        }
    }

    /**
     * Time of the current batch, nanoseconds since 1970. Never goes back, as the engine's clock must not: a packet
     * recorded out of order gets the time of the newest one before it.
     */
    public long timestampNanos() {
        return timestampNanos;
    }

    /** Packets delivered. */
    public int packets() {
        return lastId;
    }

    /** Frames without an IP packet, of all files so far. */
    public long skippedFrames() {
        return skippedFrames + (reader == null ? 0 : reader.skippedFrames());
    }

    /** Packets of which only the beginning was captured, of all files so far. */
    public long cutPackets() {
        return cutPackets + (reader == null ? 0 : reader.cutPackets());
    }

    /** The most bytes of a frame that was cut, which is the snap length; 0 if none was. */
    public int cutAtBytes() {
        return Math.max(cutAtBytes, reader == null ? 0 : reader.cutAtBytes());
    }

    /** What was odd about the finished files; at most 17 entries per file. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Closes the file being read, keeping its figures. */
    @Override
    public void close() throws IOException {
        final PcapReader current = reader;
        if (current != null) {
            reader = null;
            skippedFrames += current.skippedFrames();
            cutPackets += current.cutPackets();
            cutAtBytes = Math.max(cutAtBytes, current.cutAtBytes());
            warnings.addAll(current.warnings());
            current.close();
        }
    }
}
