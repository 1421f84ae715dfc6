package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.ConfigurationProblem;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsFile;
import org.amverdict.config.SettingsLoader;
import org.amverdict.firewall.Firewall;
import org.amverdict.firewall.FirewallReader;
import org.amverdict.host.Host;
import org.amverdict.host.LocalAddresses;
import org.amverdict.host.Routes;
import org.amverdict.policy.HostPrefix;
import org.jspecify.annotations.Nullable;

/** What is examined: one configuration, and the current firewall, which is read once. Checks run one by one. */
final class Examination {
    private final Path file;
    private final @Nullable Settings settings;
    private final List<ConfigurationProblem> problems;
    private final List<HostPrefix> only;
    private @Nullable Firewall firewall;
    private final Map<String, Boolean> tools = new HashMap<>();
    private @Nullable Passages passages;
    private @Nullable RuleProbes probes;

    private Examination(
            final Path file,
            final @Nullable Settings settings,
            final List<ConfigurationProblem> problems,
            final List<HostPrefix> only) {
        this.file = file;
        this.settings = settings;
        this.problems = problems;
        this.only = List.copyOf(only);
    }

    /** With the contents of the file, valid or not. */
    static Examination of(final Path file) {
        return of(file, List.of());
    }

    /**
     * With the contents of the file, valid or not.
     *
     * @param only addresses of one host, to examine only what concerns it; empty for all hosts
     */
    static Examination of(final Path file, final List<HostPrefix> only) {
        try {
            final SettingsFile read = SettingsLoader.read(file);
            return new Examination(file, read.settings(), read.warnings(), only);
        } catch (final ConfigurationException e) {
            return new Examination(file, null, e.problems(), only);
        }
    }

    /** The host that is examined; empty for all. */
    List<HostPrefix> only() {
        return only;
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

    /** Whether rules of this tool, iptables or nft, can be made here: it is installed, and its kernel part too. */
    synchronized boolean canQueue(final Host host, final String tool) {
        return tools.computeIfAbsent(tool, each -> KernelQueueCheck.canQueue(host, each));
    }

    /** The lines of the configuration that are examined. */
    Lines lines(final Settings valid) {
        return only.isEmpty() ? Lines.of(valid) : Lines.of(valid, only);
    }

    /** How packets of the configured hosts pass this host. */
    synchronized Passages passages(final Host host) {
        Passages found = passages;
        if (found == null) {
            final Routes routes = Routes.of(host);
            final LocalAddresses local = LocalAddresses.of(host);
            found = new Passages(host, local, routes, Cells.of(firewall(host), routes, local));
            passages = found;
        }
        return found;
    }

    /** What the rules do with the packets of the configured hosts. */
    synchronized RuleProbes probes(final Host host, final Settings valid) {
        RuleProbes judged = probes;
        if (judged == null) {
            judged = RuleProbes.of(firewall(host), passages(host), lines(valid));
            probes = judged;
        }
        return judged;
    }
}
