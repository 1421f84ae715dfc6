package org.amverdict.bench;

import java.io.InterruptedIOException;

/** Waiting that treats an interruption as one more failure. */
final class Waiting {
    private Waiting() {}

    static void millis(final long millis) throws InterruptedIOException {
        try {
            Thread.sleep(millis);
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    static InterruptedIOException interrupted(final InterruptedException cause) {
        Thread.currentThread().interrupt();
        final InterruptedIOException failure = new InterruptedIOException("interrupted");
        failure.initCause(cause);
        return failure;
    }
}
