package org.amverdict.policy;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.amanda.Service;
import org.amverdict.packet.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Which host may ask which host for which service. Immutable, usable from every thread, swapped in whole on reload.
 * Addresses are two longs, high half first; IPv4 is {@code ::ffff:a.b.c.d}. A look-up allocates nothing and costs two
 * binary searches, plus an intersection of the allowances that name both hosts' prefixes: it grows with the number of
 * allowances that overlap at these hosts, not with the number of allowances.
 */
public final class Policy {
    /** Service "amanda" of IANA. */
    public static final PortSet DEFAULT_CONTROL_PORTS = PortSet.of(AmandaPorts.AMANDA);
    /** Amanda's default for {@code reserved-udp-port}. */
    public static final PortSet DEFAULT_REQUESTER_PORTS = PortSet.range(512, PortSet.PRIVILEGED_MAX);
    /** Amanda's default for {@code unreserved-tcp-port}. */
    public static final PortSet DEFAULT_STREAM_PORTS = PortSet.range(PortSet.PRIVILEGED_MAX + 1, PortSet.PORT_MAX);
    /** Most allowances, and most static ranges, of one policy. */
    public static final int LINES_MAX = 65_536;

    /** Stands for no line of {@code allow}. */
    public static final int NO_LINE = PairIndex.NONE;

    /** The only ports from which the servers of legacy recovery take a connection. */
    static final PortSet LEGACY_REQUESTER_PORTS = PortSet.range(512, PortSet.PRIVILEGED_MAX);

    private static final int ANY = 1 << 30;
    private static final int LEGACY = 1 << 29;

    private final List<Allowance> allowances;
    private final List<StaticRange> statics;
    private final PortSet controlPorts;
    private final PortSet requesterPorts;
    private final Allowance[] byItem;
    private final PortSet[] staticPorts;
    private final PairIndex pairs;
    private final PairIndex staticPairs;

    private Policy(
            final List<Allowance> allowances,
            final List<StaticRange> statics,
            final PortSet controlPorts,
            final PortSet requesterPorts) {
        this.allowances = List.copyOf(allowances);
        this.statics = List.copyOf(statics);
        this.controlPorts = controlPorts;
        this.requesterPorts = requesterPorts;
        this.byItem = this.allowances.toArray(new Allowance[0]);
        this.staticPorts = new PortSet[statics.size()];
        this.pairs = pairsOf(this.allowances);
        final List<HostSet> from = new ArrayList<>();
        final List<HostSet> to = new ArrayList<>();
        final int[] features = new int[statics.size()];
        for (int i = 0; i < staticPorts.length; i++) {
            from.add(this.statics.get(i).from());
            to.add(this.statics.get(i).to());
            staticPorts[i] = this.statics.get(i).tcp();
            features[i] = ANY;
        }
        this.staticPairs = new PairIndex(from, to, features);
    }

    private static PairIndex pairsOf(final List<Allowance> allowances) {
        final List<HostSet> requesters = new ArrayList<>();
        final List<HostSet> responders = new ArrayList<>();
        final int[] features = new int[allowances.size()];
        for (int i = 0; i < features.length; i++) {
            final Allowance allowance = allowances.get(i);
            requesters.add(allowance.requesters());
            responders.add(allowance.responders());
            features[i] = allowance.services() | ANY | (allowance.legacyRecovery() ? LEGACY : 0);
        }
        return new PairIndex(requesters, responders, features);
    }

    /**
     * A policy; the order of the allowances is their precedence.
     *
     * @throws IllegalArgumentException for more than {@link #LINES_MAX} allowances or static ranges
     */
    public static Policy of(
            final List<Allowance> allowances,
            final List<StaticRange> statics,
            final PortSet controlPorts,
            final PortSet requesterPorts) {
        if (allowances.size() > LINES_MAX || statics.size() > LINES_MAX) {
            throw new IllegalArgumentException("more than " + LINES_MAX + " lines");
        }
        return new Policy(allowances, statics, controlPorts, requesterPorts);
    }

    /** A policy with Amanda's usual ports and no static range. */
    public static Policy of(final List<Allowance> allowances) {
        return of(allowances, List.of(), DEFAULT_CONTROL_PORTS, DEFAULT_REQUESTER_PORTS);
    }

