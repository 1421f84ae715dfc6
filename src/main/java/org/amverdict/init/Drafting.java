package org.amverdict.init;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import org.amverdict.text.Printable;
import org.jspecify.annotations.Nullable;

/** From disk list entries to a {@link Draft}: sorts the hosts by what they need, and looks up their addresses. Used once. */
public final class Drafting {
    /** Those whose client answers with ports over UDP; common-src/bsd-security.c and bsdudp-security.c. */
    private static final Set<String> NEGOTIATING = Set.of("bsd", "bsdudp");

    private static final String USUAL_PORT = "amanda";
    private static final int NAMES_SHOWN_MAX = 20;

    private final Neighborhood neighborhood;
    private final String assumedAuth;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> wanted = new LinkedHashSet<>();
    private final Set<Integer> controlPorts = new TreeSet<>();
    private boolean complete = true;

    /** @param assumedAuth the auth of entries that do not say it; empty: they may need this program */
    public Drafting(final LocalNeighborhood neighborhood, final String assumedAuth) {
        this((Neighborhood) neighborhood, assumedAuth);
    }

    Drafting(final Neighborhood neighborhood, final String assumedAuth) {
        this.neighborhood = neighborhood;
        this.assumedAuth = assumedAuth;
    }

    /**
     * The configuration for the hosts of that source. Blocks for look-ups.
     *
     * @param servers names and addresses of the Amanda server; none if it is this host
     * @param kept from the file in whose place it is written
     */
    public Draft draft(final Source source, final List<String> servers, final Kept kept) throws InterruptedException {
        sort(source.entries());
        final Map<String, List<IpAddress>> clients = found(wanted);
        final Map<String, List<IpAddress>> requesters =
                servers.isEmpty() ? ownAddresses(clients) : found(new LinkedHashSet<>(servers));
        leaveOutServer(clients, requesters);
        if (clients.isEmpty()) {
            return nothing("no host is left that needs this, so nothing is written");
        }
        if (requesters.isEmpty()) {
            return nothing("the Amanda server's own addresses are not known: name it with --server NAME or ADDRESS");
        }
        if (!kept.note().isEmpty()) {
            notes.add(kept.note());
        }
        final String yaml = new DraftText(source, requesters, clients, controlPorts, kept).yaml();
        return new Draft(yaml, notes, clients.size(), complete);
    }

    private Draft nothing(final String why) {
        notes.add(why);
        return new Draft("", notes, 0, false);
    }

    /** A host needs this program if one of its entries does. */
    private void sort(final List<DiskEntry> entries) {
        final Map<String, Set<String>> others = new TreeMap<>();
        final Set<String> unknown = new TreeSet<>();
        final Set<String> unreadable = new TreeSet<>();
        for (final DiskEntry entry : entries) {
            final String auth = entry.auth().isEmpty() ? assumedAuth : entry.auth();
            if (entry.ignored()) {
                others.computeIfAbsent("Amanda ignores them", name -> new TreeSet<>())
                        .add(entry.host());
            } else if (!entry.host().matches("[A-Za-z0-9_.:%-]{1,255}")) {
                unreadable.add(Printable.of(entry.host()));
            } else if (auth.isEmpty() || NEGOTIATING.contains(auth)) {
                wanted.add(entry.host());
                addPort(entry);
                if (auth.isEmpty()) {
                    unknown.add(entry.host());
                }
            } else {
                others.computeIfAbsent("auth " + Printable.of(auth) + " needs none of this", name -> new TreeSet<>())
                        .add(entry.host());
            }
        }
        others.forEach((why, hosts) -> {
            hosts.removeAll(wanted);
            if (!hosts.isEmpty()) {
                notes.add("left out, since " + why + ": " + listed(hosts));
            }
        });
        if (!unknown.isEmpty()) {
            notes.add("their auth is not in this file, so they are in: " + listed(unknown)
                    + "; --auth says what your dump types use");
        }
        if (!unreadable.isEmpty()) {
            complete = false;
            notes.add("left out, not the name of a host: " + listed(unreadable));
        }
    }

    private void addPort(final DiskEntry entry) {
        final String port = entry.clientPort();
        if (port.isEmpty() || port.equals(USUAL_PORT)) {
            return;
        }
        if (port.matches("[1-9][0-9]{0,4}") && Integer.parseInt(port) <= 65_535) {
            controlPorts.add(Integer.parseInt(port));
        } else {
            complete = false;
            notes.add("client-port " + Printable.of(port) + " of " + entry.host()
                    + " is a name: add its number to control-ports");
        }
    }

    private Map<String, List<IpAddress>> found(final Set<String> names) throws InterruptedException {
        final Map<String, List<IpAddress>> found = new LinkedHashMap<>();
        final Set<String> missing = new TreeSet<>();
        neighborhood.lookUp(names).forEach((name, addresses) -> {
            final List<IpAddress> usable =
                    addresses.stream().filter(Drafting::isUsable).toList();
            if (usable.isEmpty()) {
                missing.add(name);
            } else {
                found.put(name, usable);
            }
        });
        if (!missing.isEmpty()) {
            complete = false;
            notes.add(
                    "left out, no address found: " + listed(missing) + "; look at /etc/hosts and DNS, and repeat this");
        }
        return found;
    }

    private static boolean isUsable(final IpAddress address) {
        try {
            HostPrefix.refuseUnusable(address);
            return true;
        } catch (final IllegalArgumentException e) {
            return false;
        }
    }

    /** Under which addresses this host, the server, reaches the clients, and those that its own name stands for. */
    private Map<String, List<IpAddress>> ownAddresses(final Map<String, List<IpAddress>> clients)
            throws InterruptedException {
        final String name = neighborhood.ownName();
        final Set<IpAddress> own = new LinkedHashSet<>();
        clients.values()
                .forEach(addresses -> addresses.forEach(address -> {
                    final IpAddress source = neighborhood.sourceTowards(address);
                    if (source != null && !source.equals(address)) {
                        own.add(source);
                    }
                }));
        neighborhood.lookUp(Set.of(name)).getOrDefault(name, List.of()).stream()
                .filter(Drafting::isUsable)
                .forEach(own::add);
        own.removeIf(Drafting::isLoopback);
        return own.isEmpty() ? new LinkedHashMap<>() : new LinkedHashMap<>(Map.of(name, List.copyOf(own)));
    }

    /** What the server sends to itself never leaves it. */
    private void leaveOutServer(
            final Map<String, List<IpAddress>> clients, final Map<String, List<IpAddress>> requesters) {
        final Set<String> local = new TreeSet<>();
        clients.forEach((name, addresses) -> {
            if (addresses.stream().allMatch(address -> isLoopback(address) || isOf(requesters, address))) {
                local.add(name);
            }
        });
        clients.keySet().removeAll(local);
        if (!local.isEmpty()) {
            notes.add("left out, since it is the Amanda server itself, whose traffic stays on the host: "
                    + listed(local));
        }
    }

    private static boolean isOf(final Map<String, List<IpAddress>> hosts, final @Nullable IpAddress address) {
        return hosts.values().stream().anyMatch(addresses -> addresses.contains(address));
    }

    static boolean isLoopback(final IpAddress address) {
        final boolean ipv4 = address.isIpv4() && (address.low() >>> 24 & 0xff) == 127;
        return ipv4 || (address.high() == 0 && address.low() == 1);
    }

    private static String listed(final Set<String> names) {
        final List<String> shown = names.stream().limit(NAMES_SHOWN_MAX).toList();
        return String.join(", ", shown)
                + (names.size() > shown.size() ? " and " + (names.size() - shown.size()) + " more" : "");
    }
}
