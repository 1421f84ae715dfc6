package org.amverdict.telemetry;

import org.amverdict.json.JsonLine;

/**
 * The status of a running program: what runs, the configuration in force, and the {@link Figures} that belong to it. Any
 * thread.
 */
public final class StatusReports {
    private static final long MILLIS_PER_SECOND = 1000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final SharedFigures shared;
    private final TelemetrySources sources;

    public StatusReports(final SharedFigures shared) {
        this.shared = shared;
        sources = shared.sources();
    }

    /** The current status: one line of JSON, as status.schema.json says. */
    public String now() {
        final long nowMillis = System.currentTimeMillis();
        final Reading reading = new Reading(sources);
        final TelemetrySources.Program program = sources.program();
        final TelemetrySources.Config config = program.config();
        final JsonLine line = new JsonLine()
                .addTimestamp("timestamp", nowMillis)
                .add("version", program.version())
                .add("java", System.getProperty("java.version", "unknown"))
                .add("pid", ProcessHandle.current().pid())
                .add("ready", reading.missing().isEmpty())
                .add("mode", config.enforcing().getAsBoolean() ? "enforce" : "monitor")
                .addTimestamp("started", program.startEpochMillis())
                .addSeconds("uptime_seconds", Math.max(0, nowMillis - program.startEpochMillis()) * NANOS_PER_MILLI)
                .openObject("config")
                .add("file", config.file())
                .addTimestamp("loaded", config.lastReloadEpochSeconds().getAsLong() * MILLIS_PER_SECOND)
                .add("last_reload_successful", config.lastReloadSuccessful().getAsBoolean())
                .add("last_reload_message", config.lastReloadMessage().get())
                .closeObject();
        final TelemetrySources.SeenRules rules = program.rules().seen().get();
        line.openObject("rules").add("standing", rules.standing());
        final Boolean inPlace = rules.inPlace();
        if (inPlace != null) {
            line.add("in_place", inPlace);
        }
        line.add("message", rules.message())
                .add("restored", program.rules().restored().getAsLong())
                .closeObject();
        shared.figures().addStatus(reading, line);
        return line.end();
    }
}
