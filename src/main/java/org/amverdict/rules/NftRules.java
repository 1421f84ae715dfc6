package org.amverdict.rules;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RulePlan.Queues;

/**
 * The rules for nft, in the table {@code inet amverdict}. Its base chains come before those of priority filter. Unlike
 * in iptables, accept ends one base chain only: another table may still drop the packet. So what the queue continues
 * differs from what it accepts only by the pass mark, which a packet gets before the queue: the packet enters the base
 * chain once more, where the first rule takes that mark and its own off.
 */
final class NftRules {
    static final String TABLE = "inet amverdict";
    private static final int JUDGE_PRIORITY = -10;
    /** After the queue and before priority filter. */
    private static final int SAVE_PRIORITY = -5;

    private NftRules() {}

    /** Ensures that the table exists, so that deleting it cannot fail. One transaction with what follows. */
    static String removal() {
        return "table " + TABLE + "\ndelete table " + TABLE + "\n";
    }

    /** The same table under another name, dormant: the kernel checks it and connects it to no hook. */
    static String dormant(final String document, final String name) {
        return document.replace(removal(), "")
                .replace("table " + TABLE + " {\n", "table " + name + " {\n    flags dormant;\n");
    }

    /** Input of nft -f: one transaction that can be run repeatedly. */
    static String document(final RulePlan plan) {
        final StringBuilder text = new StringBuilder();
        text.append("#!/usr/sbin/nft -f\n# ").append(plan.title()).append('\n');
        text.append("# Load it with nft -f, as often as you like; only the table ")
                .append(TABLE)
                .append(" is changed.\n");
        text.append(
                "# They are gone after a reboot, and after 'nft flush ruleset'. 'amverdict rules --apply' with these options\n");
        text.append("# and 'systemctl enable amverdict-rules' load them at each boot.\n");
        plan.notes().forEach(note -> text.append("# ").append(note).append('\n'));
        appendHowToPass(plan, text);
        text.append(removal()).append("\ntable ").append(TABLE).append(" {\n");
        appendJudging(plan, "ask", "dport", text);
        appendJudging(plan, "answer", "sport", text);
        if (plan.options().placement() == Placement.OFFLOAD) {
            appendSaving(plan, text);
        }
        appendErrors(plan, text);
        appendPairs(plan, text);
        NftPublished.append(plan, text);
        for (final String hook : plan.hooks()) {
            appendHook(hook, "", JUDGE_PRIORITY, "pairs", text);
            if (plan.options().placement() == Placement.OFFLOAD) {
                appendHook(hook, "_save", SAVE_PRIORITY, "save", text);
            }
        }
        return text.append("}\n").toString();
    }

    private static void appendHowToPass(final RulePlan plan, final StringBuilder text) {
        if (plan.options().passMark() == 0) {
            text.append("# A chain of another table that drops by default still sees what passed here. With\n");
            text.append("# --pass-mark 0x1000000 these packets carry that mark, and such a chain can accept it.\n");
        } else {
            final String mark = hex(plan.options().passMark());
            text.append("# Put this into chains of other tables that drop by default:\n");
            text.append("#   meta mark & ")
                    .append(mark)
                    .append(" == ")
                    .append(mark)
                    .append(" accept\n");
        }
    }

