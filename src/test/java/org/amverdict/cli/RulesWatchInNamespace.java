package org.amverdict.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.rules.RuleStanding;
import picocli.CommandLine;

/** Runs inside a namespace that {@link RulesWatchIT} made. Throws when something is not as it should be. */
final class RulesWatchInNamespace {
    private static final long SECONDS_MAX = 20;
    private static final RulesWatch.Pace QUICK = new RulesWatch.Pace(TimeUnit.MILLISECONDS.toNanos(100));

    private final Path file;
    private final AtomicReference<Settings> settings = new AtomicReference<>();
    private final List<String> reports = Collections.synchronizedList(new ArrayList<>());
    private final RulesWatch watch = new RulesWatch(settings::get, (standing, message) -> reports.add(standing), QUICK);

    private RulesWatchInNamespace(final Path directory) {
        file = directory.resolve("amverdict.yaml");
    }

    public static void main(final String[] arguments) throws Exception {
        new RulesWatchInNamespace(Path.of(arguments[0])).run();
        System.out.println("as expected");
        System.exit(0);
    }

    private void configure(final String more) throws IOException, ConfigurationException {
        Files.writeString(file, """
                allow: [{requesters: 192.0.2.10, responders: 198.51.100.0/24, services: noop}]
                state: {file: %s}
                """.formatted(file.resolveSibling("state")) + more);
        settings.set(SettingsLoader.load(file));
    }

    private void run() throws Exception {
        configure("");
        rules(2, "--apply"); // nothing is remembered yet, so it has to be said which
        rules(2, "--diff", "--at", "client");
        watch.start();
        await(RuleStanding.GONE);
        check(
                rules(1, "--diff", "--format", "iptables").contains("+ iptables filter -I FORWARD -j AMVERDICT"),
                "--diff");
        check(rules(0, "--apply", "--format", "iptables").contains("+ iptables filter -N AMVERDICT"), "--apply");
        await(RuleStanding.IN_PLACE);
        check(rules(0, "--diff").equals("unchanged\n"), "--diff as it was applied");
        check(rules(0, "--apply").equals("unchanged\n"), "--apply as before");

        iptables("-I", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP");
        check(rules(1, "--diff").endsWith("+ iptables filter -I FORWARD -j AMVERDICT\n"), "--diff has moved the jump");
        iptables("-D", "AMVERDICT-ASK", "1");
        await(RuleStanding.INCOMPLETE);
        rules(0, "--apply");
        await(RuleStanding.IN_PLACE);
        iptables("-I", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP");
        iptables("-I", "FORWARD", "-p", "icmp", "-j", "ACCEPT");
        Thread.sleep(500); // several looks
        check(watch.seen().equals(new RulesWatch.Seen(RuleStanding.IN_PLACE, "")), "harmless: " + watch.seen());
        iptables("-I", "FORWARD", "-p", "tcp", "-j", "DROP");
        await(RuleStanding.NOT_FIRST);
        iptables("-F", "FORWARD");
        await(RuleStanding.GONE);
        check(watch.restored() == 0, "put back though nobody asked");
        configure("watch-rules: restore\n");
        await(RuleStanding.IN_PLACE);
        check(watch.restored() == 1, "put back once, not " + watch.restored());

        // Rules that another tool loaded earlier: packets would be judged twice.
        run("nft", "add", "table", "inet", "amverdict");
        run("nft", "add", "chain", "inet", "amverdict", "pairs");
        run("nft", "add", "rule", "inet", "amverdict", "pairs", "accept");
        check(rules(1, "--diff").equals("- nft inet amverdict pairs accept\n"), "--diff sees the other tool's rules");
        check(rules(0, "--apply").equals("- nft inet amverdict pairs accept\n"), "--apply takes them out");
        check(rules(0, "--diff").equals("unchanged\n"), "--diff after that");

        // A host that left the configuration.
        Files.writeString(file, Files.readString(file).replace("192.0.2.10", "192.0.2.11"));
        final String stale = rules(1, "--diff");
        check(stale.contains("- iptables filter -A AMVERDICT -s 192.0.2.10 -d 198.51.100.0/24"), stale);
        settings.set(SettingsLoader.load(file));
        await(() -> watch.restored() == 2);
        check(rules(0, "--diff").equals("unchanged\n"), "--diff after restore");

        // Another program that keeps removing them wins.
        while (watch.restored() < RulesWatch.RESTORES_MAX) {
            await(RuleStanding.IN_PLACE);
            final long before = watch.restored();
            iptables("-F", "FORWARD");
            await(() -> watch.restored() > before);
        }
        await(RuleStanding.IN_PLACE);
        iptables("-F", "FORWARD");
        await(RuleStanding.GONE);
        Thread.sleep(500); // several looks
        check(watch.restored() == RulesWatch.RESTORES_MAX, "put back once more than the limit");
        check(watch.seen().standing() == RuleStanding.GONE, "left alone: " + watch.seen());

        configure("watch-rules: off\n");
        await(RuleStanding.OFF);
        Files.writeString(file, "allow: nonsense\n");
        check(rules(0, "--remove").contains("- iptables filter -N AMVERDICT"), "--remove without a configuration");
        configure("");
        check(rules(0, "--remove").equals("unchanged\n"), "--remove again");
        rules(2, "--apply");
        await(RuleStanding.GONE);
        final List<String> seen =
                List.of("gone", "in-place", "incomplete", "in-place", "not-first", "gone", "in-place");
        check(reports.subList(0, seen.size()).equals(seen), reports.toString());
        watch.close();
    }

    private void await(final RuleStanding standing) throws InterruptedException {
        await(() -> watch.seen().standing() == standing);
    }

    private void await(final BooleanSupplier condition) throws InterruptedException {
        final long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < end, "still " + watch.seen() + ", restored " + watch.restored());
            Thread.sleep(20);
        }
    }

    private String rules(final int status, final String... arguments) {
        final List<String> all = new ArrayList<>(List.of("-c", file.toString()));
        all.addAll(List.of(arguments));
        final StringWriter out = new StringWriter();
        final StringWriter err = new StringWriter();
        final int seen = new CommandLine(new RulesCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        check(seen == status, all + ": status " + seen + " " + out + err);
        return out.toString();
    }

    private static void iptables(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of("iptables"));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    private static void run(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = List.of(arguments);
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        check(process.waitFor() == 0, command + ": " + text);
    }

    private static void check(final boolean good, final String message) {
        if (!good) {
            throw new AssertionError(message);
        }
    }
}
