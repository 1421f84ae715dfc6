package org.amverdict.init;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.packet.IpAddress;

/** The text of a first configuration: one address a line, with the name next to it as a comment. */
final class DraftText {
    /** As the package's own file has them. */
    static final String QUEUES = """
            queues:
              - {numbers: 10, copy: packet}          # control datagrams, whole
              - {numbers: 11-14, copy: headers}      # TCP: the headers are enough
            """;

    /** Where comments begin. */
    private static final int COLUMN = 40;

    private final Source source;
    private final Map<String, List<IpAddress>> servers;
    private final Map<String, List<IpAddress>> clients;
    private final Set<Integer> controlPorts;
    private final Kept kept;

    /** @param controlPorts besides the usual one and those that are kept */
    DraftText(
            final Source source,
            final Map<String, List<IpAddress>> servers,
            final Map<String, List<IpAddress>> clients,
            final Set<Integer> controlPorts,
            final Kept kept) {
        this.kept = kept;
        this.source = source;
        this.servers = servers;
        this.clients = clients;
        this.controlPorts = controlPorts;
    }

    String yaml() {
        final StringBuilder text = new StringBuilder(4096);
        text.append("# yaml-language-server: $schema=/usr/share/amverdict/amverdict.schema.json\n")
                .append("# From ")
                .append(source.name())
                .append(". See amverdict.yaml(5).\n")
                .append(
                        "# The program never looks names up: those in comments are for people, and \"amverdict check --resolve\"\n")
                .append("# says which of them have other addresses by now.\n\n")
                .append("# monitor: judge and report, change nothing. enforce: drop what no line allows.\n")
                .append("mode: monitor\n\n")
                .append(kept.hasQueues() ? "" : QUEUES + "\n");
        final Set<Integer> all = new TreeSet<>(controlPorts);
        all.addAll(kept.controlPorts());
        if (!all.isEmpty()) {
            all.add(AmandaPorts.AMANDA);
            text.append("control-ports: ").append(all).append("\n\n");
        }
        text.append("allow:\n");
        line(text, "backup", servers, clients);
        text.append("    services: [noop, selfcheck, sendsize, sendbackup]\n");
        text.append(
                "    # stream-ports: 11000-11040          # if the clients' amanda-client.conf has unreserved-tcp-port\n");
        line(text, "recovery", clients, servers);
        return text.append("    services: [amindexd, amidxtaped]\n")
                .append(kept.yaml())
                .toString();
    }

    private void line(
            final StringBuilder text,
            final String kind,
            final Map<String, List<IpAddress>> requesters,
            final Map<String, List<IpAddress>> responders) {
        text.append("  - name: ").append(kind);
        text.append(source.label().isEmpty() ? "" : " " + source.label()).append('\n');
        hosts(text, "requesters", requesters);
        hosts(text, "responders", responders);
    }

    private static void hosts(final StringBuilder text, final String key, final Map<String, List<IpAddress>> hosts) {
        text.append("    ").append(key).append(":\n");
        hosts.forEach((name, addresses) -> addresses.forEach(address -> {
            final String shown = address.isIpv4() ? address.toString() : "\"" + address + '"';
            text.append("      - ").append(shown);
            if (!name.equals(address.toString())) {
                text.append(" ".repeat(Math.max(1, COLUMN - "      - ".length() - shown.length())))
                        .append("# ")
                        .append(name);
            }
            text.append('\n');
        }));
    }
}