    /** UDP first: a control datagram is queued in every state of conntrack. */
    private static void appendJudging(
            final RulePlan plan, final String chain, final String port, final StringBuilder text) {
        final Placement placement = plan.options().placement();
        text.append("    chain ").append(chain).append(" {\n");
        final String udp = placement == Placement.GATE
                ? "udp " + port + " " + ports(plan.control().ports())
                : "meta l4proto udp";
        appendRule(udp, queue(plan, plan.control().queues()), plan, text);
        if (plan.control().legacyRecovery()) {
            // Both directions in either chain: hosts that ask each other have two pairs, and the first one's chain
            // accepts what is established.
            for (final String end : List.of("sport ", "dport ")) {
                appendRule(
                        "tcp " + end + AmandaPorts.AMIDXTAPE,
                        queue(plan, plan.control().queues()),
                        plan,
                        text);
            }
        }
        if (placement != Placement.INLINE) {
            // The rest of a connection whose SYN was left to the other rules: without the pass mark.
            text.append("        meta l4proto tcp ct mark & ")
                    .append(bits(plan))
                    .append(" == ")
                    .append(bits(plan))
                    .append(" accept\n");
        }
        if (placement == Placement.GATE) {
            appendRule("meta l4proto tcp ct state established", "accept", plan, text);
        } else if (placement == Placement.OFFLOAD) {
            appendRule("meta l4proto tcp ct mark & " + hex(plan.marks().mask()) + " != 0x0", "accept", plan, text);
        }
        appendRule("meta l4proto tcp", queue(plan, plan.streams()), plan, text);
        text.append("    }\n\n");
    }

    private static String bits(final RulePlan plan) {
        return hex(plan.marks().continued());
    }

    /**
     * A packet that the queue continues comes back with the mark. This rule, the first of the base chain, keeps it from
     * the queue, and leaves its mark as it was before the chain.
     *
     * @param remembering whether later packets of a TCP connection are to go the same way by themselves
     */
    static void appendContinuation(final RulePlan plan, final boolean remembering, final StringBuilder text) {
        final String match = "meta mark & " + bits(plan) + " == " + bits(plan) + " ";
        if (remembering && plan.options().placement() != Placement.INLINE) {
            text.append("        meta l4proto tcp ")
                    .append(match)
                    .append("ct mark set ct mark | ")
                    .append(bits(plan))
                    .append('\n');
        }
        final long others = ~(plan.marks().continued() | plan.options().passMark()) & 0xffff_ffffL;
        text.append("        ")
                .append(match)
                .append("meta mark set meta mark & ")
                .append(hex(others))
                .append(" accept\n");
    }

    private static void appendRule(
            final String match, final String verdict, final RulePlan plan, final StringBuilder text) {
        final long mark = plan.options().passMark();
        text.append("        ").append(match);
        text.append(mark == 0 ? "" : " meta mark set meta mark | " + hex(mark));
        text.append(' ').append(verdict).append('\n');
    }

    /** nft cannot join two marks in one expression, so each value that the engine sets has its own rule. */
    private static void appendSaving(final RulePlan plan, final StringBuilder text) {
        final String others = hex(~plan.marks().mask() & 0xffff_ffffL);
        text.append("    chain save {\n");
        for (final long mark : plan.marks().values()) {
            text.append("        meta l4proto tcp meta mark & ")
                    .append(hex(plan.marks().mask()))
                    .append(" == ")
                    .append(hex(mark));
            text.append(" ct mark set ct mark & ")
                    .append(others)
                    .append(" | ")
                    .append(hex(mark))
                    .append('\n');
        }
        text.append("    }\n\n");
    }

