package org.amverdict.replay;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of one capture, read once from front to back; knows its name and position for messages. */
final class CaptureInput implements Closeable {
    private static final int READ_AHEAD_BYTES = 64 * 1024;

    private final String name;
    private final InputStream in;
    private long position;

    CaptureInput(final String name, final InputStream in) {
        this.name = name;
        this.in = new BufferedInputStream(in, READ_AHEAD_BYTES);
    }

    /** Bytes read so far. */
    long position() {
        return position;
    }

    /** Reads {@code length} bytes, fewer only at the end of the file; returns how many. */
    int read(final byte[] into, final int at, final int length) throws CaptureException {
        try {
            final int count = in.readNBytes(into, at, length);
            position += count;
            return count;
        } catch (final IOException e) {
            throw unreadable(e);
        }
    }

    /** Skips {@code length} bytes; false when the file ends first. */
    boolean skip(final long length) throws CaptureException {
        try {
            long left = length;
            while (left > 0) {
                final long skipped = in.skip(left);
                if (skipped > 0) {
                    left -= skipped;
                    position += skipped;
                } else if (in.read() >= 0) {
                    left--;
                    position++;
                } else {
                    return false;
                }
            }
            return true;
        } catch (final IOException e) {
            throw unreadable(e);
        }
    }

    private CaptureException unreadable(final IOException e) {
        final CaptureException named = error(position, "cannot be read: " + e.getMessage());
        named.initCause(e);
        return named;
    }

    /** A message about what was found at {@code offset}. */
    String message(final long offset, final String found) {
        return name + ": offset " + offset + ": " + found;
    }

    CaptureException error(final long offset, final String found) {
        return new CaptureException(message(offset, found));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
