package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.host.Host;
import org.amverdict.json.JsonObject;
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
            final JsonObject event = parse(line);
            final Boolean tcp = isTcp(event);
            final String requester = event.text("src_ip");
            final String responder = event.text("dest_ip");
            if (tcp != null && !requester.isEmpty() && !responder.isEmpty() && tcpByPair.size() < PAIRS_MAX) {
                tcpByPair.put(requester + " asks " + responder, tcp); // the latest one counts
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

    /** Reads a line that may be evidence; others, and an incomplete last one, have no fields. */
    private static JsonObject parse(final String line) {
        // The log may have 8 MiB, of which few lines are evidence.
        if (!line.contains("\"asked\"") && !line.contains("\"control-tcp\"")) {
            return JsonObject.EMPTY;
        }
        try {
            return JsonObject.parse(line);
        } catch (final IllegalArgumentException e) {
            return JsonObject.EMPTY;
        }
    }

    /** The auth, from a line as in docs/events.md; null for a line that is no evidence. */
    private static @Nullable Boolean isTcp(final JsonObject event) {
        if (event.text("event_type").equals("request") && event.text("action").equals("asked")) {
            return false;
        }
        final boolean connected = event.text("event_type").equals("stream")
                && event.text("reason").equals("control-tcp");
        return connected ? true : null;
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
