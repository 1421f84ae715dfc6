package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.config.Settings;
import org.amverdict.firewall.EarlierRules;
import org.amverdict.firewall.ProbePacket;
import org.amverdict.firewall.ProbePacket.End;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.firewall.Range;
import org.amverdict.host.LocalHost;
import org.amverdict.host.Routes;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rule of others that stands before our jump may decide about packets that are to be judged. A rule for another
 * interface, host, port or protocol, or for packets of no connection, may stay where it is. Reads the routes of this host
 * when it first needs them. One thread.
 */
final class Precedence implements IptablesComparison.Earlier {
    /** With more kinds of packets than this, those of any two hosts are looked at instead. */
    private static final int PACKETS_MAX = 512;

    /** From here Amanda takes the ports from which it asks and connects; below are the services of other people's rules. */
    private static final int REQUESTER_PORT_MIN = 512;

    private static final Range REQUESTER_PORTS = new Range(REQUESTER_PORT_MIN, PortSet.PORT_MAX);
    private static final Range ANY_PORT = new Range(1, PortSet.PORT_MAX);

    private final Settings settings;
    private @Nullable Routes routes;

    Precedence(final Settings settings) {
        this.settings = settings;
    }

    /** Routes that are known. */
    Precedence(final Settings settings, final Routes routes) {
        this.settings = settings;
        this.routes = routes;
    }

    @Override
    public Optional<String> deciding(
            final String tool, final InstalledChains now, final String table, final String jump) {
        if (now.isFirst(table, jump)) {
            return Optional.empty();
        }
        final Packets packets = new Packets(tool.equals("iptables"));
        if (jump.endsWith(" " + IptablesTable.CHAIN)) {
            settings.allow().forEach(packets::add);
            settings.statics().forEach(packets::add);
        }
        if (packets.all.isEmpty() || packets.all.size() > PACKETS_MAX) {
            // Rules for published hosts see other addresses.
            packets.all.clear();
            packets.ofAnyHosts();
        }
        return EarlierRules.of(tool, now.text()).deciding(table, "-A " + jump, InstalledChains::isOurs, packets.all);
    }

    /** The kinds of packets of one family. */
    private final class Packets {
        private final List<ProbePacket> all = new ArrayList<>();
        private final boolean ipv4;

        Packets(final boolean ipv4) {
            this.ipv4 = ipv4;
        }

        void add(final Allowance line) {
            final PortSet streams = line.legacyRecovery()
                    ? PortSet.union(List.of(
                            line.streamPorts(), PortSet.of(AmandaPorts.AMANDAIDX), PortSet.of(AmandaPorts.AMIDXTAPE)))
                    : line.streamPorts();
            between(line.requesters(), line.responders(), settings.controlPorts(), streams);
        }

        void add(final StaticRange line) {
            between(line.from(), line.to(), null, line.tcp());
        }

        void ofAnyHosts() {
            final HostPrefix any = HostPrefix.parse(ipv4 ? "0.0.0.0/0" : "::/0");
            for (final boolean tcp : new boolean[] {true, false}) {
                for (final State state : State.values()) {
                    final End end = new End(any, ANY_PORT);
                    all.add(new ProbePacket("a packet", end, end, tcp, state));
                }
            }
        }

        private void between(
                final HostSet requesters,
                final HostSet responders,
                final @Nullable PortSet control,
                final PortSet tcp) {
            for (final HostPrefix requester : HostPair.ofFamily(requesters.prefixes(), ipv4)) {
                for (final HostPrefix responder : HostPair.ofFamily(responders.prefixes(), ipv4)) {
                    if (all.size() > PACKETS_MAX) {
                        return;
                    }
                    if (control != null) {
                        ranges(requester, responder, control, false);
                    }
                    ranges(requester, responder, tcp, true);
                }
            }
        }

        private void ranges(
                final HostPrefix requester, final HostPrefix responder, final PortSet ports, final boolean tcp) {
            final End asking = new End(requester, REQUESTER_PORTS);
            for (int i = 0; i < ports.rangeCount(); i++) {
                final End answering = new End(responder, new Range(ports.first(i), ports.last(i)));
                final Links forth = new Links(devices(requester), devices(responder));
                final Links back = new Links(forth.out(), forth.in());
                for (final State state : State.values()) {
                    all.add(new ProbePacket("a packet", asking, answering, tcp, state, forth));
                    all.add(new ProbePacket("an answer", answering, asking, tcp, state, back));
                }
            }
        }
    }

    /** By which interfaces these hosts are reached; none if that is not known. */
    private SortedSet<String> devices(final HostPrefix hosts) {
        Routes known = routes;
        if (known == null) {
            known = Routes.of(new LocalHost());
            routes = known;
        }
        final SortedSet<String> devices = new TreeSet<>(known.devices(hosts));
        for (final HostPrefix destination : known.destinations()) {
            if (hosts.contains(destination)) {
                devices.addAll(known.devices(destination));
            }
        }
        return devices;
    }
}
