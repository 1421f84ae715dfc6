package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.host.LocalHost;
import org.amverdict.host.StartCommands;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleDifference;
import org.amverdict.rules.RuleOptions;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleRequest;
import org.amverdict.rules.RuleSet;
import org.amverdict.rules.RuleStanding;
import org.amverdict.rules.RulesException;
import org.amverdict.rules.RulesRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code amverdict rules}: prints rules for the firewall; changes them only with --apply or --remove. */
@Command(
        name = "rules",
        description = "Prints the rules that send the packets of the configured hosts to the queues.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = ExitList.HEADING,
        exitCodeList = {
            "0:done; with --diff: nothing would change",
            "1:the tool refused the rules; with --diff: something would change",
            ExitList.USAGE,
            "69:iptables, nft or a part of the kernel is missing",
            ExitList.NO_CAPABILITY,
            "78:the configuration is invalid, or does not suit these rules"
        })
public final class RulesCommand implements Callable<Integer> {
    /** The link that systemctl enable makes. */
    private static final Path ENABLED = Path.of("/etc/systemd/system/multi-user.target.wants/amverdict-rules.service");

    /** Options that mean nothing without --format. */
    private static final List<String> OF_RULES = List.of(
            RuleRequest.AT,
            RuleRequest.PLACEMENT,
            RuleRequest.BYPASS,
            RuleRequest.CPU_FANOUT,
            RuleRequest.EXCEPT,
            RuleRequest.PASS_MARK);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(
            names = RuleRequest.FORMAT,
            paramLabel = "FORMAT",
            converter = Formats.class,
            completionCandidates = Formats.class,
            description =
                    "${COMPLETION-CANDIDATES}. Without it, --apply and --diff take the options of the last --apply, and"
                            + " --remove takes out the rules of every tool.")
    private RuleSet.@Nullable Format format;

    @Option(
            names = RuleRequest.AT,
            paramLabel = "PLACE",
            converter = Places.class,
            completionCandidates = Places.class,
            description = "Where the rules stand: ${COMPLETION-CANDIDATES} (default: forward).")
    private RuleOptions.At at = RuleOptions.At.FORWARD;

    @Option(
            names = RuleRequest.PLACEMENT,
            paramLabel = "KIND",
            converter = Placements.class,
            completionCandidates = Placements.class,
            description = "How much is queued: ${COMPLETION-CANDIDATES} (default: gate).")
    private RuleOptions.Placement placement = RuleOptions.Placement.GATE;

    @Option(
            names = RuleRequest.BYPASS,
            description = "Let packets pass while the program is not running; default: drop them.")
    private boolean bypass;

    @Option(
            names = RuleRequest.CPU_FANOUT,
            description =
                    "Spread packets over a range of queues by the processor that handles them, not by host pair. "
                            + "Both directions of a connection, and a SYN and the reply that announced it, then come to "
                            + "different queues. They share one state, so this changes no decision, but for fragments in placement "
                            + "inline: one that is judged before the first of its packet is dropped. Needs a range, such as 11-14.")
    private boolean cpuFanout;

    @Option(
            names = RuleRequest.EXCEPT,
            paramLabel = "PORTS",
            converter = Ports.class,
            description = "Leave these ports, such as 22,443, to the other rules.")
    private @Nullable PortSet except;

    @Option(
            names = RuleRequest.PASS_MARK,
            paramLabel = "MARK",
            converter = Mark.class,
            description = "nft: mark bits for packets that pass here, for chains of other tables that drop by default.")
    private long passMark;

    @ArgGroup
    private @Nullable Change change;

    /** At most one of them. */
    static final class Change {
        @Option(
                names = "--apply",
                description = "Load the rules into the kernel and print what that changed, or \"unchanged\".")
        private boolean apply;

        @Option(
                names = "--diff",
                description = "Print what --apply would change, or \"unchanged\": - is taken out, + is put in.")
        private boolean diff;

        @Option(
                names = "--remove",
                description = "Take the rules out of the kernel. Needs no configuration; may be repeated.")
        private boolean remove;
    }

