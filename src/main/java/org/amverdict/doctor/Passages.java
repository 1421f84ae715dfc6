package org.amverdict.doctor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.ProbePacket.Path;
import org.amverdict.host.Bridges;
import org.amverdict.host.Bridges.Bridge;
import org.amverdict.host.Host;
import org.amverdict.host.LocalAddresses;
import org.amverdict.host.Routes;
import org.amverdict.host.Routes.Route;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;

/** How the packets of the configured hosts pass this host: across it, to it or from it. Immutable. */
final class Passages {
    /** More pairs of hosts than this are not followed. */
    static final int PAIRS_MAX = 4096;

    /** Where the packets of an exchange pass, forth and back. */
    enum Way {
        /** From another host to another host. */
        ACROSS("forward", Path.ACROSS, Path.ACROSS),
        /** The responder is this host. */
        TO_US("client", Path.IN, Path.OUT),
        /** The requester is this host. */
        FROM_US("server", Path.OUT, Path.IN);

        private final String at;
        private final Path forth;
        private final Path back;

        Way(final String at, final Path forth, final Path back) {
            this.at = at;
            this.forth = forth;
            this.back = back;
        }

        /** Where rules for it belong, as in {@code rules --at}. */
        String at() {
            return at;
        }

        Path forth() {
            return forth;
        }

        Path back() {
            return back;
        }

        /** The hooks, for people. */
        String hooks() {
            return this == ACROSS ? "FORWARD" : "INPUT and OUTPUT";
        }
    }

    /**
     * Two hosts, and how their packets pass.
     *
     * @param requester one address that stands for all that are treated like it
     * @param responder the same
     * @param way where they pass
     * @param required whether their packets surely pass here: not those of hosts behind one and the same interface, nor
     *     those of a router whose own address happens to be in a range
     */
    record Passage(HostPrefix requester, HostPrefix responder, Way way, boolean required) {
        private Passage asRequired(final boolean needed) {
            return new Passage(requester, responder, way, needed);
        }
    }

    private final LocalAddresses local;
    private final Routes routes;
    private final Bridges bridges;
    private final Cells cells;
    private final boolean forwards4;
    private final boolean forwards6;

    Passages(final Host host, final LocalAddresses local, final Routes routes, final Cells cells) {
        this.local = local;
        this.routes = routes;
        this.bridges = Bridges.of(host);
        this.cells = cells;
        this.forwards4 = ForwardingCheck.mayForward(host, true);
        this.forwards6 = ForwardingCheck.mayForward(host, false);
    }

    Cells cells() {
        return cells;
    }

    Routes routes() {
        return routes;
    }

    Bridges bridges() {
        return bridges;
    }

    LocalAddresses local() {
        return local;
    }

    /** The interfaces that a packet passes on its path, as far as routes say. */
    Links links(final HostPrefix source, final HostPrefix destination, final Path path) {
        final TreeSet<String> none = new TreeSet<>();
        return new Links(
                path == Path.OUT ? none : routes.devices(source), path == Path.IN ? none : routes.devices(destination));
    }

    /** All passages of a line in a family; {@link #PAIRS_MAX} at most. */
    List<Passage> of(final HostSet requesters, final HostSet responders, final boolean ipv4) {
        final List<Passage> across = new ArrayList<>();
        final List<Passage> own = new ArrayList<>();
        final List<HostPrefix> asking = cells.of(requesters, ipv4);
        final List<HostPrefix> answering = cells.of(responders, ipv4);
        for (final HostPrefix requester : asking) {
            for (final HostPrefix responder : answering) {
                if (requester.equals(responder) || across.size() + own.size() >= PAIRS_MAX) {
                    continue;
                }
                final boolean askedHere = local.contains(responder.address());
                final boolean asksHere = local.contains(requester.address());
                if (!askedHere && !asksHere) {
                    final boolean passes = !besides(requester, responder);
                    across.add(new Passage(requester, responder, Way.ACROSS, passes));
                } else if (askedHere != asksHere) {
                    final boolean named =
                            isNamed(askedHere ? responders : requesters, askedHere ? responder : requester);
                    own.add(new Passage(requester, responder, askedHere ? Way.TO_US : Way.FROM_US, named));
                }
            }
        }
        return merged(across, own, ipv4 ? forwards4 : forwards6);
    }

    private static List<Passage> merged(final List<Passage> across, final List<Passage> own, final boolean forwards) {
        final List<Passage> all = new ArrayList<>();
        // A host that does not forward and has an address in the line is an end of it.
        final boolean router = across.stream().anyMatch(Passage::required) && (forwards || own.isEmpty());
        // Where no route says anything the rules of a router are the usual ones.
        final boolean unclear = own.isEmpty() && !router;
        for (final Passage passage : across) {
            all.add(passage.asRequired(unclear || (router && passage.required())));
        }
        for (final Passage passage : own) {
            all.add(passage.asRequired(!router || passage.required()));
        }
        return all;
    }

    /** Whether both are behind one interface that is no bridge, so that their packets do not come here. */
    private boolean besides(final HostPrefix requester, final HostPrefix responder) {
        final SortedSet<String> one = routes.devices(requester);
        return one.size() == 1
                && one.equals(routes.devices(responder))
                && bridges.named(one.first()).isEmpty()
                && transparent().isEmpty();
    }

    /** Bridges without an address or route of their own: anything may cross them. Docker's have one. */
    private List<Bridge> transparent() {
        return bridges.joining().stream()
                .filter(bridge -> !routes.leadsOver(bridge.name()))
                .toList();
    }

    private static boolean isNamed(final HostSet hosts, final HostPrefix address) {
        return hosts.prefixes().contains(address);
    }

    /**
     * The bridge that packets between these hosts cross without being routed, if there is one: both are on the same link
     * of it, or no route says where they are.
     */
    Optional<Bridge> bridge(final Passage passage) {
        if (passage.way() != Way.ACROSS) {
            return Optional.empty();
        }
        final List<Route> forth = routes.to(passage.responder());
        final List<Route> back = routes.to(passage.requester());
        final Set<String> devices = new HashSet<>(routes.devices(passage.responder()));
        devices.addAll(routes.devices(passage.requester()));
        if (devices.size() > 1) {
            return Optional.empty(); // routed from one to the other
        }
        for (final String device : devices) {
            final Optional<Bridge> bridge = bridges.named(device).filter(Bridge::joins);
            if (bridge.isPresent()) {
                // Two networks that are both on the link: this host routes between them.
                final boolean direct =
                        forth.stream().allMatch(Route::direct) && back.stream().allMatch(Route::direct);
                return direct && !forth.equals(back) ? Optional.empty() : bridge;
            }
        }
        return transparent().stream().findFirst();
    }
}
