package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.config.Settings;
import org.amverdict.firewall.OwnQueues;
import org.amverdict.firewall.Range;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;

/**
 * The lines of the configuration that are examined. Immutable.
 *
 * @param allow lines of {@code allow}
 * @param statics ranges that need no announcement
 * @param controlPorts ports of amandad
 * @param queues the program's
 */
record Lines(List<Allowance> allow, List<StaticRange> statics, List<Integer> controlPorts, OwnQueues queues) {
    static Lines of(final Settings settings) {
        return new Lines(settings.allow(), settings.statics(), ports(settings.controlPorts()), queues(settings));
    }

    private static OwnQueues queues(final Settings settings) {
        final long published = settings.published().entries().isEmpty()
                ? 0
                : settings.published().mask();
        return new OwnQueues(
                (settings.marks().any() ? settings.marks().mask() : 0) | published,
                settings.queues().stream()
                        .map(range -> new Range(range.first(), range.last()))
                        .toList(),
                settings.continueMark());
    }

    /** Only what concerns one of these addresses, and each range narrowed to them. */
    static Lines of(final Settings settings, final List<HostPrefix> hosts) {
        final List<Allowance> allow = new ArrayList<>();
        for (final Allowance line : settings.allow()) {
            narrowed(line.responders(), hosts).ifPresent(those -> allow.add(with(line, line.requesters(), those)));
            narrowed(line.requesters(), hosts).ifPresent(those -> allow.add(with(line, those, line.responders())));
        }
        final List<StaticRange> statics = new ArrayList<>();
        for (final StaticRange line : settings.statics()) {
            narrowed(line.to(), hosts).ifPresent(those -> statics.add(new StaticRange(line.from(), those, line.tcp())));
            narrowed(line.from(), hosts).ifPresent(those -> statics.add(new StaticRange(those, line.to(), line.tcp())));
        }
        return new Lines(allow, statics, ports(settings.controlPorts()), queues(settings));
    }

    private static Allowance with(final Allowance line, final HostSet requesters, final HostSet responders) {
        return new Allowance(
                line.name(), requesters, responders, line.services(), line.streamPorts(), line.legacyRecovery());
    }

    private static Optional<HostSet> narrowed(final HostSet range, final List<HostPrefix> hosts) {
        final List<HostPrefix> those = hosts.stream()
                .filter(host -> range.contains(host.high(), host.low()))
                .toList();
        return those.isEmpty() ? Optional.empty() : Optional.of(HostSet.of(those));
    }

    private static List<Integer> ports(final PortSet set) {
        final List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < set.rangeCount(); i++) {
            for (int port = set.first(i); port <= set.last(i) && ports.size() < Settings.CONTROL_PORTS_MAX; port++) {
                ports.add(port);
            }
        }
        return ports;
    }

    /** Every set of hosts, requesters first. */
    List<HostSet> hosts() {
        final List<HostSet> hosts = new ArrayList<>();
        for (final Allowance line : allow) {
            hosts.add(line.requesters());
            hosts.add(line.responders());
        }
        for (final StaticRange line : statics) {
            hosts.add(line.from());
            hosts.add(line.to());
        }
        return hosts;
    }
}
