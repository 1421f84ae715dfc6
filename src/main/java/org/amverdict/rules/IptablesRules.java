package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RulePlan.Published;
import org.amverdict.rules.RulePlan.Queues;

/**
 * The rules for iptables and ip6tables, in our own chains, whose names begin with AMVERDICT. The verdict of the queue
 * is final within the table. In {@code offload} the queue is in mangle, whose hooks come before those of filter, so
 * that filter can save the mark of an accepted packet.
 */
final class IptablesRules {
    private static final String ASK = IptablesTable.CHAIN + "-ASK";
    private static final String ANSWER = IptablesTable.CHAIN + "-ANSWER";
    private static final String ERROR = IptablesTable.CHAIN + "-ERROR";
    private static final String PUBLIC = IptablesTable.CHAIN + "-PUBLIC";
    private static final String REPLY = IptablesTable.CHAIN + "-REPLY";

    /** A line with more pairs than this gets its own chains, so that other packets pass it in a few steps. */
    private static final int DIRECT_MAX = 4;

    private static final int MULTIPORT_MAX = 15;

    private IptablesRules() {}

    /** The tables of one family in the order in which they are to be loaded. */
    static List<IptablesTable> tables(final RulePlan plan, final boolean ipv4) {
        final List<IptablesTable> tables = new ArrayList<>();
        if (plan.pairs(ipv4).isEmpty()) {
            return tables;
        }
        final boolean offload = plan.options().placement() == Placement.OFFLOAD;
        final IptablesTable mangle = new IptablesTable("mangle");
        if (offload) {
            addPairs(mangle, plan, ipv4, true);
        }
        final List<Published> published = plan.published(ipv4);
        if (!published.isEmpty()) {
            addPublic(mangle, plan, published);
        }
        if (!mangle.jumps().isEmpty()) {
            tables.add(mangle);
        }
        if (!published.isEmpty()) {
            tables.add(translation(plan, published));
        }
        final IptablesTable filter = new IptablesTable("filter");
        addPairs(filter, plan, ipv4, !offload);
        tables.add(filter);
        return tables;
    }

    private static void addPairs(
            final IptablesTable table, final RulePlan plan, final boolean ipv4, final boolean judging) {
        for (final String hook : plan.hooks()) {
            table.hook(hook, IptablesTable.CHAIN);
        }
        if (plan.options().at() != RuleOptions.At.FORWARD) {
            table.add(IptablesTable.CHAIN, "-i lo -j RETURN");
            table.add(IptablesTable.CHAIN, "-o lo -j RETURN");
        }
        final PortSet except = plan.options().except();
        if (except != null) {
            addExceptions(table, IptablesTable.CHAIN, except);
        }
        addErrors(table, plan, ipv4, judging);
        int number = 0;
        for (final HostPair pair : plan.pairs(ipv4)) {
            number++;
            table.add(IptablesTable.CHAIN, "# " + pair.name());
            for (final String ports : staticMatches(pair, "--dports")) {
                addPair(
                        table,
                        new Start(IptablesTable.CHAIN, ports),
                        number + "-ASK",
                        new Side(pair.requesters(), prefix -> address("-s", prefix)),
                        new Side(pair.responders(), prefix -> address("-d", prefix)),
                        ASK);
            }
            for (final String ports : staticMatches(pair, "--sports")) {
                addPair(
                        table,
                        new Start(IptablesTable.CHAIN, ports),
                        number + "-ANSWER",
                        new Side(pair.requesters(), prefix -> address("-d", prefix)),
                        new Side(pair.responders(), prefix -> address("-s", prefix)),
                        ANSWER);
            }
        }
        for (final String chain : List.of(ASK, ANSWER)) {
            if (judging) {
                addJudging(table, chain, plan);
            } else {
                addSaving(table, chain, plan);
            }
        }
    }

    /** Only the ports of a static range; all protocols and ports otherwise. */
    private static List<String> staticMatches(final HostPair pair, final String option) {
        final PortSet ports = pair.staticPorts();
        if (ports == null) {
            return List.of("");
        }
        return portLists(ports).stream()
                .map(list -> "-p tcp -m multiport " + option + " " + list + " ")
                .toList();
    }

