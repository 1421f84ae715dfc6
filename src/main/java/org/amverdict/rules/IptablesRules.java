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
 * The rules for iptables and ip6tables, in our own chains, whose names begin with AMVERDICT. What the queue accepts or
 * drops is final within the table. What it continues enters the table's chain once more with a mark, which the first of
 * our rules takes off before it leaves the packet to the rules after ours. A TCP connection keeps the mark, so that
 * later packets go there by themselves. In {@code offload}, TCP is queued in mangle, whose hooks come before those of
 * filter, so that filter can save the mark of an accepted packet.
 */
final class IptablesRules {
    private static final String ASK = IptablesTable.CHAIN + "-ASK";
    private static final String ANSWER = IptablesTable.CHAIN + "-ANSWER";
    private static final String ERROR = IptablesTable.CHAIN + "-ERROR";
    private static final String RELATED = IptablesTable.CHAIN + "-RELATED";
    private static final String CONTINUE = IptablesTable.CHAIN + "-CONTINUE";

    /** What a table does with the packets between the pairs. */
    private enum Part {
        /** All of it, in filter. */
        WHOLE,
        /** In offload, mangle: TCP that belongs to a connection is queued. */
        BEFORE,
        /** In offload, filter: the rest is queued, and what mangle accepted is accepted and its mark saved. */
        AFTER
    }

    /** A line with more pairs than this gets its own chains, so that other packets pass it in a few steps. */
    private static final int DIRECT_MAX = 4;

    private static final int MULTIPORT_MAX = 15;

