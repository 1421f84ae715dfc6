package org.amverdict.rules;

import java.util.List;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostPrefix;
import org.amverdict.rules.RulePlan.Published;

/** The iptables rules for hosts behind public addresses: the tables mangle and nat before and after routing. */
final class IptablesPublished {
    private static final String PUBLIC = IptablesTable.CHAIN + "-PUBLIC";
    /** Without the connection's mark: after translation, another pair of hosts may have it judged. */
    private static final String CONTINUE = PUBLIC + "-CONTINUE";

    private static final String REPLY = IptablesTable.CHAIN + "-REPLY";

    private IptablesPublished() {}

    /**
     * SYNs to public addresses are judged before translation: the program marks the host that they are for. Control
     * datagrams get the mark here, since their port identifies the host; the program puts it on the answers.
     */
    static void addPublic(final IptablesTable mangle, final RulePlan plan, final List<Published> published) {
        mangle.hook("PREROUTING", PUBLIC);
        IptablesRules.addContinuation(mangle, PUBLIC, CONTINUE, plan);
        IptablesRules.addUnmarking(mangle, CONTINUE, plan);
        if (plan.options().except() != null) {
            IptablesRules.addExceptions(mangle, PUBLIC, plan.options().except());
        }
        for (final Published host : published) {
            for (final HostPrefix requesters : host.requesters()) {
                final String between = IptablesRules.address("-s", requesters) + "-d "
                        + host.entry().publicAddress() + " ";
                mangle.add(
                        PUBLIC,
                        between + "-p udp -m udp --dport " + host.entry().controlPort() + " -j MARK --set-xmark "
                                + IptablesRules.hex(host.mark()) + "/"
                                + IptablesRules.hex(plan.published().mask()));
                mangle.add(
                        PUBLIC,
                        between
                                + "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j "
                                + IptablesRules.queue(plan, plan.streams()));
            }
        }
    }

    static IptablesTable translation(final RulePlan plan, final List<Published> published) {
        final IptablesTable nat = new IptablesTable("nat");
        nat.hook("PREROUTING", PUBLIC);
        nat.hook("POSTROUTING", REPLY);
        for (final Published host : published) {
            final String address = host.entry().host().toString();
            final String withPort = socket(host.entry().host(), host.hostPort());
            final String control = "-d " + host.entry().publicAddress() + " -p %s -m %s --dport "
                    + host.entry().controlPort();
            final String marked = " -m mark --mark " + IptablesRules.hex(host.mark()) + "/"
                    + IptablesRules.hex(plan.published().mask());
            nat.add(PUBLIC, String.format(control, "udp", "udp") + marked + " -j DNAT --to-destination " + withPort);
            nat.add(PUBLIC, String.format(control, "tcp", "tcp") + marked + " -j DNAT --to-destination " + withPort);
            nat.add(
                    PUBLIC,
                    "-d " + host.entry().publicAddress() + " -p tcp" + marked + " -j DNAT --to-destination " + address);
            // What conntrack still knows as an answer does not get here; the rest would expose the host's own address.
            nat.add(
                    REPLY,
                    "-s " + host.entry().host() + " -p udp -m udp --sport " + host.hostPort()
                            + marked
                            + " -j SNAT --to-source "
                            + socket(host.entry().publicAddress(), host.entry().controlPort()));
        }
        return nat;
    }

    /** Address and port, in the syntax of translations. */
    static String socket(final IpAddress address, final int port) {
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + port;
    }
}