    /**
     * ICMP errors about packets between the pairs. Where conntrack is in use, it knows the connection; otherwise the
     * quoted addresses are compared and the program decides. Errors about anything else are not touched.
     */
    private static void addErrors(
            final IptablesTable table, final RulePlan plan, final boolean ipv4, final boolean judging) {
        final String protocol = ipv4 ? "-p icmp " : "-p ipv6-icmp ";
        final boolean inline = plan.options().placement() == Placement.INLINE;
        if (inline) {
            for (final int type : ipv4 ? QuotedAddress.ERRORS4 : QuotedAddress.ERRORS6) {
                final String match = ipv4 ? "-m icmp --icmp-type " : "-m icmp6 --icmpv6-type ";
                table.add(IptablesTable.CHAIN, protocol + match + type + " -j " + ERROR);
            }
        } else if (judging && plan.options().placement() == Placement.OFFLOAD) {
            return; // mangle passes what filter decides
        } else {
            table.add(IptablesTable.CHAIN, protocol + "-m conntrack --ctstate RELATED -j " + ERROR);
        }
        int number = 0;
        for (final HostPair pair : plan.pairs(ipv4)) {
            number++;
            final String chain = number + "-ERROR";
            if (!inline) {
                // The source of the reply is the responder itself, even when requesters know it by another address.
                addPair(
                        table,
                        new Start(ERROR, ""),
                        chain,
                        new Side(pair.requesters(), prefix -> address("-m conntrack --ctorigsrc", prefix)),
                        new Side(pair.responders(), prefix -> address("-m conntrack --ctreplsrc", prefix)),
                        "ACCEPT");
                continue;
            }
            for (final boolean forth : new boolean[] {true, false}) {
                addPair(
                        table,
                        new Start(ERROR, ""),
                        chain + (forth ? "-ASK" : "-ANSWER"),
                        new Side(pair.requesters(), prefix -> QuotedAddress.u32(prefix, forth)),
                        new Side(pair.responders(), prefix -> QuotedAddress.u32(prefix, !forth)),
                        queue(plan, plan.control().queues()));
            }
        }
    }

    /**
     * SYNs to public addresses are judged before translation: the program marks the host that they are for. Control
     * datagrams get the mark here, since their port identifies the host; the program puts it on the answers.
     */
    private static void addPublic(final IptablesTable mangle, final RulePlan plan, final List<Published> published) {
        mangle.hook("PREROUTING", PUBLIC);
        if (plan.options().except() != null) {
            addExceptions(mangle, PUBLIC, plan.options().except());
        }
        for (final Published host : published) {
            for (final HostPrefix requesters : host.requesters()) {
                final String between =
                        address("-s", requesters) + address("-d", host.entry().publicAddress());
                mangle.add(
                        PUBLIC,
                        between + "-p udp -m udp --dport " + host.entry().controlPort() + " -j MARK --set-xmark "
                                + hex(host.mark()) + "/" + hex(plan.published().mask()));
                mangle.add(
                        PUBLIC,
                        between
                                + "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j "
                                + queue(plan, plan.streams()));
            }
        }
    }

    private static IptablesTable translation(final RulePlan plan, final List<Published> published) {
        final IptablesTable nat = new IptablesTable("nat");
        nat.hook("PREROUTING", PUBLIC);
        nat.hook("POSTROUTING", REPLY);
        for (final Published host : published) {
            final String address = host.entry().host().toString();
            final String withPort = socket(host.entry().host(), host.hostPort());
            final String control = address("-d", host.entry().publicAddress()) + "-p %s -m %s --dport "
                    + host.entry().controlPort();
            final String marked = " -m mark --mark " + hex(host.mark()) + "/"
                    + hex(plan.published().mask());
            nat.add(PUBLIC, String.format(control, "udp", "udp") + marked + " -j DNAT --to-destination " + withPort);
            nat.add(PUBLIC, String.format(control, "tcp", "tcp") + marked + " -j DNAT --to-destination " + withPort);
            nat.add(
                    PUBLIC,
                    address("-d", host.entry().publicAddress()) + "-p tcp" + marked + " -j DNAT --to-destination "
                            + address);
            // What conntrack still knows as an answer does not get here; the rest would expose the host's own address.
            nat.add(
                    REPLY,
                    address("-s", host.entry().host()) + "-p udp -m udp --sport " + host.hostPort() + marked
                            + " -j SNAT --to-source "
                            + socket(host.entry().publicAddress(), host.entry().controlPort()));
        }
        return nat;
    }

