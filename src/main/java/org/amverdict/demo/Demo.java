package org.amverdict.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.amverdict.host.ExitCode;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.LabException;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.PackagedProgram;
import org.amverdict.lab.ScratchDirectory;

/**
 * The whole demo: chooses its {@link Tier}, runs it, cleans up. Its exit status makes it an acceptance test.
 * For one thread.
 */
public final class Demo {
    private final PrintStream err;

    /** @param err where errors go */
    public Demo(final PrintStream err) {
        this.err = err;
    }

    /**
     * Runs it: {@link ExitCode#OK} if every verdict was as expected, {@link ExitCode#FAILED} if one differed or the
     * demo did not run to its end, {@link ExitCode#UNAVAILABLE} if something that stderr names is missing.
     *
     * @param replayOnly whether to leave the network alone
     * @return exit status
     */
    public int run(final boolean replayOnly) {
        try {
            return replayOnly ? replay() : choose();
        } catch (final IOException | UncheckedIOException | IllegalArgumentException e) {
            err.println("amverdict demo: " + e.getMessage());
            return ExitCode.UNAVAILABLE;
        }
    }

    private int choose() throws IOException {
        final String wanted = System.getenv(Tier.VARIABLE);
        final boolean asked = wanted != null && !wanted.isEmpty();
        final Tier tier = asked ? Tier.named(wanted) : Tier.ofThisProcess();
        if (tier == Tier.REPLAY) {
            return !asked && !Relaunch.done() && Relaunch.namespacesAreOpenToUser()
                    ? Relaunch.inUserNamespace(PackagedProgram.launcher())
                    : replay();
        }
        if (!Relaunch.done() && Relaunch.needsIpv6()) {
            return Relaunch.inNetworkNamespace(PackagedProgram.launcher(), tier);
        }
        final Path launcher = PackagedProgram.launcher();
        final Pace pace = Pace.ofThisMachine();
        try (NetworkLab lab = NetworkLab.open()) {
            final Path directory = lab.own(new ScratchDirectory()).path();
            final Path configuration = LiveDemo.configuration(directory, pace);
            final String rules = FirewallRules.applyAsAnOperator(lab.firewall(), launcher, configuration);
            return live(tier, lab, rules, new Launch(launcher, configuration, pace));
        } catch (final LabException e) {
            if (asked) {
                throw e;
            }
            err.println("amverdict demo: no real packets here: " + e.getMessage());
            return replay();
        }
    }

    /**
     * How to start the daemon.
     *
     * @param program {@code bin/amverdict}
     * @param configuration its file
     * @param pace how long to wait for it and for packets
     */
    record Launch(Path program, Path configuration, Pace pace) {}

    private int live(final Tier tier, final NetworkLab lab, final String rules, final Launch launch) {
        final Narrator narrator = Narrator.onStdout();
        narrator.line("amverdict demo, " + tier.label());
        narrator.info("server 192.0.2.10, 2001:db8:1::10      client 198.51.100.20, 2001:db8:2::20");
        narrator.info("between them a firewall (" + lab.prefix() + "firewall): policy DROP, rules by " + rules);
        boolean played = false;
        try {
            new LiveDemo(narrator, lab, launch).play();
            played = true;
        } catch (final IOException e) {
            err.println("amverdict demo: " + e.getMessage());
        }
        lab.close();
        narrator.line("");
        narrator.line("cleaned up: namespaces " + lab.prefix() + "* are gone");
        return narrator.summary(played) ? ExitCode.OK : ExitCode.FAILED;
    }

    private int replay() throws IOException {
        final Narrator narrator = Narrator.onStdout();
        narrator.line("amverdict demo, " + Tier.REPLAY.label());
        try (ScratchDirectory directory = new ScratchDirectory()) {
            new ReplayDemo(narrator, directory.path()).play();
        }
        narrator.line("");
        return narrator.summary(true) ? ExitCode.OK : ExitCode.FAILED;
    }
}
