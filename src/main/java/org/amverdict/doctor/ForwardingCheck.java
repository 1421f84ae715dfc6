package org.amverdict.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Passages.Passage;
import org.amverdict.doctor.Passages.Way;
import org.amverdict.doctor.RuleProbes.Probe;
import org.amverdict.host.Host;

/** The kernel forwards packets between the hosts of a line where they must pass this host. */
final class ForwardingCheck implements SettingsCheck {
    private static final String IPV4 = "net.ipv4.ip_forward";
    private static final String IPV6 = "net.ipv6.conf.all.forwarding";

    @Override
    public String name() {
        return "forwarding";
    }

    /** Whether this family is forwarded at all; true if that is unknown. */
    static boolean mayForward(final Host host, final boolean ipv4) {
        return !value(host, ipv4 ? IPV4 : IPV6).equals("0");
    }

    private static String value(final Host host, final String setting) {
        // An interface may have dots in its name; those of the setting's own words have none.
        return host.read("/proc/sys/" + setting.replace('.', '/')).orEmpty().strip();
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Passages passages = examination.passages(host);
        final Map<String, Finding> findings = new LinkedHashMap<>();
        final TreeSet<String> families = new TreeSet<>();
        boolean unread = false;
        for (final Probe probe : examination.probes(host, settings).all()) {
            final Passage passage = probe.passage();
            if (passage.way() != Way.ACROSS || passages.bridge(passage).isPresent()) {
                continue;
            }
            families.add(RuleProbes.family(probe.ipv4()));
            final String setting = probe.ipv4() ? IPV4 : IPV6;
            unread |= value(host, setting).isEmpty();
            if (!mayForward(host, probe.ipv4())) {
                findings.putIfAbsent(
                        setting,
                        Finding.fault(
                                "this host does not forward " + RuleProbes.family(probe.ipv4()) + ", and "
                                        + passage.requester() + " reaches " + passage.responder() + " only through it",
                                "sysctl -w " + setting + "=1"));
                continue;
            }
            final SortedSet<String> devices = new TreeSet<>(passages.routes().devices(passage.requester()));
            devices.addAll(passages.routes().devices(passage.responder()));
            for (final String device : probe.ipv4() ? devices : new TreeSet<String>()) {
                final String file = "/proc/sys/net/ipv4/conf/" + device + "/forwarding";
                if (host.read(file).orEmpty().strip().equals("0")) {
                    findings.putIfAbsent(
                            file,
                            Finding.fault(
                                    "what comes in over " + device + " is not forwarded, such as the packets between "
                                            + passage.requester() + " and " + passage.responder(),
                                    "echo 1 > " + file));
                }
            }
        }
        if (!findings.isEmpty()) {
            return List.copyOf(findings.values());
        }
        if (families.isEmpty()) {
            return List.of(Finding.ok("no packets of the configured hosts are routed here"));
        }
        return List.of(
                unread
                        ? Finding.unknown(
                                "cannot tell whether this host forwards packets", "sysctl " + IPV4 + " " + IPV6)
                        : Finding.ok("this host forwards " + String.join(" and ", families)));
    }
}
