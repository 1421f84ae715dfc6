package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.List;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.FirewallReader;
import org.amverdict.host.Host;
import org.amverdict.host.LocalAddresses;
import org.jspecify.annotations.Nullable;

/** What is examined: one configuration, and the current firewall, which is read once. Checks run one by one. */
final class Examination {
    private final Path file;
    private final @Nullable Settings settings;
    private final List<ConfigurationProblem> problems;
    private @Nullable Firewall firewall;
    private @Nullable RuleProbes probes;

    private Examination(final Path file, final @Nullable Settings settings, final List<ConfigurationProblem> problems) {
        this.file = file;
        this.settings = settings;
        this.problems = problems;
    }

    /** With the contents of the file, valid or not. */
    public static Examination of(final Path file) {
        try {
            final SettingsFile read = SettingsLoader.read(file);
            return new Examination(file, read.settings(), read.warnings());
        } catch (final ConfigurationException e) {
            return new Examination(file, null, e.problems());
        }
    }

    /** The configuration. */
    Path file() {
        return file;
    }

    /** Null if the configuration is invalid. */
    @Nullable Settings settings() {
        return settings;
    }

    /** Its errors; its warnings if it is valid. */
    List<ConfigurationProblem> problems() {
        return problems;
    }

    /** The rules of the host. */
    synchronized Firewall firewall(final Host host) {
        Firewall read = firewall;
        if (read == null) {
            read = FirewallReader.read(host);
            firewall = read;
        }
        return read;
    }

    /** What the rules do with the packets of the configured hosts. */
    synchronized RuleProbes probes(final Host host, final Settings valid) {
        RuleProbes judged = probes;
        if (judged == null) {
            judged = RuleProbes.of(firewall(host), LocalAddresses.of(host), valid);
            probes = judged;
        }
        return judged;
    }
}
