package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.Routes;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;

/**
 * The reverse path filter, where it matters: strict on an interface while a configured IPv4 host has routes over several,
 * so that answers may come in over another one; or off everywhere, with nothing else against spoofed addresses.
 */
final class ReversePathCheck implements SettingsCheck {
    private static final String CONF = "/proc/sys/net/ipv4/conf/";
    private static final int SHOWN_MAX = 4;

    @Override
    public String name() {
        return "rp-filter";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Passages passages = examination.passages(host);
        final Routes routes = passages.routes();
        final TreeSet<String> devices = new TreeSet<>();
        final List<Finding> findings = new ArrayList<>();
        for (final HostSet range :
                examination.lines(settings).hosts().stream().distinct().toList()) {
            final TreeSet<String> ways = new TreeSet<>();
            HostPrefix example = null;
            for (final HostPrefix one : passages.cells().of(range, true)) {
                final SortedSet<String> own = routes.devicesOfAll(one);
                if (!passages.local().contains(one.address())) {
                    devices.addAll(own);
                    example = own.size() > 1 || example == null ? one : example;
                    ways.addAll(own.size() > 1 ? own : Set.of());
                }
            }
            if (example != null && ways.size() > 1 && findings.size() < SHOWN_MAX) {
                add(host, examination, settings, new Ways(example, ways), findings);
            }
        }
        final Optional<String> open =
                devices.stream().filter(device -> filter(host, device) == 0).findFirst();
        if (findings.isEmpty() && open.isPresent() && !settings.matchInterfaces()) {
            findings.add(Finding.warning(
                    "rp_filter is off on " + open.get()
                            + " and match-interfaces is false: a spoofed address is not noticed",
                    "sysctl -w net.ipv4.conf." + open.get() + ".rp_filter=2"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    devices.isEmpty()
                            ? "no IPv4 route to the configured hosts"
                            : "one way to each IPv4 host, over " + devices));
        }
        return findings;
    }

    /** The kernel uses the higher of the two. */
    private static int filter(final Host host, final String device) {
        return Math.max(value(host, "all"), value(host, device));
    }

    private static int value(final Host host, final String name) {
        final String text = host.read(CONF + name + "/rp_filter").orEmpty().strip();
        return text.matches("[0-9]") ? Integer.parseInt(text) : 0;
    }

    /** A host and the interfaces by which its packets may come. */
    private record Ways(HostPrefix one, SortedSet<String> devices) {}

    private static void add(
            final Host host,
            final Examination examination,
            final Settings settings,
            final Ways ways,
            final List<Finding> findings) {
        final Optional<String> strict = ways.devices().stream()
                .filter(device -> filter(host, device) == 1)
                .findFirst();
        if (strict.isPresent()) {
            findings.add(Finding.warning(
                    ways.one() + " is reached over " + ways.devices() + " and rp_filter is strict on " + strict.get()
                            + ": what comes in over another one than the route is dropped by the kernel",
                    "sysctl -w net.ipv4.conf." + strict.get() + ".rp_filter=2 net.ipv4.conf.all.rp_filter=2"));
        } else if (settings.matchInterfaces()) {
            findings.add(Finding.warning(
                    ways.one() + " is reached over " + ways.devices()
                            + ": with match-interfaces a reply that comes in over another"
                            + " one than the request left by opens nothing",
                    "set match-interfaces: false in " + examination.file()));
        }
    }
}
