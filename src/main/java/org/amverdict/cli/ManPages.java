package org.amverdict.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.amverdict.config.SettingsKey;
import org.amverdict.config.SettingsKeys;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** amverdict(8) from the command model and amverdict.yaml(5) from the keys of the configuration. Run by the build. */
final class ManPages {
    private static final String PROGRAM = "amverdict";
    private static final String FILE = "amverdict.yaml";

    private ManPages() {}

    /**
     * Writes both pages.
     *
     * @param args where to write the page of the program and that of the configuration
     */
    public static void main(final String[] args) throws IOException {
        Files.writeString(Path.of(args[0]), program(Main.commandLine()), StandardCharsets.US_ASCII);
        Files.writeString(Path.of(args[1]), configuration(), StandardCharsets.US_ASCII);
    }

    static String program(final CommandLine program) {
        final Roff page = new Roff().title(PROGRAM, 8, Version.text());
        final CommandSpec spec = program.getCommandSpec();
        page.section("NAME").line(PROGRAM + " \\- packet verdicts for Amanda backups through a firewall");
        page.section("SYNOPSIS").line(synopsis(spec));
        for (final CommandLine command : HelpText.subcommands(program)) {
            page.lineBreak().line(synopsis(command.getCommandSpec()));
        }
        page.section("DESCRIPTION");
        HelpText.description(spec).forEach(page::paragraph);
        page.paragraph("A rule of the firewall hands packets to a queue of the kernel (NFQUEUE); the program reads the "
                + "exchange between Amanda server and client, and accepts exactly the connections that were announced in "
                + "it. It changes the firewall only where amverdict rules --apply or --remove is called.");
        page.section("OPTIONS");
        arguments(page, spec);
        page.section("COMMANDS");
        HelpText.subcommands(program).forEach(command -> command(page, command, ""));
        page.section("EXIT STATUS");
        exitStatus(page, spec);
        page.section("SIGNALS");
        page.item(Roff.bold("SIGTERM, SIGINT"), "Judge what the kernel holds, save the tables, end.");
        page.item(Roff.bold("SIGHUP"), "Does what amverdict reload does, and reopens the event log.");
        page.section("ENVIRONMENT");
        page.item(Roff.bold("AMVERDICT_JAVA"), "The Java to use; else that of JAVA_HOME, else that of the PATH.");
        page.item(
                Roff.bold("AMVERDICT_JAVA_OPTIONS"), "Further options of Java, for instance -Xmx1g for larger tables.");
        page.item(Roff.bold("NO_COLOR"), "If set, nothing is coloured.");
        page.section("FILES");
        page.item(Roff.italic("/etc/amverdict/" + FILE), "The configuration, see amverdict.yaml(5).");
        page.item(
                Roff.italic("/var/cache/amverdict/"),
                "Classes as Java has them in memory, for faster starts. amverdict --make-archive makes them again.");
        page.item(Roff.italic("/var/lib/amverdict/, /var/log/amverdict/"), "The saved tables; the event log.");
        page.section("SEE ALSO").line("amverdict.yaml(5), iptables(8), nft(8), amanda(8)");
        return page.toString();
    }

    private static void command(final Roff page, final CommandLine command, final String above) {
        final CommandSpec spec = command.getCommandSpec();
        page.subsection(above + spec.name()).line(synopsis(spec));
        HelpText.description(spec).forEach(page::paragraph);
        arguments(page, spec);
        if (!spec.usageMessage().exitCodeList().isEmpty()) {
            page.paragraph("Exit status:");
            exitStatus(page, spec);
        }
        HelpText.subcommands(command).forEach(each -> command(page, each, above + spec.name() + " "));
    }

    private static String synopsis(final CommandSpec spec) {
        return Roff.bold(spec.qualifiedName())
                + (HelpText.options(spec).isEmpty() ? "" : " [" + Roff.italic("OPTIONS") + "]")
                + HelpText.parameters(spec).stream().map(ManPages::inSynopsis).collect(Collectors.joining())
                + (spec.subcommands().isEmpty() ? "" : " " + Roff.italic("COMMAND"));
    }

    private static String inSynopsis(final PositionalParamSpec parameter) {
        final boolean many = parameter.arity().max() > 1 || parameter.index().max() == Integer.MAX_VALUE;
        final String label = Roff.italic(parameter.paramLabel()) + (many ? "..." : "");
        return parameter.arity().min() == 0 ? " [" + label + "]" : " " + label;
    }

    private static void arguments(final Roff page, final CommandSpec spec) {
        for (final PositionalParamSpec parameter : HelpText.parameters(spec)) {
            page.item(Roff.italic(parameter.paramLabel()), HelpText.description(parameter));
        }
        for (final OptionSpec option : HelpText.options(spec)) {
            final String value = option.arity().max() == 0 ? "" : " " + Roff.italic(option.paramLabel());
            final String names = Arrays.stream(option.names()).map(Roff::bold).collect(Collectors.joining(", "));
            page.item(names + value, HelpText.description(option));
        }
    }

    private static void exitStatus(final Roff page, final CommandSpec spec) {
        for (final Map.Entry<String, String> each :
                spec.usageMessage().exitCodeList().entrySet()) {
            page.item(Roff.bold(each.getKey()), each.getValue());
        }
    }

    static String configuration() {
        final Roff page = new Roff().title(FILE, 5, Version.text());
        page.section("NAME").line(Roff.escaped(FILE) + " \\- configuration of amverdict");
        page.section("SYNOPSIS").line(Roff.italic("/etc/amverdict/" + FILE));
        page.section("DESCRIPTION");
        page.paragraph("YAML 1.2. What is left out has its default; what is not known, or given twice, is an error. "
                + "amverdict check shows every error at once, with line and column; amverdict check --print shows the "
                + "settings with all defaults.");
        page.paragraph(
                "Durations have a unit: s, m, h or d. Ports are numbers and ranges, such as 11000-11040, one or a "
                        + "list. Addresses are IPv4 or IPv6 addresses or prefixes, one or a list; IPv6 in quotes.");
        page.section("KEYS");
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            page.item(Roff.bold(key.path()) + ": " + Roff.italic(key.form()), key.explanation());
        }
        page.section("EXAMPLE").verbatim("""
                mode: monitor
                queues:
                  - {numbers: 10, copy: packet}
                  - {numbers: 11-14, copy: headers}
                allow:
                  - name: nightly backup
                    requesters: [192.0.2.10, "2001:db8::10"]
                    responders: [198.51.100.0/24]
                    services: [noop, selfcheck, sendsize, sendbackup]
                    stream-ports: 11000-11040
                  - name: recovery
                    requesters: [198.51.100.0/24]
                    responders: [192.0.2.10]
                    services: [amindexd, amidxtaped]
                """);
        page.section("FILES");
        page.item(
                Roff.italic("/usr/share/amverdict/amverdict.schema.json"),
                "These keys as JSON Schema, for editors that complete and check YAML.");
        page.section("SEE ALSO").line("amverdict(8)");
        return page.toString();
    }
}
