package org.amverdict.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.StaticRange;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** The lists {@code allow}, {@code static} and {@code published}. */
final class PolicyBinder {
    /** Most addresses of all lines together; aliases can repeat a list. */
    private static final int ADDRESSES_MAX = 1 << 18;

    private static final int NAME_MAX = 64;
    private static final int PORT_MAX = 65_535;
    private static final int PRIVILEGED_MAX = 1023;
    private static final List<String> SERVICES =
            Arrays.stream(Service.values()).map(Service::label).toList();

    private final Problems problems;
    private final Set<String> names = new HashSet<>();
    private int addresses;

    PolicyBinder(final Problems problems) {
        this.problems = problems;
    }

    List<Allowance> allow(final Section top) {
        final List<Node> entries = top.list("allow");
        final List<Allowance> lines = new ArrayList<>();
        for (int i = 0; entries != null && i < entries.size(); i++) {
            final Section in =
                    new Section(entries.get(i), "allow[" + i + "]", problems, ConfigurationKey.namesIn("allow"));
            final String name = name(in, i);
            final HostSet requesters = hosts(in, "requesters");
            final HostSet responders = hosts(in, "responders");
            final boolean legacyRecovery = in.bool("legacy-recovery", false);
            final int services = services(in, legacyRecovery);
            final PortSet streamPorts = streamPorts(in);
            if (requesters != null && responders != null) {
                lines.add(new Allowance(name, requesters, responders, services, streamPorts, legacyRecovery));
            }
        }
        return lines;
    }

    List<StaticRange> statics(final Section top) {
        final List<Node> entries = top.list("static");
        final List<StaticRange> lines = new ArrayList<>();
        for (int i = 0; entries != null && i < entries.size(); i++) {
            final Section in =
                    new Section(entries.get(i), "static[" + i + "]", problems, ConfigurationKey.namesIn("static"));
            final HostSet from = hosts(in, "from");
            final HostSet to = hosts(in, "to");
            in.missing("tcp", "11000-11040");
            final PortSet tcp = SettingsBinder.ports(in, "tcp", Policy.DEFAULT_STREAM_PORTS, problems);
            if (from != null && to != null) {
                lines.add(new StaticRange(from, to, tcp));
            }
        }
        return lines;
    }

    List<PublishedHost> published(final Section top) {
        final List<Node> entries = top.list("published");
        final List<PublishedHost> lines = new ArrayList<>();
        for (int i = 0; entries != null && i < entries.size(); i++) {
            final Section in = new Section(
                    entries.get(i), "published[" + i + "]", problems, ConfigurationKey.namesIn("published"));
            in.missing("public", "203.0.113.5");
            in.missing("host", "10.0.0.7");
            final HostPrefix publicAddress = address(in, "public");
            final HostPrefix host = address(in, "host");
            final int controlPort = in.integer("control-port", Policy.DEFAULT_CONTROL_PORTS.first(0), 1, PORT_MAX);
            if (publicAddress != null && host != null) {
                try {
                    lines.add(new PublishedHost(publicAddress, controlPort, host));
                } catch (final IllegalArgumentException e) {
                    in.error("host", String.valueOf(e.getMessage()));
                }
            }
        }
        return lines;
    }

    private static @Nullable HostPrefix address(final Section in, final String key) {
        return in.value(key, Optional.<HostPrefix>empty(), text -> Optional.of(HostPrefix.parse(text)))
                .orElse(null);
    }

    private String name(final Section in, final int i) {
        final String absent = "line " + (i + 1);
        final String name = in.value("name", absent, text -> {
            if (text.codePointCount(0, text.length()) > NAME_MAX || !isPrintable(text)) {
                throw new IllegalArgumentException(
                        "a name is at most " + NAME_MAX + " printable characters; it appears in logs");
            }
            return text;
        });
        if (!names.add(name)) {
            in.error("name", "the name '" + name + "' is given twice; reports could not tell the lines apart");
        }
        return name;
    }

    /** Nothing that a terminal or a log line would take for an instruction. */
    static boolean isPrintable(final String text) {
        return text.codePoints().allMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        });
    }

    private @Nullable HostSet hosts(final Section in, final String key) {
        if (in.missing(key, "[192.0.2.10]")) {
            return null;
        }
        final List<ScalarNode> texts = in.texts(key);
        if (texts == null) {
            return null;
        }
        addresses += texts.size();
        if (addresses > ADDRESSES_MAX) {
            in.error(key, "more than " + ADDRESSES_MAX + " addresses in all lines together; write prefixes");
            return null;
        }
        final List<HostPrefix> prefixes = new ArrayList<>(texts.size());
        for (final ScalarNode text : texts) {
            try {
                prefixes.add(HostPrefix.parse(text.getValue()));
            } catch (final IllegalArgumentException e) {
                problems.error(text, String.valueOf(e.getMessage()));
            }
        }
        if (prefixes.size() < texts.size()) {
            return null;
        }
        try {
            return HostSet.of(prefixes);
        } catch (final IllegalArgumentException e) {
            in.error(key, "'" + in.path() + "." + key + "': " + e.getMessage());
            return null;
        }
    }

    private int services(final Section in, final boolean legacyRecovery) {
        final List<ScalarNode> texts = in.texts("services");
        if (!in.has("services") && !legacyRecovery) {
            in.missing("services", "[noop, selfcheck, sendsize, sendbackup]");
        }
        if (texts == null) {
            return 0;
        }
        if (texts.isEmpty() && !legacyRecovery) {
            in.error("services", "no service; name at least one of " + String.join(", ", SERVICES));
        }
        int bits = 0;
        for (final ScalarNode text : texts) {
            final Service service = Service.ofLabel(text.getValue());
            if (service == null) {
                problems.error(
                        text, "unknown service '" + text.getValue() + "'; " + Suggestion.of(text.getValue(), SERVICES));
            } else if ((bits & service.bit()) != 0) {
                problems.error(text, "service '" + service.label() + "' is given twice; keep one");
            } else {
                bits |= service.bit();
            }
        }
        return bits;
    }

    private PortSet streamPorts(final Section in) {
        final PortSet ports = SettingsBinder.ports(in, "stream-ports", Policy.DEFAULT_STREAM_PORTS, problems);
        if (ports.first(0) <= PRIVILEGED_MAX) {
            in.error(
                    "stream-ports",
                    "stream-ports " + ports + " include privileged ports, which no reply may open; "
                            + "start at 1024 or above");
        }
        return ports;
    }
}
