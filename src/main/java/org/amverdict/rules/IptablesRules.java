package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RulePlan.Queues;

/**
 * The rules for iptables and ip6tables, in chains of our own whose names begin with AMVERDICT. The verdict of the queue is
 * final within the table. In {@code offload} the queue stands in mangle, whose hooks come before those of filter, so
 * that filter can save the mark of a packet that came back accepted.
 */
final class IptablesRules {
    private static final String ASK = IptablesTable.CHAIN + "-ASK";
    private static final String ANSWER = IptablesTable.CHAIN + "-ANSWER";
    /** A line with more pairs than this gets chains of its own, so that other packets pass it in a few steps. */
    private static final int DIRECT_MAX = 4;

    private static final int MULTIPORT_MAX = 15;

    private IptablesRules() {}

    /** The tables of one family in the order in which they are to be loaded. */
    static List<IptablesTable> tables(final RulePlan plan, final boolean ipv4) {
        final List<IptablesTable> tables = new ArrayList<>();
        if (plan.pairs(ipv4).isEmpty()) {
            return tables;
        }
        if (plan.options().placement() == Placement.OFFLOAD) {
            tables.add(table("mangle", plan, ipv4, true));
            tables.add(table("filter", plan, ipv4, false));
        } else {
            tables.add(table("filter", plan, ipv4, true));
        }
        return tables;
    }

    private static IptablesTable table(
            final String name, final RulePlan plan, final boolean ipv4, final boolean judging) {
        final IptablesTable table = new IptablesTable(name, plan.hooks());
        table.chain(IptablesTable.CHAIN);
        if (plan.options().at() != RuleOptions.At.FORWARD) {
            table.add(IptablesTable.CHAIN, "-i lo -j RETURN");
            table.add(IptablesTable.CHAIN, "-o lo -j RETURN");
        }
        final PortSet except = plan.options().except();
        if (except != null) {
            addExceptions(table, except);
        }
        int number = 0;
        for (final HostPair pair : plan.pairs(ipv4)) {
            number++;
            table.add(IptablesTable.CHAIN, "# " + pair.name());
            addPair(table, pair.tcpOnly(), number + "-ASK", "-s", pair.requesters(), "-d", pair.responders(), ASK);
            addPair(
                    table,
                    pair.tcpOnly(),
                    number + "-ANSWER",
                    "-d",
                    pair.requesters(),
                    "-s",
                    pair.responders(),
                    ANSWER);
        }
        for (final String chain : List.of(ASK, ANSWER)) {
            if (judging) {
                addJudging(table, chain, plan);
            } else {
                addSaving(table, chain, plan);
            }
        }
        return table;
    }

    private static void addExceptions(final IptablesTable table, final PortSet except) {
        for (final String protocol : List.of("tcp", "udp")) {
            for (final String match : List.of("--dports", "--sports")) {
                for (final String ports : portLists(except)) {
                    table.add(
                            IptablesTable.CHAIN,
                            "-p " + protocol + " -m multiport " + match + " " + ports + " -j RETURN");
                }
            }
        }
    }

    private static void addPair(
            final IptablesTable table,
            final boolean tcpOnly,
            final String number,
            final String some,
            final List<HostPrefix> someHosts,
            final String others,
            final List<HostPrefix> otherHosts,
            final String target) {
        final String protocol = tcpOnly ? "-p tcp " : "";
        if ((long) someHosts.size() * otherHosts.size() <= DIRECT_MAX) {
            for (final HostPrefix one : someHosts) {
                for (final HostPrefix other : otherHosts) {
                    table.add(IptablesTable.CHAIN, protocol + match(some, one) + match(others, other) + "-j " + target);
                }
            }
            return;
        }
        final boolean someFirst = someHosts.size() <= otherHosts.size();
        final String chain = IptablesTable.CHAIN + "-" + number;
        for (final HostPrefix one : someFirst ? someHosts : otherHosts) {
            table.add(IptablesTable.CHAIN, protocol + match(someFirst ? some : others, one) + "-j " + chain);
        }
        for (final HostPrefix other : someFirst ? otherHosts : someHosts) {
            table.add(chain, match(someFirst ? others : some, other) + "-j " + target);
        }
    }

    /** A prefix of length 0 needs no match: iptables-save would not show it either. */
    private static String match(final String option, final HostPrefix hosts) {
        return hosts.length() == 0 ? "" : option + " " + hosts + " ";
    }

    /** UDP first: a control datagram is queued in every state of conntrack. */
    private static void addJudging(final IptablesTable table, final String chain, final RulePlan plan) {
        final boolean gate = plan.options().placement() == Placement.GATE;
        final String ports = gate
                ? " -m multiport " + (chain.equals(ASK) ? "--dports " : "--sports ")
                        + portLists(plan.controlPorts()).get(0)
                : "";
        table.add(chain, "-p udp" + ports + " -j " + queue(plan, plan.control()));
        if (gate) {
            table.add(chain, "-p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT");
        }
        if (plan.options().placement() == Placement.OFFLOAD) {
            table.add(chain, "-p tcp -m connmark ! --mark 0/" + hex(plan.mask()) + " -j RETURN");
        }
        table.add(chain, "-p tcp -j " + queue(plan, plan.streams()));
    }

    /** What arrives here was accepted by the queue in mangle, or belongs to a connection that was. */
    private static void addSaving(final IptablesTable table, final String chain, final RulePlan plan) {
        final String mask = hex(plan.mask());
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
                + (plan.options().bypass() ? " --queue-bypass" : "");
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

    /** Both families as a script for sh that may be run again. */
    static String script(final RulePlan plan) {
        final StringBuilder text = new StringBuilder("#!/bin/sh\n");
        text.append("# ")
                .append(plan.title())
                .append("\n# Run it with sh, as often as wanted; only chains that begin with ");
        text.append(IptablesTable.CHAIN).append(" are changed.\n");
        if (plan.options().placement() == Placement.GATE) {
            text.append("# conntrack is in the path, so the kernel puts fragments together.\n");
        }
        if (plan.options().placement() == Placement.OFFLOAD) {
            text.append("# The bits ").append(hex(plan.mask()));
            text.append(" of packet and connection marks must be nobody else's: a marked connection is not queued.\n");
        }
        text.append("# What is queued between these hosts gets its verdict there");
        text.append(plan.options().except() == null ? "; --except leaves other services to your rules.\n" : ".\n");
        text.append("set -eu\n");
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final String tool = ipv4 ? "iptables" : "ip6tables";
            for (final IptablesTable table : tables(plan, ipv4)) {
                text.append('\n').append(tool).append("-restore -w 5 --noflush <<'END'\n");
                text.append(table.chainsOnly()).append("END\n");
                for (final String hook : table.hooks()) {
                    final String command = tool + " -w 5 -t " + table.name();
                    final String jump = hook + " -j " + IptablesTable.CHAIN;
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
