package org.amverdict.http;

import java.nio.ByteBuffer;

/**
 * Finds the end of a request's head while the head arrives. It looks at each byte once, however small the pieces are:
 * otherwise a client that sends single bytes would cost the square of what it sends. For one connection.
 */
final class HeadEnd {
    private int at;
    private int lineStart;
    private boolean begun;
    private int bytes;

    /**
     * The end of the head that begins at 0.
     *
     * @param in up to its position; at each call the same bytes as before, and what came since
     * @return the number of its bytes with the empty line; 0 if that has not come yet
     */
    int find(final ByteBuffer in) {
        while (bytes == 0 && at < in.position()) {
            if (in.get(at) == '\n') {
                final boolean empty = at == lineStart || (at == lineStart + 1 && in.get(lineStart) == '\r');
                // Empty lines before a request are ignored (RFC 9112, 2.2).
                if (empty && begun) {
                    bytes = at + 1;
                }
                begun |= !empty;
                lineStart = at + 1;
            }
            at++;
        }
        return bytes;
    }

    /** The head was taken out; the next one begins at 0. */
    void restart() {
        at = 0;
        lineStart = 0;
        begun = false;
        bytes = 0;
    }
}
