package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.host.LocalAddresses;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;

/**
 * The reverse path filter, where it matters: strict on an interface while a configured IPv4 host has routes over several,
 * so that answers may come in over another one; or off everywhere, with nothing else against spoofed addresses.
 */
final class ReversePathCheck implements SettingsCheck {
    private static final String CONF = "/proc/sys/net/ipv4/conf/";
    private static final int HOSTS_MAX = 64;
    private static final int HEXADECIMAL = 16;

    /** A line of /proc/net/route: interface, destination, gateway, flags, three numbers, mask; addresses little-endian. */
    private record Route(String device, int destination, int mask) {
        boolean leadsTo(final int address) {
            return (address & mask) == destination;
        }
    }

    @Override
    public String name() {
        return "rp-filter";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final LocalAddresses local = LocalAddresses.of(host);
        final List<Route> routes = routes(host);
        final TreeSet<String> devices = new TreeSet<>();
        final List<Finding> findings = new ArrayList<>();
        final List<HostPrefix> hosts = new ArrayList<>();
        for (final Allowance line : settings.allow()) {
            local.outside(line.requesters(), true).ifPresent(hosts::add);
            local.outside(line.responders(), true).ifPresent(hosts::add);
        }
        for (final HostPrefix one : hosts.stream().distinct().limit(HOSTS_MAX).toList()) {
            final SortedSet<String> ways = devices(routes, one);
            devices.addAll(ways);
            final Optional<String> strict =
                    ways.stream().filter(device -> filter(host, device) == 1).findFirst();
            if (ways.size() > 1 && strict.isPresent()) {
                findings.add(Finding.warning(
                        one + " is reached over " + ways + " and rp_filter is strict on " + strict.get()
                                + ": what comes in over the other one is dropped by the kernel",
                        "sysctl -w net.ipv4.conf." + strict.get() + ".rp_filter=2 net.ipv4.conf.all.rp_filter=2"));
            } else if (ways.size() > 1 && settings.matchInterfaces()) {
                findings.add(Finding.warning(
                        one + " is reached over " + ways + ": with match-interfaces a reply that comes in over another"
                                + " one than the request left by opens nothing",
                        "set match-interfaces: false in " + examination.file()));
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

    private static SortedSet<String> devices(final List<Route> routes, final HostPrefix one) {
        final int address = Integer.reverseBytes((int) one.low());
        final TreeSet<String> devices = new TreeSet<>();
        int longest = -1;
        for (final Route route : routes) {
            final int length = Integer.bitCount(route.mask);
            if (route.leadsTo(address) && length >= longest) {
                if (length > longest) {
                    devices.clear();
                }
                longest = length;
                devices.add(route.device);
            }
        }
        return devices;
    }

    private static List<Route> routes(final Host host) {
        final List<Route> routes = new ArrayList<>();
        for (final String line :
                host.read("/proc/net/route").orEmpty().lines().skip(1).toList()) {
            final String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > 7) {
                routes.add(new Route(
                        fields[0],
                        Integer.parseUnsignedInt(fields[1], HEXADECIMAL),
                        Integer.parseUnsignedInt(fields[7], HEXADECIMAL)));
            }
        }
        return routes;
    }
}
