package org.amverdict.policy;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.amanda.Service;
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

    /** The first allowance that contains both hosts and has the service, or null. */
    public @Nullable Allowance find(
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final Service service) {
        final int item = pairs.first(requesterHigh, requesterLow, responderHigh, responderLow, service.bit(), 0);
        return item < 0 ? null : byItem[item];
    }

    /** Is there an allowance of this pair, whatever the service? */
    public boolean permits(
            final long requesterHigh, final long requesterLow, final long responderHigh, final long responderLow) {
        return pairs.first(requesterHigh, requesterLow, responderHigh, responderLow, ANY, 0) >= 0;
    }

    /** The first allowance that contains both hosts, whatever its services, or null. */
    public @Nullable Allowance find(
            final long requesterHigh, final long requesterLow, final long responderHigh, final long responderLow) {
        final int item = pairs.first(requesterHigh, requesterLow, responderHigh, responderLow, ANY, 0);
        return item < 0 ? null : byItem[item];
    }

    /** Is there an allowance of this pair with {@code legacy-recovery}? */
    public boolean permitsLegacyRecovery(
            final long requesterHigh, final long requesterLow, final long responderHigh, final long responderLow) {
        return findLegacyRecovery(requesterHigh, requesterLow, responderHigh, responderLow) != null;
    }

    /** The first allowance of this pair with {@code legacy-recovery}, or null. */
    public @Nullable Allowance findLegacyRecovery(
            final long requesterHigh, final long requesterLow, final long responderHigh, final long responderLow) {
        final int item = pairs.first(requesterHigh, requesterLow, responderHigh, responderLow, LEGACY, 0);
        return item < 0 ? null : byItem[item];
    }

    /** Is there a static range that lets the source connect to this port of the destination? */
    public boolean staticPort(
            final long sourceHigh,
            final long sourceLow,
            final long destinationHigh,
            final long destinationLow,
            final int port) {
        int item = -1;
        do {
            item = staticPairs.first(sourceHigh, sourceLow, destinationHigh, destinationLow, ANY, item + 1);
        } while (item >= 0 && !staticPorts[item].contains(port));
        return item >= 0;
    }

    /** Could a stream, or a control connection, from the requester to this port of the responder be meant? */
    public boolean streamPort(
            final long requesterHigh,
            final long requesterLow,
            final long responderHigh,
            final long responderLow,
            final int port) {
        int item = -1;
        do {
            item = pairs.first(requesterHigh, requesterLow, responderHigh, responderLow, ANY, item + 1);
        } while (item >= 0 && !byItem[item].streamPorts().contains(port) && !isControlPort(port));
        return item >= 0 || staticPort(requesterHigh, requesterLow, responderHigh, responderLow, port);
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
