package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.jspecify.annotations.Nullable;

/**
 * Which auth of Amanda the configured hosts were last seen with, from the end of the event log: a request over UDP is bsd or
 * bsdudp, which need the engine; a connection to the control port is bsdtcp, which needs one plain rule and nothing else.
 */
final class AuthCheck implements SettingsCheck {
    private static final int HOSTS_SHOWN_MAX = 5;
    private static final int PAIRS_MAX = 10_000;

    @Override
    public String name() {
        return "amanda-auth";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Path file = settings.events().file();
        if (file == null) {
            return List.of(Finding.unknown(
                    "the event log is off, which would tell", "set events.file in " + examination.file()));
        }
        final Host.Text events = host.tail(file.toString());
        if (events.access() == Host.Access.DENIED) {
            return List.of(Finding.unknown(events.text(), Remedies.AS_ROOT));
        }
        final Map<String, Boolean> tcpByPair = new LinkedHashMap<>();
        for (final String line : events.orEmpty().lines().toList()) {
            final Boolean tcp = isTcp(line);
            final String requester = field(line, "src_ip");
            final String responder = field(line, "dest_ip");
            if (tcp != null && requester != null && responder != null && tcpByPair.size() < PAIRS_MAX) {
                tcpByPair.put(requester + " asks " + responder, tcp); // the last one counts
            }
        }
        return List.of(finding(settings, file, hosts(tcpByPair, true), hosts(tcpByPair, false)));
    }

    private static Finding finding(
            final Settings settings, final Path file, final SortedSet<String> tcp, final SortedSet<String> udp) {
        if (tcp.isEmpty() && udp.isEmpty()) {
            return Finding.unknown("no exchange of the configured hosts is in " + file + " yet", "amcheck -c CONFIG");
        }
        final String rule = "iptables -I FORWARD -p tcp --dport "
                + settings.controlPorts().first(0) + " -s REQUESTER -d RESPONDER -j ACCEPT";
        if (udp.isEmpty()) {
            return new Finding(
                    Status.OK,
                    "all were last seen with bsdtcp (" + shown(tcp)
                            + "), which needs a plain rule and not this program",
                    rule);
        }
        return Finding.ok("bsd or bsdudp, which need this program: " + shown(udp)
                + (tcp.isEmpty() ? "" : "; bsdtcp, for which a plain rule would do: " + shown(tcp)));
    }

    /** As docs/events.md has the lines; null for one that does not tell. */
    private static @Nullable Boolean isTcp(final String line) {
        if ("request".equals(field(line, "event_type")) && line.contains("\"action\":\"asked\"")) {
            return false;
        }
        final boolean connected =
                "stream".equals(field(line, "event_type")) && "control-tcp".equals(field(line, "reason"));
        return connected ? true : null;
    }

    /** The text of a field: quotes within texts are escaped, so its name in quotes stands nowhere else. */
    private static @Nullable String field(final String line, final String name) {
        final String before = "\"" + name + "\":\"";
        final int at = line.indexOf(before);
        final int end = at < 0 ? -1 : line.indexOf('"', at + before.length());
        return end < 0 ? null : line.substring(at + before.length(), end);
    }

    private static SortedSet<String> hosts(final Map<String, Boolean> tcpByPair, final boolean tcp) {
        final TreeSet<String> hosts = new TreeSet<>();
        tcpByPair.forEach((pair, isTcp) -> {
            if (isTcp == tcp) {
                hosts.add(pair);
            }
        });
        return hosts;
    }

    private static String shown(final SortedSet<String> hosts) {
        final List<String> first = hosts.stream().limit(HOSTS_SHOWN_MAX).toList();
        final int more = hosts.size() - first.size();
        return String.join(", ", first) + (more == 0 ? "" : " and " + more + " more");
    }
}
