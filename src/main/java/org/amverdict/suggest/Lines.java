package org.amverdict.suggest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.amverdict.amanda.Service;
import org.amverdict.packet.IpAddress;

/**
 * Makes as few lines as possible of what was seen of single pairs, without allowing a pair that was not: a host that asked
 * several others is one line, and so are several hosts that asked the same others. Stateless.
 */
final class Lines {
    private static final Set<Service> RECOVERY = EnumSet.of(Service.AMINDEXD, Service.AMIDXTAPED);
    private static final Set<Service> USUAL =
            EnumSet.of(Service.NOOP, Service.SELFCHECK, Service.SENDSIZE, Service.SENDBACKUP);

    private Lines() {}

    /** What one host asked of others; what it needs for a recovery is apart from what it needs for backups. */
    private record Role(IpAddress requester, boolean recovery, boolean legacy) {}

    /** Several hosts that asked the same of the same others. */
    private record Group(Set<IpAddress> responders, Set<Service> services, boolean legacy) {}

    static List<Line> of(final Map<HostPair, Asking> asking) {
        final Map<Role, Map<IpAddress, Asking>> roles = new LinkedHashMap<>();
        asking.forEach((pair, asked) -> {
            final boolean legacy = asked.legacyConnections > 0;
            final boolean recovery = asked.services.stream().anyMatch(RECOVERY::contains);
            final boolean backup = asked.services.stream().anyMatch(service -> !RECOVERY.contains(service));
            if (recovery || legacy) {
                role(roles, new Role(pair.source(), true, legacy)).put(pair.destination(), asked);
            }
            if (backup || !(recovery || legacy)) {
                role(roles, new Role(pair.source(), false, false)).put(pair.destination(), asked);
            }
        });
        final Map<Group, List<Role>> groups = new LinkedHashMap<>();
        roles.forEach((role, asked) -> groups.computeIfAbsent(
                        new Group(asked.keySet(), services(role, asked.values()), role.legacy()),
                        key -> new ArrayList<>())
                .add(role));
        return groups.entrySet().stream()
                .map(group -> line(group.getKey(), group.getValue(), roles))
                .toList();
    }

    private static Map<IpAddress, Asking> role(final Map<Role, Map<IpAddress, Asking>> roles, final Role role) {
        return roles.computeIfAbsent(role, key -> new LinkedHashMap<>());
    }

    private static Set<Service> services(final Role role, final Collection<Asking> asked) {
        final Set<Service> services = EnumSet.noneOf(Service.class);
        asked.forEach(each -> each.services.stream()
                .filter(service -> RECOVERY.contains(service) == role.recovery())
                .forEach(services::add));
        return services;
    }

    private static Line line(
            final Group group, final List<Role> requesters, final Map<Role, Map<IpAddress, Asking>> roles) {
        final boolean guessed = group.services().isEmpty() && !group.legacy();
        return new Line(
                hosts(requesters.stream()
                        .collect(Collectors.toMap(
                                Role::requester,
                                role -> sum(roles.getOrDefault(role, Map.of()).values())))),
                hosts(group.responders().stream()
                        .collect(Collectors.toMap(
                                responder -> responder,
                                responder -> requesters.stream()
                                        .mapToLong(role -> sum(of(roles, role, responder)))
                                        .sum()))),
                guessed ? USUAL : group.services(),
                guessed,
                group.legacy(),
                facts(
                        group,
                        guessed,
                        requesters.stream()
                                .flatMap(role -> roles.getOrDefault(role, Map.of()).values().stream())
                                .toList()));
    }

    private static List<Asking> of(
            final Map<Role, Map<IpAddress, Asking>> roles, final Role role, final IpAddress responder) {
        final Asking asked = roles.getOrDefault(role, Map.of()).get(responder);
        return asked == null ? List.of() : List.of(asked);
    }

    private static long sum(final Collection<Asking> asked) {
        return asked.stream()
                .mapToLong(each -> each.requests + each.controlConnections + each.legacyConnections)
                .sum();
    }

    private static List<Line.Host> hosts(final Map<IpAddress, Long> requests) {
        return requests.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparingLong(IpAddress::high).thenComparing(IpAddress::low, Long::compareUnsigned)))
                .map(host -> new Line.Host(host.getKey().toString(), host.getValue()))
                .toList();
    }

    private static List<String> facts(final Group group, final boolean guessed, final List<Asking> asked) {
        final List<String> facts = new ArrayList<>();
        final long streams = asked.stream().mapToLong(each -> each.streams).sum();
        if (streams > 0) {
            final int lowest =
                    asked.stream().mapToInt(each -> each.lowestPort).min().orElse(0);
            final int highest =
                    asked.stream().mapToInt(each -> each.highestPort).max().orElse(0);
            facts.add(streams + " connections to ports " + lowest + " to " + highest
                    + "; stream-ports can say which your clients use");
        }
        final long control =
                asked.stream().mapToLong(each -> each.controlConnections).sum();
        if (control > 0) {
            facts.add(control + " connections to a control port: auth bsdtcp, for which a plain rule is enough");
        }
        if (guessed) {
            facts.add("which services were asked for was not seen; these are those of a backup");
        } else if (!group.services().isEmpty() && USUAL.containsAll(group.services())) {
            final Set<String> missing = new TreeSet<>();
            USUAL.stream()
                    .filter(service -> !group.services().contains(service))
                    .forEach(service -> missing.add(service.label()));
            if (!missing.isEmpty()) {
                facts.add("a backup usually needs these too, which were not asked for: " + String.join(", ", missing));
            }
        }
        final long odd = asked.stream().mapToLong(each -> each.oddPorts).sum();
        if (odd > 0) {
            facts.add(odd + " requests came from ports outside requester-ports: most often a router has changed them");
        }
        return facts;
    }
}
