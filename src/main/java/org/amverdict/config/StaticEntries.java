package org.amverdict.config;

import static org.amverdict.config.SettingsKey.Absent.isMissed;
import static org.amverdict.config.SettingsKey.part;

import java.util.List;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;

/** The entries of {@code static}. Immutable. */
final class StaticEntries extends Entries<StaticRange> {
    private static final SettingsKey<HostSet> FROM =
            part("static.from", Texts.hosts(), isMissed("[192.0.2.10]"), "Hosts that connect.");
    private static final SettingsKey<HostSet> TO =
            part("static.to", Texts.hosts(), isMissed("[192.0.2.10]"), "Hosts that are connected to.");
    private static final SettingsKey<PortSet> TCP =
            part("static.tcp", Texts.ports(), isMissed("11000-11040"), "Destination ports.");

    StaticEntries() {
        super(
                false,
                List.of(
                        new Part<>(FROM, StaticRange::from),
                        new Part<>(TO, StaticRange::to),
                        new Part<>(TCP, StaticRange::tcp)));
    }

    @Override
    Reader<StaticRange> reader() {
        return (entry, index) -> {
            final HostSet from = entry.get(FROM);
            final HostSet to = entry.get(TO);
            final PortSet tcp = entry.get(TCP);
            return from == null || to == null || tcp == null ? null : new StaticRange(from, to, tcp);
        };
    }
}
