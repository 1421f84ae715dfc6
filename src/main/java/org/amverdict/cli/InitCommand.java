package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.host.LocalHost;
import org.amverdict.host.ToolException;
import org.amverdict.init.Draft;
import org.amverdict.init.Drafting;
import org.amverdict.init.Kept;
import org.amverdict.init.LocalNeighborhood;
import org.amverdict.init.Source;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code amverdict init}: a first configuration from Amanda's own. */
@Command(
        name = "init",
        description = {
            "Writes a first configuration, in mode monitor, from the hosts that Amanda backs up.",
            "Hosts whose auth needs none of this are left out and named. Names are looked up now, once: the"
                    + " configuration has addresses, with the name next to each as a comment."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:written",
            "1:not written, or not complete: a host has no address, or none needs this",
            ExitList.USAGE,
            "69:Amanda's amadmin is not installed",
            "77:not for this user: run it as root"
        })
public final class InitCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private From from = new From();

    /** Exactly one of them. */
    static final class From {
        @Option(
                names = "--amanda",
                paramLabel = "CONFIG",
                description =
                        "An Amanda configuration of this host, read with Amanda's own \"amadmin CONFIG disklist\".")
        private @Nullable String amanda;

        @Option(
                names = "--disklist",
                paramLabel = "FILE",
                description = "A copy of Amanda's disk list, where Amanda is not installed; with --server.")
        private @Nullable Path disklist;
    }

    @Option(
            names = "--server",
            paramLabel = "HOST",
            split = ",",
            description = "Names or addresses of the Amanda server (default: this host, as its routes and name say).")
    private List<String> servers = new ArrayList<>();

    @Option(
            names = "--auth",
            paramLabel = "AUTH",
            description = "The auth of entries that do not say theirs, such as bsdtcp. Without it they may need this.")
    private String auth = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description =
                    "Write it there instead of printing it. A file that allows something is kept, unless --force.")
    private @Nullable Path output;

    @Option(names = "--force", description = "Replace the file whatever it holds; the old one stays as FILE.old.")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        if (from.disklist != null && servers.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--disklist needs --server: the disk list does not name the Amanda server");
        }
        try {
            final Source source = from.amanda != null
                    ? Source.ofAmanda(from.amanda)
                    : Source.ofDisklist(java.util.Objects.requireNonNull(from.disklist));
            final Draft draft = new Drafting(new LocalNeighborhood(new LocalHost()), auth.toLowerCase(Locale.ROOT))
                    .draft(source, servers, kept());
            return deliver(draft);
        } catch (final ToolException e) {
            complain(String.valueOf(e.getMessage()));
            return switch (e.why()) {
                case UNAVAILABLE -> ExitCode.UNAVAILABLE;
                case NOT_PERMITTED -> ExitCode.NO_PERMISSION;
                case FAILED -> ExitCode.FAILED;
            };
        } catch (final IOException e) {
            complain(String.valueOf(e.getMessage()));
            return ExitCode.FAILED;
        }
    }

    /** From the file that is replaced, or from the one of this host that what is printed may replace. */
    private Kept kept() {
        final Path replaced = output == null ? SettingsLoader.DEFAULT_PATH : output;
        if (!Files.isReadable(replaced)) {
            return Kept.NOTHING;
        }
        try {
            return Kept.of(replaced);
        } catch (final ConfigurationException e) {
            complain(replaced + " is not valid, so nothing of it is kept");
            return Kept.NOTHING;
        }
    }

    private int deliver(final Draft draft) throws IOException {
        draft.notes().forEach(this::complain);
        if (draft.clients() == 0) {
            return ExitCode.FAILED;
        }
        if (output == null) {
            final PrintWriter out = spec.commandLine().getOut();
            out.print(draft.yaml());
            out.flush();
        } else {
            write(output, draft.yaml());
            complain(output + ": written, " + draft.clients() + (draft.clients() == 1 ? " client" : " clients")
                    + "; next: amverdict check " + output + ", then amverdict rules --help");
        }
        return draft.complete() ? ExitCode.OK : ExitCode.FAILED;
    }

    private void write(final Path file, final String text) throws IOException {
        if (Files.exists(file)) {
            if (!force && !allowsNothing(file)) {
                throw new IOException(file + " exists and allows something already; --force replaces it");
            }
            Files.copy(file, file.resolveSibling(file.getFileName() + ".old"), StandardCopyOption.REPLACE_EXISTING);
        }
        final Path made = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(made, text, StandardCharsets.UTF_8);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException e) {
            throw new IOException(file + ": cannot be written: " + e, e);
        }
    }

    /** As the package installs it. */
    private static boolean allowsNothing(final Path file) {
        try {
            final Settings settings = SettingsLoader.load(file);
            return settings.allow().isEmpty() && settings.statics().isEmpty();
        } catch (final ConfigurationException e) {
            return false;
        }
    }

    private void complain(final String message) {
        spec.commandLine().getErr().println("amverdict: " + message);
    }
}
