package org.amverdict.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.json.JsonReader;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import org.jspecify.annotations.Nullable;

/**
 * The routes of this host: those of every table, from {@code ip -j route show table all} (ip-route(8)), or the main table
 * of IPv4 from /proc/net/route where there is no such tool. Immutable.
 */
public final class Routes {
    private static final int ROUTES_MAX = 100_000;
    private static final int HEXADECIMAL = 16;
    private static final int MASK_FIELD = 7;
    private static final String PACKAGE = "iproute2";
    private static final String MAIN = "main";
    /** Rules that every host has. */
    private static final List<String> USUAL_TABLES = List.of("local", MAIN, "default");

    private final List<Route> routes;
    private final boolean severalTables;

    private Routes(final List<Route> routes, final boolean severalTables) {
        this.routes = List.copyOf(routes);
        this.severalTables = severalTables;
    }

    /**
     * One way to one destination; a route over several devices yields one each.
     *
     * @param to where it leads
     * @param device by which
     * @param direct whether its hosts are on the link itself, without a gateway
     * @param table of which routing table
     */
    public record Route(HostPrefix to, String device, boolean direct, String table) {
        private boolean leadsTo(final HostPrefix address) {
            return to.contains(address);
        }
    }

    public static Routes of(final Host host) {
        final List<Route> found = new ArrayList<>();
        boolean severalTables = false;
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final String family = ipv4 ? "-4" : "-6";
            final Host.Text json = host.run(PACKAGE, "ip", "-j", family, "route", "show", "table", "all");
            if (!json.ok() || !addAll(json.text(), ipv4, found)) {
                if (ipv4) {
                    addFromProc(host, found);
                }
                continue;
            }
            for (final Map<?, ?> rule : objects(
                    host.run(PACKAGE, "ip", "-j", family, "rule", "show").orEmpty())) {
                severalTables |= !USUAL_TABLES.contains(String.valueOf(rule.get("table")));
            }
        }
        return new Routes(found, severalTables);
    }

    /**
     * A rule of {@code ip rule} that looks at the packet's mark.
     *
     * @param mark 32 bits
     * @param mask the bits that it looks at
     */
    public record MarkRule(long mark, long mask) {}

    /** The rules of both families that look at the packet's mark. */
    public static List<MarkRule> markRules(final Host host) {
        final List<MarkRule> found = new ArrayList<>();
        for (final String family : new String[] {"-4", "-6"}) {
            for (final Map<?, ?> rule : objects(
                    host.run(PACKAGE, "ip", "-j", family, "rule", "show").orEmpty())) {
                final Object mark = rule.get("fwmark");
                if (mark != null) {
                    final Object mask = rule.get("fwmask");
                    found.add(new MarkRule(markWord(mark), mask == null ? 0xffff_ffffL : markWord(mask)));
                }
            }
        }
        return found;
    }

    /** "0x1" or 1; 0 if it is neither one nor the other. */
    private static long markWord(final Object number) {
        final String text = String.valueOf(number);
        return text.matches("0x[0-9a-fA-F]{1,8}|[0-9]{1,10}") ? Long.decode(text) : 0;
    }

    /** Whether it has that form. */
    private static boolean addAll(final String json, final boolean ipv4, final List<Route> found) {
        if (!json.strip().startsWith("[")) {
            return json.isBlank(); // no route at all
        }
        for (final Map<?, ?> route : objects(json)) {
            final String table = String.valueOf(route.containsKey("table") ? route.get("table") : MAIN);
            final HostPrefix to = destination(String.valueOf(route.get("dst")), ipv4);
            final boolean usable = !route.containsKey("type") || "unicast".equals(route.get("type"));
            if (to == null || !usable || found.size() > ROUTES_MAX) {
                continue;
            }
            final boolean direct = !route.containsKey("gateway") && !route.containsKey("via");
            if (route.get("dev") != null) {
                found.add(new Route(to, String.valueOf(route.get("dev")), direct, table));
            }
            if (route.get("nexthops") instanceof List<?> hops) {
                for (final Object hop : hops) {
                    if (hop instanceof Map<?, ?> next && next.get("dev") != null) {
                        found.add(new Route(to, String.valueOf(next.get("dev")), false, table));
                    }
                }
            }
        }
        return true;
    }

    private static List<Map<?, ?>> objects(final String json) {
        final List<Map<?, ?>> objects = new ArrayList<>();
        try {
            if (JsonReader.object("{\"all\":" + json + "}").get("all") instanceof List<?> all) {
                for (final Object each : all) {
                    if (each instanceof Map<?, ?> map) {
                        objects.add(map);
                    }
                }
            }
        } catch (final IllegalArgumentException e) {
            objects.clear(); // an ip(8) without JSON
        }
        return objects;
    }

    private static @Nullable HostPrefix destination(final String text, final boolean ipv4) {
        if (text.equals("default")) {
            return HostPrefix.parse(ipv4 ? "0.0.0.0/0" : "::/0");
        }
        if (text.startsWith("fe80:")) {
            return null; // every interface of IPv6 has this one
        }
        try {
            return HostPrefix.parse(text);
        } catch (final IllegalArgumentException e) {
            return null; // multicast and the like, where no host is
        }
    }

    /** Lines: interface, destination, gateway, flags, three numbers, mask; addresses in hexadecimal, little-endian. */
    private static void addFromProc(final Host host, final List<Route> found) {
        for (final String line :
                host.read("/proc/net/route").orEmpty().lines().skip(1).toList()) {
            final String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > MASK_FIELD && found.size() <= ROUTES_MAX) {
                final int length = Integer.bitCount(word(fields[MASK_FIELD]));
                final IpAddress first = IpAddress.ofIpv4(word(fields[1]));
                final int bits = HostPrefix.of(first).bits() - Integer.SIZE + length;
                final boolean direct = word(fields[2]) == 0;
                found.add(new Route(new HostPrefix(first.high(), first.low(), bits), fields[0], direct, MAIN));
            }
        }
    }

    private static int word(final String digits) {
        return Integer.reverseBytes(Integer.parseUnsignedInt(digits, HEXADECIMAL));
    }

    /** Destinations of all routes. */
    public List<HostPrefix> destinations() {
        return routes.stream().map(Route::to).distinct().toList();
    }

    /** Whether a route leads over this device. */
    public boolean leadsOver(final String device) {
        return routes.stream().anyMatch(route -> route.device().equals(device));
    }

    /** Whether rules of {@code ip rule} choose between tables, which a look at the destination alone cannot predict. */
    public boolean severalTables() {
        return severalTables;
    }

    /** The routes that a packet to this address may take: the longest ones of the tables that may be asked. */
    public List<Route> to(final HostPrefix address) {
        final List<Route> taken = new ArrayList<>();
        final TreeSet<String> tables = new TreeSet<>();
        routes.forEach(route -> tables.add(route.table()));
        for (final String table : tables) {
            if (severalTables || USUAL_TABLES.contains(table)) {
                taken.addAll(longest(table, address));
            }
        }
        return taken;
    }

    private List<Route> longest(final String table, final HostPrefix address) {
        final List<Route> longest = new ArrayList<>();
        for (final Route route : routes) {
            if (route.table().equals(table) && route.leadsTo(address)) {
                if (!longest.isEmpty()
                        && longest.get(0).to().bits() < route.to().bits()) {
                    longest.clear();
                }
                if (longest.isEmpty()
                        || longest.get(0).to().bits() == route.to().bits()) {
                    longest.add(route);
                }
            }
        }
        return longest;
    }

    /** The devices that a packet to this address may leave by; empty if there is no route. */
    public SortedSet<String> devices(final HostPrefix address) {
        final TreeSet<String> devices = new TreeSet<>();
        to(address).forEach(route -> devices.add(route.device()));
        return devices;
    }

    /** The devices of every route, except a default one, that covers this address, longest or not. */
    public SortedSet<String> devicesOfAll(final HostPrefix address) {
        final TreeSet<String> devices = new TreeSet<>(devices(address));
        routes.stream()
                .filter(route -> route.leadsTo(address) && route.to().length() > 0)
                .filter(route -> severalTables || USUAL_TABLES.contains(route.table()))
                .map(Route::device)
                .forEach(devices::add);
        return devices;
    }
}
