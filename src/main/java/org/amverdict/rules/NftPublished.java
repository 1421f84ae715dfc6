package org.amverdict.rules;

/** The nft rules for hosts behind public addresses: base chains before and after routing. */
final class NftPublished {
    private NftPublished() {}

    /** As in {@link IptablesPublished}: SYNs are judged before translation, control datagrams are marked. */
    static void append(final RulePlan plan, final StringBuilder text) {
        if (plan.published().hosts().isEmpty()) {
            return;
        }
        text.append("    chain public {\n        type filter hook prerouting priority mangle; policy accept;\n");
        NftRules.appendContinuation(plan, false, text);
        NftRules.appendExceptions(plan, text);
        for (final RulePlan.Published host : plan.published().hosts()) {
            final String family = host.entry().host().isIpv4() ? "ip" : "ip6";
            final String between = "        " + family + " saddr " + NftRules.hosts(host.requesters()) + " " + family
                    + " daddr " + host.entry().publicAddress();
            text.append(between).append(" udp dport ").append(host.entry().controlPort());
            text.append(" meta mark set meta mark & ")
                    .append(NftRules.hex(~plan.published().mask() & 0xffff_ffffL))
                    .append(" | ")
                    .append(NftRules.hex(host.mark()))
                    .append('\n');
            text.append(between);
            text.append(" tcp flags & (fin | syn | rst | ack) == syn ct state new ");
            text.append(NftRules.queue(plan, plan.streams())).append('\n');
        }
        text.append(
                "    }\n\n    chain translate {\n        type nat hook prerouting priority dstnat; policy accept;\n");
        for (final RulePlan.Published host : plan.published().hosts()) {
            final boolean ipv4 = host.entry().host().isIpv4();
            final String family = ipv4 ? "ip" : "ip6";
            final String address = host.entry().host().toString();
            final String withPort = IptablesPublished.socket(host.entry().host(), host.hostPort());
            final String to = "        " + family + " daddr " + host.entry().publicAddress() + " ";
            final String marked =
                    "meta mark & " + NftRules.hex(plan.published().mask()) + " == " + NftRules.hex(host.mark()) + " ";
            final String dnat = "dnat " + family + " to ";
            final int port = host.entry().controlPort();
            text.append(to)
                    .append("udp dport ")
                    .append(port)
                    .append(' ')
                    .append(marked)
                    .append(dnat)
                    .append(withPort)
                    .append('\n');
            text.append(to).append("tcp dport ").append(port).append(' ').append(marked);
            text.append(dnat).append(withPort).append('\n');
            text.append(to)
                    .append("meta l4proto tcp ")
                    .append(marked)
                    .append(dnat)
                    .append(address)
                    .append('\n');
        }
        text.append("    }\n\n    chain reply {\n        type nat hook postrouting priority srcnat; policy accept;\n");
        for (final RulePlan.Published host : plan.published().hosts()) {
            final String family = host.entry().host().isIpv4() ? "ip" : "ip6";
            text.append("        ")
                    .append(family)
                    .append(" saddr ")
                    .append(host.entry().host());
            text.append(" udp sport ").append(host.hostPort());
            text.append(" meta mark & ").append(NftRules.hex(plan.published().mask()));
            text.append(" == ").append(NftRules.hex(host.mark()));
            text.append(" snat ").append(family).append(" to ");
            text.append(IptablesPublished.socket(
                    host.entry().publicAddress(), host.entry().controlPort()));
            text.append('\n');
        }
        text.append("    }\n\n");
    }
}
