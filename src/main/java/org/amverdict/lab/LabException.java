package org.amverdict.lab;

import java.io.IOException;

/** The lab's namespaces or rules cannot be made on this machine; says which command failed and how. */
public final class LabException extends IOException {
    private static final long serialVersionUID = 1L;

    LabException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