    /** Address and port, in the syntax of translations. */
    static String socket(final HostPrefix address, final int port) {
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + port;
    }

    private static void addExceptions(final IptablesTable table, final String chain, final PortSet except) {
        for (final String protocol : List.of("tcp", "udp")) {
            for (final String match : List.of("--dports", "--sports")) {
                for (final String ports : portLists(except)) {
                    table.add(chain, "-p " + protocol + " -m multiport " + match + " " + ports + " -j RETURN");
                }
            }
        }
    }

    /**
     * Sends packets between two groups of hosts to a target.
     *
     * @param number of an intermediate chain, where there are many hosts
     */
    private static void addPair(
            final IptablesTable table,
            final Start start,
            final String number,
            final Side some,
            final Side others,
            final String target) {
        if ((long) some.hosts().size() * others.hosts().size() <= DIRECT_MAX) {
            for (final HostPrefix one : some.hosts()) {
                for (final HostPrefix other : others.hosts()) {
                    start.add(table, some.match(one) + others.match(other) + "-j " + target);
                }
            }
            return;
        }
        final boolean someFirst = some.hosts().size() <= others.hosts().size();
        final Side first = someFirst ? some : others;
        final Side second = someFirst ? others : some;
        final String chain = IptablesTable.CHAIN + "-" + number;
        for (final HostPrefix one : first.hosts()) {
            start.add(table, first.match(one) + "-j " + chain);
        }
        if (table.has(chain)) {
            return; // left over from an earlier list of ports
        }
        for (final HostPrefix other : second.hosts()) {
            table.add(chain, second.match(other) + "-j " + target);
        }
    }

    /**
     * The beginning of the rules for a pair.
     *
     * @param chain that gets the rules
     * @param matches further matches, ending with a space if there are any
     */
    private record Start(String chain, String matches) {
        void add(final IptablesTable table, final String rest) {
            table.add(chain, matches + rest);
        }
    }

    /**
     * One group of hosts of a pair.
     *
     * @param hosts their prefixes
     * @param matching match for a prefix
     */
    private record Side(List<HostPrefix> hosts, Function<HostPrefix, String> matching) {
        String match(final HostPrefix prefix) {
            return matching.apply(prefix);
        }
    }

    /** A prefix of length 0 needs no match; iptables-save would not print it either. */
    private static String address(final String option, final HostPrefix hosts) {
        return hosts.length() == 0 ? "" : option + " " + hosts + " ";
    }

    /** UDP first: a control datagram is queued in every state of conntrack. */
    private static void addJudging(final IptablesTable table, final String chain, final RulePlan plan) {
        final boolean gate = plan.options().placement() == Placement.GATE;
        final String ports = gate
                ? " -m multiport " + (chain.equals(ASK) ? "--dports " : "--sports ")
                        + portLists(plan.control().ports()).get(0)
                : "";
        table.add(chain, "-p udp" + ports + " -j " + queue(plan, plan.control().queues()));
        if (plan.control().legacyRecovery()) {
            // All of it, in full: its text says where legacy amrecover fetches the data. Both directions in either
            // chain, since hosts that ask each other have two pairs, and the first one's chain accepts what is
            // established.
            table.add(
                    chain,
                    "-p tcp -m multiport --ports " + AmandaPorts.AMIDXTAPE + " -j "
                            + queue(plan, plan.control().queues()));
        }
        if (gate) {
            table.add(chain, "-p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT");
        }
        if (plan.options().placement() == Placement.OFFLOAD) {
            table.add(chain, "-p tcp -m connmark ! --mark 0/" + hex(plan.marks().mask()) + " -j RETURN");
        }
        table.add(chain, "-p tcp -j " + queue(plan, plan.streams()));
    }

