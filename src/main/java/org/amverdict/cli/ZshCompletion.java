package org.amverdict.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * From the command model to a zsh completion (zshcompsys(1)): one function per command, each with {@code _arguments}.
 */
final class ZshCompletion {
    private final StringBuilder script = new StringBuilder();

    private ZshCompletion() {}

    static String of(final CommandLine program) {
        final ZshCompletion made = new ZshCompletion();
        final String name = program.getCommandName();
        made.line("#compdef " + name);
        made.function("_" + name, program);
        // As a file in fpath it is the body of the function; when sourced, it has to register itself.
        made.line("if [ \"$funcstack[1]\" = \"_" + name + "\" ]; then");
        made.line("  _" + name + " \"$@\"");
        made.line("else");
        made.line("  compdef _" + name + " " + name);
        made.line("fi");
        return made.script.toString();
    }

    private void function(final String name, final CommandLine command) {
        final List<CommandLine> below = HelpText.subcommands(command);
        line(name + "() {");
        line("  local curcontext=\"$curcontext\" state line");
        line("  typeset -A opt_args");
        line("  _arguments -C \\");
        final CommandSpec spec = command.getCommandSpec();
        HelpText.options(spec).forEach(this::option);
        if (below.isEmpty()) {
            HelpText.parameters(spec).forEach(this::parameter);
        } else {
            line("    '1:command:->command' \\");
            line("    '*::argument:->argument' \\");
        }
        line("    && return");
        if (!below.isEmpty()) {
            dispatch(name, below);
        }
        line("}");
        for (final CommandLine each : below) {
            function(name + "_" + each.getCommandName(), each);
        }
    }

    private void dispatch(final String name, final List<CommandLine> below) {
        line("  case $state in");
        line("  command)");
        line("    local -a commands=(");
        for (final CommandLine each : below) {
            final String text = String.join(" ", HelpText.description(each.getCommandSpec()));
            line("      " + quoted(each.getCommandName() + ":" + text));
        }
        line("    )");
        line("    _describe command commands ;;");
        line("  argument)");
        line("    case $line[1] in");
        for (final CommandLine each : below) {
            line("    " + each.getCommandName() + ") " + name + "_" + each.getCommandName() + " ;;");
        }
        line("    esac ;;");
        line("  esac");
    }

    private void option(final OptionSpec option) {
        final String others = "(" + String.join(" ", option.names()) + ")";
        for (final String name : option.names()) {
            final String value =
                    option.arity().max() == 0 ? "" : ":" + plain(option.paramLabel()) + ":" + completer(option);
            final String equals = value.isEmpty() || !name.startsWith("--") ? "" : "=";
            line("    " + quoted(others + name + equals + "[" + plain(HelpText.description(option)) + "]" + value)
                    + " \\");
        }
    }

    private void parameter(final PositionalParamSpec parameter) {
        final String number = parameter.index().max() == Integer.MAX_VALUE
                ? "*"
                : Integer.toString(parameter.index().min() + 1);
        line("    " + quoted(number + ":" + plain(parameter.paramLabel()) + ":" + completer(parameter)) + " \\");
    }

    private static String completer(final ArgSpec argument) {
        final String words = String.join(" ", HelpText.candidates(argument));
        if (!words.isEmpty()) {
            return "(" + words + ")";
        }
        return Arrays.asList("FILE", "CAPTURE").contains(argument.paramLabel()) ? "_files" : " ";
    }

    /** Escapes what _arguments treats specially. */
    private static String plain(final String text) {
        return text.replace("\\", "").replace("[", "(").replace("]", ")").replace(":", "\\:");
    }

    private static String quoted(final String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private void line(final String text) {
        script.append(text).append('\n');
    }
}
