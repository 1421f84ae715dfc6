package org.amverdict.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * The one catalogue of a program, for its metrics, its status and its event log. It is declared on first use, to keep the
 * startup short. Made by the command that wires the program; any thread.
 */
public final class SharedFigures {
    private final TelemetrySources sources;
    private @Nullable Figures figures;

    public SharedFigures(final TelemetrySources sources) {
        this.sources = sources;
    }

    TelemetrySources sources() {
        return sources;
    }

    synchronized Figures figures() {
        Figures known = figures;
        if (known == null) {
            known = new Figures(sources);
            figures = known;
        }
        return known;
    }
}
