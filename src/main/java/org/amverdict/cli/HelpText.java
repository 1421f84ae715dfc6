package org.amverdict.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The texts of the command model as {@code --help} shows them, for pages and completions made from it. */
final class HelpText {
    private HelpText() {}

    /** The visible ones, in the order of the program. */
    static List<CommandLine> subcommands(final CommandLine command) {
        final List<CommandLine> shown = new ArrayList<>();
        for (final CommandLine each : command.getSubcommands().values()) {
            if (!each.getCommandSpec().usageMessage().hidden() && !shown.contains(each)) {
                shown.add(each);
            }
        }
        return shown;
    }

    static List<OptionSpec> options(final CommandSpec command) {
        return command.options().stream().filter(option -> !option.hidden()).toList();
    }

    static List<PositionalParamSpec> parameters(final CommandSpec command) {
        return command.positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .toList();
    }

    static List<String> description(final CommandSpec command) {
        final List<String> lines = new ArrayList<>();
        for (final String line : command.usageMessage().description()) {
            lines.add(String.format(line).strip());
        }
        return lines;
    }

    static String description(final ArgSpec argument) {
        final String absent = argument.defaultValue() != null || argument.initialValue() == null
                ? String.valueOf(argument.defaultValue())
                : String.valueOf(argument.initialValue());
        return String.format(String.join(" ", argument.description())
                        .replace("${DEFAULT-VALUE}", absent)
                        .replace("${COMPLETION-CANDIDATES}", String.join(", ", candidates(argument))))
                .strip();
    }

    /** The words that an argument accepts; empty if it accepts others too. */
    static Iterable<String> candidates(final ArgSpec argument) {
        if (argument.completionCandidates() != null) {
            return argument.completionCandidates();
        }
        final TreeSet<String> words = new TreeSet<>();
        if (argument.type().isEnum()) {
            for (final Object constant : argument.type().getEnumConstants()) {
                words.add(constant.toString().toLowerCase(Locale.ROOT)); // the parser ignores case
            }
        }
        return words;
    }
}
