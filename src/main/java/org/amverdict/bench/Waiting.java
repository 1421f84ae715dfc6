package org.amverdict.bench;

import java.io.InterruptedIOException;

/** Waiting, of which an interruption is one more way to fail. */
final class Waiting {
    private Waiting() {}

    static void millis(final long millis) throws InterruptedIOException {
        try {
            Thread.sleep(millis);
        } catch (final InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Waits to be notified, at most so long; the caller holds the monitor and looks again. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    static void on(final Object monitor, final long millis) throws InterruptedIOException {
        try {
            monitor.wait(millis);
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
