package org.amverdict.config;

import static org.amverdict.config.SettingsKey.Absent.depends;
import static org.amverdict.config.SettingsKey.Absent.isMissed;
import static org.amverdict.config.SettingsKey.Absent.means;
import static org.amverdict.config.SettingsKey.part;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/** The entries of {@code allow}. Immutable. */
final class AllowEntries extends Entries<Allowance> {
    private static final int NAME_MAX = 64;

    private static final SettingsKey<String> NAME = part(
            "allow.name", Kinds.name(NAME_MAX), depends("line N"), "Its name in reports. Each name may occur once.");
    private static final SettingsKey<HostSet> REQUESTERS = part(
            "allow.requesters",
            Texts.hosts(),
            isMissed("[192.0.2.10]"),
            "Hosts that ask: IPv4 or IPv6 addresses or prefixes. For a backup, the Amanda server.");
    private static final SettingsKey<HostSet> RESPONDERS =
            part("allow.responders", Texts.hosts(), isMissed("[192.0.2.10]"), "Hosts that are asked.");
    private static final SettingsKey<Integer> SERVICES = part(
            "allow.services",
            Texts.services(),
            depends("none with legacy-recovery, else required"),
            "Of: " + Texts.serviceNames() + ".");
    private static final SettingsKey<PortSet> STREAM_PORTS = part(
            "allow.stream-ports",
            Texts.manyPorts()
                    .but(
                            "none below " + (PortSet.PRIVILEGED_MAX + 1),
                            ports -> ports.first(0) > PortSet.PRIVILEGED_MAX
                                    ? null
                                    : "stream-ports " + ports + " include privileged ports, which no reply may open; "
                                            + "start at " + (PortSet.PRIVILEGED_MAX + 1) + " or above"),
            means(Policy.DEFAULT_STREAM_PORTS),
            "Ports that a reply may announce.");
    private static final SettingsKey<Boolean> LEGACY_RECOVERY = part(
            "allow.legacy-recovery",
            Kinds.flag(),
            means(false),
            "Also allow legacy recovery, by amrecover before 2.5.1 and amoldrecover (" + AmandaPorts.AMANDAIDX
                    + "/tcp and " + AmandaPorts.AMIDXTAPE + "/tcp). Its queue needs copy: packet.");

    AllowEntries() {
        super(
                false,
                List.of(
                        new Part<>(NAME, Allowance::name),
                        new Part<>(REQUESTERS, Allowance::requesters),
                        new Part<>(RESPONDERS, Allowance::responders),
                        new Part<>(SERVICES, Allowance::services),
                        new Part<>(STREAM_PORTS, Allowance::streamPorts),
                        new Part<>(LEGACY_RECOVERY, Allowance::legacyRecovery)));
    }

    @Override
    Reader<Allowance> reader() {
        final Set<String> names = new HashSet<>();
        return (entry, index) -> {
            final String named = entry.get(NAME);
            final String name = named == null ? "line " + (index + 1) : named;
            if (!names.add(name)) {
                entry.error(
                        NAME.name(), "the name '" + name + "' is given twice; reports could not tell the lines apart");
            }
            return allowance(entry, name);
        };
    }

    private static @Nullable Allowance allowance(final Section entry, final String name) {
        final HostSet requesters = entry.get(REQUESTERS);
        final HostSet responders = entry.get(RESPONDERS);
        final Boolean legacyRecovery = entry.get(LEGACY_RECOVERY);
        final boolean legacy = legacyRecovery != null && legacyRecovery;
        final int services = services(entry, legacy);
        final PortSet streamPorts = entry.get(STREAM_PORTS);
        return requesters == null || responders == null || streamPorts == null
                ? null
                : new Allowance(name, requesters, responders, services, streamPorts, legacy);
    }

    private static int services(final Section entry, final boolean legacyRecovery) {
        final Integer services = entry.get(SERVICES);
        if (!legacyRecovery && !entry.has(SERVICES.name())) {
            entry.missing(SERVICES.name(), "[noop, selfcheck, sendsize, sendbackup]");
        } else if (!legacyRecovery && services != null && services == 0) {
            entry.error(SERVICES.name(), "no service; name at least one of " + Texts.serviceNames());
        }
        return services == null ? 0 : services;
    }
}