    /** A packet that conntrack cannot assign, or must not. */
    private static final String NO_CONNECTION = " -m conntrack --ctstate INVALID,UNTRACKED";

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
            addPairs(mangle, plan, ipv4, Part.BEFORE);
        }
        final List<Published> published = plan.published(ipv4);
        if (!published.isEmpty()) {
            IptablesPublished.addPublic(mangle, plan, published);
        }
        if (!mangle.jumps().isEmpty()) {
            tables.add(mangle);
        }
        if (!published.isEmpty()) {
            tables.add(IptablesPublished.translation(plan, published));
        }
        final IptablesTable filter = new IptablesTable("filter");
        addPairs(filter, plan, ipv4, offload ? Part.AFTER : Part.WHOLE);
        tables.add(filter);
        return tables;
    }

    private static void addPairs(final IptablesTable table, final RulePlan plan, final boolean ipv4, final Part part) {
        for (final String hook : plan.hooks()) {
            table.hook(hook, IptablesTable.CHAIN);
        }
        addContinuation(table, IptablesTable.CHAIN, CONTINUE, plan);
        if (plan.options().placement() != Placement.INLINE) {
            table.add(CONTINUE, "-p tcp -j CONNMARK --save-mark --nfmask " + bits(plan) + " --ctmask " + bits(plan));
        }
        addUnmarking(table, CONTINUE, plan);
        if (plan.options().at() != RuleOptions.At.FORWARD) {
            table.add(IptablesTable.CHAIN, "-i lo -j RETURN");
            table.add(IptablesTable.CHAIN, "-o lo -j RETURN");
        }
        final PortSet except = plan.options().except();
        if (except != null) {
            addExceptions(table, IptablesTable.CHAIN, except);
        }
        if (part != Part.BEFORE) {
            addErrors(table, plan, ipv4);
        }
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
            switch (part) {
                case WHOLE -> addJudging(table, chain, plan);
                case BEFORE -> addJudgingBefore(table, chain, plan);
                case AFTER -> addJudgingAfter(table, chain, plan);
            }
        }
    }

    /**
     * A packet that the queue continues comes back with the mark: this rule, the first of ours, keeps it from the queue.
     * By goto, so that the end of the other chain returns to the rules after ours.
     */
    static void addContinuation(
            final IptablesTable table, final String chain, final String continuation, final RulePlan plan) {
        table.add(chain, "-m mark --mark " + bits(plan) + "/" + bits(plan) + " -g " + continuation);
    }

    /** The rules after ours, and another table of ours, see the packet's mark as it was. */
    static void addUnmarking(final IptablesTable table, final String continuation, final RulePlan plan) {
        table.add(continuation, "-j MARK --set-xmark 0x0/" + bits(plan));
    }

    private static String bits(final RulePlan plan) {
        return hex(plan.marks().continued());
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

    /** As {@link #staticMatches}, for ICMP errors about the connection. */
    private static List<String> staticConnections(final HostPair pair) {
        final List<String> matches = new ArrayList<>();
        final PortSet ports = pair.staticPorts();
        for (int i = 0; ports != null && i < ports.rangeCount(); i++) {
            matches.add("-m conntrack --ctproto 6 --ctreplsrcport " + ports.first(i)
                    + (ports.first(i) < ports.last(i) ? ":" + ports.last(i) : "") + " ");
        }
        return ports == null ? List.of("") : matches;
    }

    /**
     * ICMP errors about packets between the pairs. Where conntrack is in use, it knows the connection: of TCP it is
     * accepted unless the connection was continued, of UDP the program decides. Otherwise the quoted addresses are
     * compared and the program decides. Errors about anything else are not touched.
     */
    private static void addErrors(final IptablesTable table, final RulePlan plan, final boolean ipv4) {
        final String protocol = ipv4 ? "-p icmp " : "-p ipv6-icmp ";
        final boolean inline = plan.options().placement() == Placement.INLINE;
        if (inline) {
            for (final int type : ipv4 ? QuotedAddress.ERRORS4 : QuotedAddress.ERRORS6) {
                final String match = ipv4 ? "-m icmp --icmp-type " : "-m icmp6 --icmpv6-type ";
                table.add(IptablesTable.CHAIN, protocol + match + type + " -j " + ERROR);
            }
        } else {
            table.add(
                    IptablesTable.CHAIN,
                    protocol + "-m conntrack --ctstate RELATED -m connmark ! --mark " + bits(plan) + "/" + bits(plan)
                            + " -j " + ERROR);
            table.add(
                    RELATED,
                    "-m conntrack --ctproto 17 -j " + queue(plan, plan.control().queues()));
            table.add(RELATED, "-m conntrack --ctproto 6 -j ACCEPT");
        }
        int number = 0;
        for (final HostPair pair : plan.pairs(ipv4)) {
            number++;
            final String chain = number + "-ERROR";
            if (!inline) {
                // The source of the reply is the responder itself, even when requesters know it by another address.
                for (final String ports : staticConnections(pair)) {
                    addPair(
                            table,
                            new Start(ERROR, ports),
                            chain,
                            new Side(pair.requesters(), prefix -> address("-m conntrack --ctorigsrc", prefix)),
                            new Side(pair.responders(), prefix -> address("-m conntrack --ctreplsrc", prefix)),
                            ports.isEmpty() ? RELATED : "ACCEPT");
                }
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

    static void addExceptions(final IptablesTable table, final String chain, final PortSet except) {
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
    static String address(final String option, final HostPrefix hosts) {
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
        addLegacyRecovery(table, chain, "", plan);
        if (gate) {
            addReturnOfContinued(table, chain, plan);
            table.add(chain, "-p tcp -m conntrack --ctstate ESTABLISHED -j ACCEPT");
        }
        table.add(chain, "-p tcp -j " + queue(plan, plan.streams()));
    }

    /**
     * All of it, in full: its text says where legacy amrecover fetches the data. Both directions in either chain, since
     * hosts that ask each other have two pairs, and the first one's chain accepts what is established.
     */
    private static void addLegacyRecovery(
            final IptablesTable table, final String chain, final String state, final RulePlan plan) {
        if (plan.control().legacyRecovery()) {
            table.add(
                    chain,
                    "-p tcp -m multiport --ports " + AmandaPorts.AMIDXTAPE + state + " -j "
                            + queue(plan, plan.control().queues()));
        }
    }

    /** The rest of a connection whose SYN was left to the other rules. */
    private static void addReturnOfContinued(final IptablesTable table, final String chain, final RulePlan plan) {
        table.add(chain, "-p tcp -m connmark --mark " + bits(plan) + "/" + bits(plan) + " -j RETURN");
    }

    /** Only what has a connection, whose mark takes the verdict to filter. */
    private static void addJudgingBefore(final IptablesTable table, final String chain, final RulePlan plan) {
        table.add(chain, "-p tcp" + NO_CONNECTION + " -j RETURN");
        addLegacyRecovery(table, chain, "", plan);
        final String known = hex(plan.marks().mask() | plan.marks().continued());
        table.add(chain, "-p tcp -m connmark ! --mark 0/" + known + " -j RETURN");
        table.add(chain, "-p tcp -j " + queue(plan, plan.streams()));
    }

    /** TCP of a connection was accepted or continued by the queue in mangle, or an earlier packet of it was. */
    private static void addJudgingAfter(final IptablesTable table, final String chain, final RulePlan plan) {
        table.add(chain, "-p udp -j " + queue(plan, plan.control().queues()));
        addLegacyRecovery(table, chain, NO_CONNECTION, plan);
        table.add(chain, "-p tcp" + NO_CONNECTION + " -j " + queue(plan, plan.streams()));
        addReturnOfContinued(table, chain, plan);
        final String mask = hex(plan.marks().mask());
        table.add(
                chain,
                "-p tcp -m mark ! --mark 0/" + mask + " -j CONNMARK --save-mark --nfmask " + mask + " --ctmask "
                        + mask);
        table.add(chain, "-p tcp -j ACCEPT");
    }

    static String queue(final RulePlan plan, final Queues queues) {
        return "NFQUEUE "
                + (queues.first() == queues.last() ? "--queue-num " : "--queue-balance ")
                + queues.joined(":")
                + (plan.options().bypass() ? " --queue-bypass" : "")
                + (plan.fansOut(queues) ? " --queue-cpu-fanout" : "");
    }

    static String hex(final long value) {
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
                .append("\n# Run it with sh, as often as you like; only chains that begin with ");
        text.append(IptablesTable.CHAIN).append(" are changed.\n");
        text.append(
                "# They are gone after a reboot, and after some firewalls' reload. 'amverdict rules --apply' with these\n");
        text.append("# options and 'systemctl enable amverdict-rules' load them at each boot.\n");
        text.append("# Rules for another place or placement are not replaced: run --remove first.\n");
        plan.notes().forEach(note -> text.append("# ").append(note).append('\n'));
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