    /** The first allowance that lets the source ask the destination for the service, or null. */
    public @Nullable Allowance find(final Tuple tuple, final Service service) {
        final int item = line(tuple, service);
        return item < 0 ? null : byItem[item];
    }

    /** The index in {@link #allowances} of what {@link #find} returns, or {@link #NO_LINE}. */
    public int line(final Tuple tuple, final Service service) {
        return pairs.first(service.bit(), tuple, 0);
    }

    /** The index in {@link #allowances} of what {@link #find(Tuple)} returns, or {@link #NO_LINE}. */
    public int line(final Tuple tuple) {
        return pairs.first(ANY, tuple, 0);
    }

    /**
     * As {@link #line(Tuple, Service)}, for a caller that knows the first line for the two hosts: that line nearly
     * always has the service, and the hosts are not looked up again.
     *
     * @param first what {@link #line(Tuple)} returned, not {@link #NO_LINE}
     */
    public int lineFrom(final int first, final Tuple tuple, final Service service) {
        return (byItem[first].services() & service.bit()) != 0 ? first : pairs.first(service.bit(), tuple, first + 1);
    }

    /**
     * The index in {@link #allowances} of the line behind an {@link #admission}, or {@link #NO_LINE} if no allowance is.
     */
    public int line(final Tuple tuple, final Admission admission) {
        return switch (admission) {
            case CONTROL -> line(tuple);
            case LEGACY -> pairs.first(LEGACY, tuple, 0);
            case STATIC, NONE -> NO_LINE;
        };
    }

    /** Is there an allowance from the source to the destination, whatever the service? */
    public boolean permits(final Tuple tuple) {
        return line(tuple) != NO_LINE;
    }

    /** The first allowance from the source to the destination, whatever its services, or null. */
    public @Nullable Allowance find(final Tuple tuple) {
        final int item = line(tuple);
        return item < 0 ? null : byItem[item];
    }

    /** The first allowance from the source to the destination with {@code legacy-recovery}, or null. */
    public @Nullable Allowance findLegacyRecovery(final Tuple tuple) {
        final int item = pairs.first(LEGACY, tuple, 0);
        return item < 0 ? null : byItem[item];
    }

    /** Is there a static range that lets the source connect to the port of the destination? */
    public boolean staticPort(final Tuple tuple) {
        int item = -1;
        do {
            item = staticPairs.first(ANY, tuple, item + 1);
        } while (item >= 0 && !staticPorts[item].contains(tuple.destinationPort()));
        return item >= 0;
    }

    /** The ruling on a SYN that is not expected. */
    public Admission admission(final Tuple tuple) {
        final int port = tuple.destinationPort();
        if (isControlPort(port) && permits(tuple)) {
            return Admission.CONTROL;
        }
        if ((port == AmandaPorts.AMANDAIDX || port == AmandaPorts.AMIDXTAPE)
                && LEGACY_REQUESTER_PORTS.contains(tuple.sourcePort())
                && findLegacyRecovery(tuple) != null) {
            return Admission.LEGACY;
        }
        return staticPort(tuple) ? Admission.STATIC : Admission.NONE;
    }

    /** Could this be a stream, or a control connection, from the source to the port of the destination? */
    public boolean streamPort(final Tuple tuple) {
        final int port = tuple.destinationPort();
        int item = -1;
        do {
            item = pairs.first(ANY, tuple, item + 1);
        } while (item >= 0 && !byItem[item].streamPorts().contains(port) && !isControlPort(port));
        return item >= 0 || staticPort(tuple);
    }

    /** Is this a port that amandad listens on? */
    public boolean isControlPort(final int port) {
        return controlPorts.contains(port);
    }

    /** Is this a port that a REQ may come from? */
    public boolean isRequesterPort(final int port) {
        return requesterPorts.contains(port);
    }

    public List<Allowance> allowances() {
        return allowances;
    }

    public List<StaticRange> statics() {
        return statics;
    }

    public PortSet controlPorts() {
        return controlPorts;
    }

    public PortSet requesterPorts() {
        return requesterPorts;
    }
}