    @Override
    public Integer call() {
        final PrintWriter err = spec.commandLine().getErr();
        try {
            if (change != null && change.remove) {
                return remove();
            }
            final Settings settings = SettingsLoader.load(file);
            warnOfNotation(err);
            if (change != null && change.apply) {
                return apply(settings);
            }
            if (change != null && change.diff) {
                return diff(settings);
            }
            final RuleRequest request = given();
            if (request == null) {
                throw missing("Missing required option: '--format=FORMAT'");
            }
            spec.commandLine().getOut().print(RuleSet.text(settings, request.format(), request.options()));
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (final ConfigurationException e) {
            err.println(e.getMessage());
            return ExitCode.CONFIGURATION;
        } catch (final RulesException e) {
            err.println("amverdict: " + e.getMessage());
            return switch (e.why()) {
                case UNSUITABLE -> ExitCode.CONFIGURATION;
                case UNAVAILABLE -> ExitCode.UNAVAILABLE;
                case NOT_PERMITTED -> ExitCode.NO_PERMISSION;
                case FAILED -> ExitCode.FAILED;
            };
        }
    }

    /** The rules that the options ask for; null without --format. */
    private @Nullable RuleRequest given() {
        return format == null
                ? null
                : new RuleRequest(
                        format,
                        new RuleOptions(
                                at,
                                placement,
                                bypass,
                                cpuFanout ? Fanout.PROCESSOR : Fanout.HOST_PAIR,
                                except,
                                passMark));
    }

    private ParameterException missing(final String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** As the options ask, or without --format as the last --apply did. */
    private RuleRequest wanted(final Settings settings) throws RulesException {
        final RuleRequest given = given();
        if (given != null) {
            return given;
        }
        if (spec.commandLine().getParseResult().matchedOptions().stream()
                .anyMatch(option -> OF_RULES.contains(option.longestName()))) {
            throw missing("Missing required option: '--format=FORMAT'; only without any of its options do --apply and"
                    + " --diff take those of the last --apply");
        }
        final RulesRecord record = RulesRecord.of(settings)
                .orElseThrow(() -> missing("Missing required option: '--format=FORMAT'; with 'state.file: off' --apply"
                        + " remembers nothing"));
        try {
            return record.read()
                    .orElseThrow(() -> missing("Missing required option: '--format=FORMAT'; nothing was"
                            + " applied yet, so " + record + " does not exist"));
        } catch (final IOException e) {
            throw new RulesException(RulesException.Cause.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private int apply(final Settings settings) throws RulesException {
        final RuleRequest request = wanted(settings);
        final RuleDifference difference =
                with(RuleSet.apply(settings, request.format(), request.options()), request.format(), true);
        print(difference);
        remember(settings, request);
        if (!difference.same() && !Files.exists(ENABLED, LinkOption.NOFOLLOW_LINKS)) {
            spec.commandLine()
                    .getErr()
                    .println("amverdict: these rules are gone after a reboot; to load them again at each boot: "
                            + StartCommands.of(new LocalHost()).rulesAtBoot());
        }
        return ExitCode.OK;
    }

    private void remember(final Settings settings, final RuleRequest request) {
        final RulesRecord record = RulesRecord.of(settings).orElse(null);
        if (record == null) {
            return;
        }
        try {
            record.write(request);
        } catch (final IOException e) {
            spec.commandLine()
                    .getErr()
                    .println("amverdict: the rules are loaded, but not remembered, so amverdict-rules.service and the"
                            + " daemon do not know them: " + e + "; make the directory writable or set state.file");
        }
    }

    private int diff(final Settings settings) throws RulesException {
        final RuleRequest request = wanted(settings);
        final RuleDifference difference = with(RuleSet.difference(settings, request), request.format(), false);
        print(difference);
        return difference.same() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** With what another tool has loaded earlier, after the new rules are there. */
    private static RuleDifference with(
            final RuleDifference change, final RuleSet.Format format, final boolean removeOthers)
            throws RulesException {
        final List<String> lines = new ArrayList<>(change.lines());
        lines.addAll(RuleSet.others(format, removeOthers));
        return new RuleDifference(change.standing(), lines);
    }

    private void print(final RuleDifference difference) {
        final PrintWriter out = spec.commandLine().getOut();
        difference.lines().forEach(out::println);
        if (difference.same()) {
            out.println("unchanged");
        }
        out.flush();
    }

    /** Works without a configuration: a package that is being removed may have none, or a broken one. */
    private int remove() throws RulesException {
        final List<String> lines = new ArrayList<>();
        final List<RuleSet.Format> formats = format == null ? List.of(RuleSet.Format.values()) : List.of(format);
        RulesException missing = null;
        int absent = 0;
        for (final RuleSet.Format each : formats) {
            try {
                lines.addAll(RuleSet.remove(each).lines());
            } catch (final RulesException e) {
                if (e.why() != RulesException.Cause.UNAVAILABLE) {
                    throw e;
                }
                missing = e; // a tool that is not installed has loaded nothing
                absent++;
            }
        }
        if (missing != null && absent == formats.size()) {
            throw missing;
        }
        print(new RuleDifference(RuleStanding.GONE, lines));
        forget();
        return ExitCode.OK;
    }

    private void forget() {
        Settings settings;
        try {
            settings = SettingsLoader.load(file);
        } catch (final ConfigurationException e) {
            settings = Settings.defaults();
        }
        final RulesRecord record = RulesRecord.of(settings).orElse(null);
        if (record == null) {
            return;
        }
        try {
            final RuleRequest last = record.read().orElse(null);
            if (last == null || format == null || last.format() == format) {
                record.remove();
            }
        } catch (final IOException e) {
            spec.commandLine().getErr().println("amverdict: " + record + " still says which rules to load: " + e);
        }
    }

    /** Words of the command line for the constants of an enum. */
    abstract static class Words<T> implements ITypeConverter<T>, Iterable<String> {
        private final List<T> all;

        Words(final List<T> all) {
            this.all = all;
        }

        abstract String label(T one);

        @Override
        public T convert(final String text) {
            for (final T one : all) {
                if (label(one).equals(text)) {
                    return one;
                }
            }
            throw new TypeConversionException("'" + text + "' is not one of " + labels());
        }

        private List<String> labels() {
            return all.stream().map(this::label).toList();
        }

        @Override
        public Iterator<String> iterator() {
            return labels().iterator();
        }
    }

    static final class Formats extends Words<RuleSet.Format> {
        Formats() {
            super(List.of(RuleSet.Format.values()));
        }

        @Override
        String label(final RuleSet.Format one) {
            return one.label();
        }
    }

    static final class Places extends Words<RuleOptions.At> {
        Places() {
            super(List.of(RuleOptions.At.values()));
        }

        @Override
        String label(final RuleOptions.At one) {
            return one.label();
        }
    }

    static final class Placements extends Words<RuleOptions.Placement> {
        Placements() {
            super(List.of(RuleOptions.Placement.values()));
        }

        @Override
        String label(final RuleOptions.Placement one) {
            return one.label();
        }
    }

    private void warnOfNotation(final PrintWriter err) {
        final PortSet range = except == null ? null : except.rangeInAmandasNotation();
        if (range != null) {
            err.println("amverdict: warning: --except " + except
                    + " is two ports; Amanda writes a range like this, here it is " + range);
        }
    }

    static final class Ports implements ITypeConverter<PortSet> {
        @Override
        public PortSet convert(final String text) {
            try {
                return PortSet.parse(text);
            } catch (final IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    static final class Mark implements ITypeConverter<Long> {
        @Override
        public Long convert(final String text) {
            if (!text.matches("0x[0-9a-fA-F]{1,8}|[1-9][0-9]{0,9}") || Long.decode(text) > 0xffff_ffffL) {
                throw new TypeConversionException("'" + text + "' is not a mark; write a number such as 0x10000");
            }
            return Long.decode(text);
        }
    }
}
