package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.amverdict.console.ReportText;
import org.amverdict.host.ExitCode;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.report.NoEventsException;
import org.amverdict.report.Reports;
import org.amverdict.report.Span;
import org.amverdict.report.Times;
import org.amverdict.text.FileFailure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code amverdict report}: what happened last night. */
@Command(
        name = "report",
        description = {
            "Says what became of the dumps of a night: one line for each client, then each failure with its cause and"
                    + " what to do about it.",
            "Reads the event log and its rotated files, compressed ones included. No daemon needs to run."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:nothing failed in that time",
            "1:something failed",
            ExitList.USAGE,
            "69:there are no event files, or none can be read",
            "77:the event files are not for this user",
            "78:the configuration is invalid, so the event log is not known"
        })
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private final EventOptions events = new EventOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "Read these event files, in place of those that the configuration names.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Requests from then on: 18:00 (the last one before now), yesterday, 2026-11-30,"
                    + " \"2026-11-30 18:00\", or 12h for that long ago (default: 24h).")
    private String since = "24h";

    @Option(
            names = "--until",
            paramLabel = "TIME",
            description =
                    "Requests up to then, in the same forms; 06:00 is the first one after --since (default: now).")
    private @Nullable String until;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = "Only what this host has part in: an address or a name.")
    private @Nullable String host;

    @Option(names = "--failed", description = "Only the clients that had a failure.")
    private boolean failed;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        final ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        final Span span = span(now);
        final Set<String> hosts = hosts();
        final Path log = files.isEmpty() ? events.log() : Path.of("");
        if (log == null) {
            return events.exitCode();
        }
        final PrintWriter out = spec.commandLine().getOut();
        try {
            final String report = Reports.of(new Reports.Source(log, files), span, hosts, failed);
            final JsonObject read = JsonObject.parse(report);
            if (json) {
                out.println(report);
            } else {
                ReportText.lines(read, now.getZone()).forEach(out::println);
            }
            out.flush();
            return read.number("failed") == 0 ? ExitCode.OK : ExitCode.FAILED;
        } catch (final NoEventsException e) {
            return events.complain(String.valueOf(e.getMessage()), ExitCode.UNAVAILABLE);
        } catch (final AccessDeniedException e) {
            return events.complain(
                    e.getMessage() + ": this user may not read the event log; ask as root", ExitCode.NO_PERMISSION);
        } catch (final IOException e) {
            return events.complain(log + ": the event log cannot be read: " + FileFailure.of(e), ExitCode.UNAVAILABLE);
        }
    }

    private Span span(final ZonedDateTime now) {
        final Instant from;
        final Instant to;
        try {
            from = Times.since(since, now);
            to = until == null ? now.toInstant() : Times.until(until, from, now);
        } catch (final IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        if (!from.isBefore(to)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--since " + from.truncatedTo(ChronoUnit.SECONDS) + " is not before "
                            + to.truncatedTo(ChronoUnit.SECONDS));
        }
        return new Span(from, to);
    }

    private Set<String> hosts() {
        final Set<String> texts = new LinkedHashSet<>();
        if (host != null) {
            try {
                Hosts.addresses(host).stream().map(IpAddress::toString).forEach(texts::add);
            } catch (final IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--host: " + e.getMessage(), e);
            }
        }
        return texts;
    }
}