    /** Packets here were accepted by the queue in mangle, or belong to a connection that was. */
    private static void addSaving(final IptablesTable table, final String chain, final RulePlan plan) {
        final String mask = hex(plan.marks().mask());
        table.add(
                chain,
                "-p tcp -m mark ! --mark 0/" + mask + " -j CONNMARK --save-mark --nfmask " + mask + " --ctmask "
                        + mask);
        table.add(chain, "-p tcp -j ACCEPT");
        table.add(chain, "-p udp -j ACCEPT");
    }

    private static String queue(final RulePlan plan, final Queues queues) {
        return "NFQUEUE "
                + (queues.first() == queues.last() ? "--queue-num " : "--queue-balance ")
                + queues.joined(":")
                + (plan.options().bypass() ? " --queue-bypass" : "")
                + (plan.fansOut(queues) ? " --queue-cpu-fanout" : "");
    }

    private static String hex(final long value) {
        return "0x" + Long.toHexString(value);
    }

    /** One multiport match takes 15 numbers, a range counts as two. */
    private static List<String> portLists(final PortSet ports) {
        final List<String> lists = new ArrayList<>();
        StringBuilder list = new StringBuilder();
        int numbers = 0;
        for (int i = 0; i < ports.rangeCount(); i++) {
            final boolean range = ports.first(i) < ports.last(i);
            numbers += range ? 2 : 1;
            if (numbers > MULTIPORT_MAX) {
                lists.add(list.toString());
                list = new StringBuilder();
                numbers = range ? 2 : 1;
            }
            list.append(list.length() == 0 ? "" : ",").append(ports.first(i));
            if (range) {
                list.append(':').append(ports.last(i));
            }
        }
        lists.add(list.toString());
        return lists;
    }

    /** Both families as a script for sh that can be run repeatedly. */
    static String script(final RulePlan plan) {
        final StringBuilder text = new StringBuilder("#!/bin/sh\n");
        text.append("# ")
                .append(plan.title())
                .append("\n# Run it with sh, as often as wanted; only chains that begin with ");
        text.append(IptablesTable.CHAIN).append(" are changed.\n");
        text.append(
                "# They are gone after a reboot, and after some firewalls' reload. 'amverdict rules --apply' with these\n");
        text.append("# options and 'systemctl enable amverdict-rules' load them at each boot.\n");
        text.append("# Rules for another place or placement stay beside these: take them out with --remove first.\n");
        if (plan.options().placement() == Placement.GATE) {
            text.append("# conntrack is in the path, so the kernel puts fragments together.\n");
        }
        if (plan.options().placement() == Placement.OFFLOAD) {
            text.append("# The bits ").append(hex(plan.marks().mask()));
            text.append(" of packet and connection marks must be nobody else's: a marked connection is not queued.\n");
        }
        if (!plan.published().hosts().isEmpty()) {
            text.append("# Published hosts: the bits ")
                    .append(hex(plan.published().mask()));
            text.append(" of packet marks say which one a connection is for; nobody else may use them.\n");
        }
        text.append("# What is queued between these hosts gets its verdict there");
        text.append(plan.options().except() == null ? "; --except leaves other services to your rules.\n" : ".\n");
        text.append("set -eu\n");
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final String tool = ipv4 ? "iptables" : "ip6tables";
            for (final IptablesTable table : tables(plan, ipv4)) {
                text.append('\n').append(tool).append("-restore -w 5 --noflush <<'END'\n");
                text.append(table.chainsOnly()).append("END\n");
                for (final String jump : table.jumps()) {
                    final String command = tool + " -w 5 -t " + table.name();
                    text.append(command)
                            .append(" -C ")
                            .append(jump)
                            .append(" 2>/dev/null || ")
                            .append(command);
                    text.append(" -I ").append(jump).append('\n');
                }
            }
        }
        return text.toString();
    }
}
