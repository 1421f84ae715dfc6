package org.amverdict.cli;

import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.log.LogFields;
import org.amverdict.log.LogSetup;

/**
 * What {@code run} says about itself: plain lines on stderr, or, if the log is JSON, lines of the log, so that its reader
 * needs to understand one format only. Any thread.
 */
final class RunReport {
    private static final Logger LOG = System.getLogger("org.amverdict");

    private final PrintWriter err;

    RunReport(final PrintWriter err) {
        this.err = err;
    }

    /** An error or a warning about the configuration. */
    void problem(final ConfigurationProblem problem) {
        if (LogSetup.isJson()) {
            log(problem);
        } else {
            err.println(problem.format());
            err.flush();
        }
    }

    /** Writes a problem to the log: its lines with the caret, or in JSON its message with the place as fields. */
    static void log(final ConfigurationProblem problem) {
        final Level level = problem.severity() == ConfigurationProblem.Severity.ERROR ? Level.ERROR : Level.WARNING;
        if (LogSetup.isJson()) {
            LOG.log(
                    level,
                    problem.message(),
                    new LogFields()
                            .with("event_type", "configuration")
                            .with("file", problem.file())
                            .with("line", problem.line())
                            .with("column", problem.column()));
        } else {
            // One line each, since the log escapes line ends.
            problem.format().lines().forEach(line -> LOG.log(level, line));
        }
    }

    /** Why it does not start, or ends. */
    void failure(final String message, final int exitCode) {
        if (LogSetup.isJson()) {
            LOG.log(
                    Level.ERROR,
                    message,
                    new LogFields().with("event_type", "exit").with("exit_code", exitCode));
        } else {
            err.println((message.startsWith("amverdict ") ? "" : "amverdict: ") + message);
            err.flush();
        }
    }

    /** That packets are judged from now on. */
    void ready(final String line, final String queues, final String mode) {
        if (LogSetup.isJson()) {
            LOG.log(
                    Level.INFO,
                    line,
                    new LogFields()
                            .with("event_type", "start")
                            .with("queues", queues)
                            .with("mode", mode));
        } else {
            err.println(line);
            err.flush();
        }
    }
}