    /**
     * ICMP errors about packets between the pairs: conntrack knows the connection, which counts unless it was continued,
     * and the program knows the control exchanges; or the quoted addresses are compared.
     */
    private static void appendErrors(final RulePlan plan, final StringBuilder text) {
        final boolean inline = plan.options().placement() == Placement.INLINE;
        text.append("    chain errors {\n");
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final String family = ipv4 ? "ip" : "ip6";
            for (final HostPair pair : plan.pairs(ipv4)) {
                if (inline) {
                    appendQuoted(plan, ipv4, pair.requesters(), pair.responders(), text);
                    appendQuoted(plan, ipv4, pair.responders(), pair.requesters(), text);
                } else {
                    // The source of the reply is the responder itself, even when requesters know it by another address.
                    final String match = "ct state related ct mark & " + bits(plan) + " == 0x0 ct original " + family
                            + " saddr " + hosts(pair.requesters()) + " ct reply " + family + " saddr "
                            + hosts(pair.responders()) + " ct protocol ";
                    if (pair.staticPorts() == null) {
                        appendRule(match + "udp", queue(plan, plan.control().queues()), plan, text);
                    }
                    appendRule(match + "tcp", "accept", plan, text);
                }
            }
        }
        text.append("    }\n\n");
    }

    private static void appendQuoted(
            final RulePlan plan,
            final boolean ipv4,
            final List<HostPrefix> sources,
            final List<HostPrefix> destinations,
            final StringBuilder text) {
        final String types = Arrays.stream(ipv4 ? QuotedAddress.ERRORS4 : QuotedAddress.ERRORS6)
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(", ", "{ ", " } "));
        for (final HostPrefix source : sources) {
            for (final HostPrefix destination : destinations) {
                final String match = (ipv4 ? "icmp" : "icmpv6") + " type " + types
                        + QuotedAddress.payload(source, true)
                        + QuotedAddress.payload(destination, false);
                appendRule(match.strip(), queue(plan, plan.control().queues()), plan, text);
            }
        }
    }

    static void appendExceptions(final RulePlan plan, final StringBuilder text) {
        final PortSet except = plan.options().except();
        if (except != null) {
            for (final String match : List.of("tcp dport ", "tcp sport ", "udp dport ", "udp sport ")) {
                text.append("        ").append(match).append(ports(except)).append(" return\n");
            }
        }
    }

    private static void appendPairs(final RulePlan plan, final StringBuilder text) {
        text.append("    chain pairs {\n");
        appendContinuation(plan, true, text);
        appendExceptions(plan, text);
        text.append("        meta l4proto { icmp, ipv6-icmp } jump errors\n");
        for (final boolean ipv4 : new boolean[] {true, false}) {
            for (final HostPair pair : plan.pairs(ipv4)) {
                text.append("        # ").append(pair.name()).append('\n');
                appendPair(pair, ipv4, pair.requesters(), pair.responders(), "ask", text);
                appendPair(pair, ipv4, pair.responders(), pair.requesters(), "answer", text);
            }
        }
        text.append("    }\n\n");
    }

    private static void appendPair(
            final HostPair pair,
            final boolean ipv4,
            final List<HostPrefix> from,
            final List<HostPrefix> to,
            final String chain,
            final StringBuilder text) {
        final String family = ipv4 ? "ip" : "ip6";
        text.append("        ").append(family).append(" saddr ").append(hosts(from));
        text.append(' ').append(family).append(" daddr ").append(hosts(to));
        final PortSet staticPorts = pair.staticPorts();
        if (staticPorts != null) {
            text.append(chain.equals("ask") ? " tcp dport " : " tcp sport ").append(ports(staticPorts));
        }
        text.append(" jump ").append(chain).append('\n');
    }

    private static void appendHook(
            final String hook, final String suffix, final int priority, final String target, final StringBuilder text) {
        final String name = hook.toLowerCase(Locale.ROOT);
        text.append("    chain ").append(name).append(suffix).append(" {\n");
        text.append("        type filter hook ")
                .append(name)
                .append(" priority ")
                .append(priority);
        text.append("; policy accept;\n");
        if (name.equals("input")) {
            text.append("        iifname \"lo\" return\n");
        } else if (name.equals("output")) {
            text.append("        oifname \"lo\" return\n");
        }
        text.append("        jump ").append(target).append("\n    }\n\n");
    }

    static String queue(final RulePlan plan, final Queues queues) {
        final boolean fanout = plan.fansOut(queues);
        final String flags = plan.options().bypass() ? fanout ? " bypass,fanout" : " bypass" : fanout ? " fanout" : "";
        return "queue num " + queues.joined("-") + flags;
    }

    static String hosts(final List<HostPrefix> hosts) {
        return hosts.stream().map(HostPrefix::toString).collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static String ports(final PortSet ports) {
        return "{ " + ports.toString().replace(",", ", ") + " }";
    }

    static String hex(final long value) {
        return "0x" + Long.toHexString(value);
    }
}
