package org.amverdict.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.host.ExitCode;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions;
import org.amverdict.rules.RuleSet;
import org.amverdict.rules.RulesException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code amverdict rules}: prints rules for the firewall; changes them only with --apply or --remove. */
@Command(
        name = "rules",
        description = "Prints the rules that send the packets of the configured hosts to the queues.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:the tool refused the rules",
            "2:wrong use",
            "69:iptables, nft or a part of the kernel is missing",
            "77:needs CAP_NET_ADMIN",
            "78:the configuration is invalid, or does not suit these rules"
        })
public final class RulesCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration (default: ${DEFAULT-VALUE}).")
    private Path file = SettingsLoader.DEFAULT_PATH;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            converter = Formats.class,
            completionCandidates = Formats.class,
            description = "${COMPLETION-CANDIDATES}.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private RuleSet.Format format;

    @Option(
            names = "--at",
            paramLabel = "PLACE",
            converter = Places.class,
            completionCandidates = Places.class,
            description = "Where the rules stand: ${COMPLETION-CANDIDATES} (default: forward).")
    private RuleOptions.At at = RuleOptions.At.FORWARD;

    @Option(
            names = "--placement",
            paramLabel = "KIND",
            converter = Placements.class,
            completionCandidates = Placements.class,
            description = "How much is queued: ${COMPLETION-CANDIDATES} (default: gate).")
    private RuleOptions.Placement placement = RuleOptions.Placement.GATE;

    @Option(names = "--bypass", description = "Let packets pass while the program is away; default: drop them.")
    private boolean bypass;

    @Option(
            names = "--queue-cpu-fanout",
            description =
                    "Spread packets over a range of queues by the processor that handles them, not by host pair. "
                            + "Both directions of a connection, and a SYN and the reply that announced it, then come to "
                            + "different queues. They share one state, so this changes no decision, but for fragments in placement "
                            + "inline: one that is judged before the first of its packet is dropped. Needs a range, such as 11-14.")
    private boolean cpuFanout;

    @Option(
            names = "--except",
            paramLabel = "PORTS",
            converter = Ports.class,
            description = "Leave these ports, such as 22,443, to the other rules.")
    private @Nullable PortSet except;

    @Option(
            names = "--pass-mark",
            paramLabel = "MARK",
            converter = Mark.class,
            description = "nft: mark bits for packets that pass here, for chains of other tables that drop by default.")
    private long passMark;

    @ArgGroup
    private @Nullable Change change;

    /** At most one of them. */
    static final class Change {
        @Option(names = "--apply", description = "Load the rules into the kernel; may be repeated.")
        private boolean apply;

        @Option(names = "--remove", description = "Take the rules out of the kernel; may be repeated.")
        private boolean remove;
    }

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            if (change != null && change.remove) {
                RuleSet.remove(format);
                return 0;
            }
            final Settings settings = SettingsLoader.load(file);
            warnOfNotation(err);
            final RuleOptions options = new RuleOptions(at, placement, bypass, cpuFanout, except, passMark);
            if (change != null && change.apply) {
                RuleSet.apply(settings, format, options);
            } else {
                out.print(RuleSet.text(settings, format, options));
                out.flush();
            }
            return 0;
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
