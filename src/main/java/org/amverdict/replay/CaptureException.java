package org.amverdict.replay;

import java.io.IOException;
import java.io.Serial;

/** A capture that cannot be read. The message names the file, the offset in it and what was found there. */
public final class CaptureException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    CaptureException(final String message) {
        super(message);
    }
}
