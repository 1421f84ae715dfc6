package org.amverdict.bench;

import java.io.IOException;
import java.util.List;

/** Programs that a measurement needs are not in the PATH; nothing was measured. */
public final class MissingToolException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param missing each with its package */
    MissingToolException(final List<String> missing) {
        super("missing in the PATH: " + String.join(", ", missing));
    }
}
