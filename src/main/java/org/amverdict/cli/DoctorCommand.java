package org.amverdict.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.amverdict.config.SettingsLoader;
import org.amverdict.doctor.Doctor;
import org.amverdict.doctor.Report;
import org.amverdict.doctor.Status;
import org.amverdict.host.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code amverdict doctor}: one line per check of the host, with remedies. */
@Command(
        name = "doctor",
        description = {
            "Checks this host: one line per check, ok, warning, fault or unknown, and below it what to do.",
            "Changes nothing and binds no queue. Run it as root: what only root may see is unknown to others."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:no fault",
            "1:a fault; an invalid configuration is one",
            ExitList.USAGE,
            "77:no fault was found, but something could not be checked without CAP_NET_ADMIN"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--host",
            paramLabel = "CLIENT",
            description =
                    "Examine only what concerns this host, a name or an address, and show the path of its packets.")
    private String client = "";

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "Time for all checks together, 1 to 3600 (default: ${DEFAULT-VALUE}). One that hangs gets a"
                    + " quarter of it; usually all need some seconds.")
    private int timeout = Doctor.SECONDS_DEFAULT;

    @Override
    public Integer call() throws InterruptedException {
        if (timeout < 1 || timeout > Doctor.SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--timeout " + timeout + " is out of range (1-" + Doctor.SECONDS_MAX + ")");
        }
        final Report report = Doctor.examine(Version.text(), file, HostNames.addresses(spec, client), timeout);
        final PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.json());
        } else {
            out.print(report.text(Ansi.AUTO.enabled()));
        }
        out.flush();
        return exitCode(report);
    }

    static int exitCode(final Report report) {
        if (report.status() == Status.FAULT) {
            return ExitCode.FAILED;
        }
        final boolean unseen = report.results().stream().anyMatch(result -> result.status() == Status.UNKNOWN);
        return unseen && !report.privileged() ? ExitCode.NO_PERMISSION : ExitCode.OK;
    }
}
