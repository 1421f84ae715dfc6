package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Effect;
import org.amverdict.firewall.Rule.Match;
import org.amverdict.policy.HostPrefix;
import org.jspecify.annotations.Nullable;

/** Reads the expressions of one rule of nft (libnftables-json(5)). An unknown condition makes the match a maybe. */
final class NftRule {
    private final List<Match> matches = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final UnaryOperator<String> helperTypes;
    private final List<Rule> rules = new ArrayList<>();
    private Action action = Action.CONTINUE;
    private String target = "";
    private Range queues = Range.ZERO;
    private boolean bypass;
    private boolean tracking;

    /** @param helperTypes type of a helper of the table, such as amanda, by its name */
    NftRule(final List<?> expressions, final UnaryOperator<String> helperTypes) {
        this.helperTypes = helperTypes;
        for (final Object expression : expressions) {
            NftText.map(expression).forEach((name, value) -> read(String.valueOf(name), value));
        }
        rules.add(rule());
    }

    /** One rule; with a verdict map, one for each of its elements before it. */
    List<Rule> rules() {
        return rules;
    }

    private Rule rule() {
        return new Rule(
                text.toString().strip(), List.copyOf(matches), new Effect(action, target, queues, bypass), tracking);
    }

    private void read(final String name, final @Nullable Object value) {
        switch (name) {
            case "match" -> match(NftText.map(value));
            case "accept" -> end(Action.ACCEPT, name);
            case "drop", "reject" -> end(Action.DROP, name);
            case "return" -> end(Action.RETURN, name);
            case "jump", "goto" -> {
                end(name.equals("jump") ? Action.JUMP : Action.GOTO, name);
                target = String.valueOf(NftText.map(value).get("target"));
                text.append(' ').append(target);
            }
            case "queue" -> queue(NftText.map(value));
            case "ct helper" -> {
                tracking = true;
                end(Action.HELPER, "ct helper set " + value);
                target = helperTypes.apply(String.valueOf(value));
            }
            case "vmap" -> verdictMap(NftText.map(value));
            case "limit", "quota", "ct count", "fib", "xt" -> {
                matches.add(Matches.UNKNOWN);
                text.append(' ').append(name);
            }
            default -> {
                // counter, log, mangle and others: no verdict
                tracking |= name.startsWith("ct ") || String.valueOf(value).contains("{ct=");
            }
        }
    }

    /** {@code ct state vmap { established : accept, invalid : drop }} */
    private void verdictMap(final Map<?, ?> map) {
        final int shared = text.length();
        for (final Object element : NftText.list(NftText.map(map.get("data")).get("set"))) {
            final List<?> pair = NftText.list(element);
            if (pair.size() == 2) {
                matches.add(condition(NftText.map(map.get("key")), pair.get(0)));
                text.append(' ')
                        .append(shown(map.get("key")))
                        .append(" vmap ")
                        .append(shown(pair.get(0)))
                        .append(" :");
                NftText.map(pair.get(1)).forEach((name, value) -> read(String.valueOf(name), value));
                rules.add(rule());
                matches.remove(matches.size() - 1);
                text.setLength(shared);
                action = Action.CONTINUE;
                target = "";
            }
        }
        matches.add(Matches.UNKNOWN);
        text.append(" vmap ").append(shown(map.get("data")));
    }

    private void end(final Action reached, final String shown) {
        action = reached;
        text.append(' ').append(shown);
    }

    private void queue(final Map<?, ?> value) {
        end(Action.QUEUE, "queue num ");
        final Object number = value.get("num");
        final List<?> range = NftText.list(NftText.map(number).get("range"));
        final int first = number(range.isEmpty() ? number : range.get(0));
        queues = new Range(first, range.size() < 2 ? first : number(range.get(1)));
        // One flag is a string, several are a list.
        bypass = "bypass".equals(value.get("flags"))
                || NftText.list(value.get("flags")).contains("bypass");
        text.append(queues).append(bypass ? " bypass" : "");
    }

    private static int number(final @Nullable Object value) {
        return value instanceof Number number ? number.intValue() : value == null ? 0 : Integer.parseInt("" + value);
    }

    private void match(final Map<?, ?> match) {
        final Object right = match.get("right");
        final Map<?, ?> left = NftText.map(match.get("left"));
        final String operator = String.valueOf(match.get("op"));
        final boolean negated = operator.equals("!=");
        final Match read =
                negated || operator.equals("==") || operator.equals("in") ? condition(left, right) : Matches.UNKNOWN;
        matches.add(negated ? Matches.not(read) : read);
        text.append(' ').append(shown(left)).append(negated ? " != " : " ").append(shown(right));
    }

    private Match condition(final Map<?, ?> left, final @Nullable Object right) {
        final Map<?, ?> payload = NftText.map(left.get("payload"));
        final String key = String.valueOf(NftText.map(left.get("meta")).get("key"));
        final Object conntrack = NftText.map(left.get("ct")).get("key");
        tracking |= conntrack != null;
        final List<?> values = values(right);
        if (values.stream().anyMatch(value -> String.valueOf(value).startsWith("@"))) {
            return Matches.UNKNOWN; // a named set
        }
        if (!payload.isEmpty()) {
            return payload(String.valueOf(payload.get("protocol")), String.valueOf(payload.get("field")), values);
        }
        if (left.get("&") != null) {
            return flags(NftText.list(left.get("&")), right);
        }
        if (conntrack != null) {
            return "state".equals(conntrack) && NftText.map(left.get("ct")).get("dir") == null
                    ? Matches.state(strings(values))
                    : Matches.UNKNOWN;
        }
        return switch (key) {
            case "l4proto" -> Matches.protocol(strings(values));
            case "nfproto" -> packet -> MatchResult.of(strings(values).contains(packet.ipv4() ? "ipv4" : "ipv6"));
            case "iifname", "oifname", "iif", "oif" ->
                values.size() == 1 ? Matches.networkInterface("" + values.get(0)) : Matches.UNKNOWN;
            default -> Matches.UNKNOWN;
        };
    }

    private static Match payload(final String protocol, final String field, final List<?> values) {
        return switch (field) {
            case "saddr", "daddr" -> {
                final boolean ipv4 = protocol.equals("ip");
                final List<HostPrefix> hosts = hosts(values);
                final Match listed = field.equals("saddr") ? Matches.source(hosts) : Matches.destination(hosts);
                final Match match = Matches.orUnknown(listed, hosts.size() < values.size());
                yield packet -> packet.ipv4() == ipv4 ? match.of(packet) : MatchResult.NO;
            }
            case "sport", "dport" -> {
                final List<Range> ports = ports(values);
                final Match match = field.equals("sport") ? Matches.sourcePort(ports) : Matches.destinationPort(ports);
                yield packet ->
                        protocol.equals("th") || protocol.equals(packet.protocol()) ? match.of(packet) : MatchResult.NO;
            }
            case "protocol", "nexthdr" -> Matches.protocol(strings(values));
            default ->
                protocol.equals("tcp") || protocol.equals("udp")
                        ? packet -> protocol.equals(packet.protocol()) ? MatchResult.MAYBE : MatchResult.NO
                        : protocol.startsWith("icmp") ? Matches.NEVER : Matches.UNKNOWN;
        };
    }

    /** {@code tcp flags & (fin | syn | rst | ack) == syn}; any other combination of bits, such as of marks, is unknown. */
    private static Match flags(final List<?> operands, final @Nullable Object right) {
        if (operands.size() != 2
                || !"flags"
                        .equals(NftText.map(NftText.map(operands.get(0)).get("payload"))
                                .get("field"))) {
            return Matches.UNKNOWN;
        }
        return Matches.tcpFlags(names(operands.get(1)), names(right));
    }

    private static List<String> names(final @Nullable Object value) {
        final Object joined = value instanceof Map<?, ?> map && map.get("|") != null ? map.get("|") : value;
        final List<String> names = new ArrayList<>();
        for (final Object one : joined instanceof List<?> list ? list : values(joined)) {
            if (one instanceof Map<?, ?>) {
                names.addAll(names(one));
            } else {
                names.add(String.valueOf(one).toUpperCase(Locale.ROOT));
            }
        }
        return names;
    }

    private static List<?> values(final @Nullable Object right) {
        if (right instanceof Map<?, ?> map && map.get("set") instanceof List<?> set) {
            return set;
        }
        return right instanceof List<?> list ? list : right == null ? List.of() : List.of(right);
    }

    private static List<String> strings(final List<?> values) {
        return values.stream().map(String::valueOf).toList();
    }

    private static List<HostPrefix> hosts(final List<?> values) {
        final List<HostPrefix> hosts = new ArrayList<>();
        for (final Object value : values) {
            final Map<?, ?> prefix = NftText.map(NftText.map(value).get("prefix"));
            final String host = prefix.isEmpty() ? String.valueOf(value) : prefix.get("addr") + "/" + prefix.get("len");
            try {
                hosts.add(HostPrefix.parse(host));
            } catch (final IllegalArgumentException e) {
                // A range or similar: not one of ours.
            }
        }
        return hosts;
    }

    private static List<Range> ports(final List<?> values) {
        final List<Range> ports = new ArrayList<>();
        for (final Object value : values) {
            final List<?> range = NftText.list(NftText.map(value).get("range"));
            if (range.size() == 2) {
                ports.add(new Range(number(range.get(0)), number(range.get(1))));
            } else if (value instanceof Number number) {
                ports.add(new Range(number.intValue(), number.intValue()));
            }
        }
        return ports;
    }

    /** Close enough to nft's own notation for the reader to find the rule. */
    private static String shown(final @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            final StringBuilder shown = new StringBuilder();
            map.forEach((name, inner) -> {
                final boolean wrapper =
                        List.of("payload", "meta", "set", "prefix", "range").contains(name);
                shown.append(wrapper || inner instanceof String ? "" : name + " ")
                        .append(shown(inner))
                        .append(' ');
            });
            return shown.toString().strip();
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(NftRule::shown)
                    .toList()
                    .toString()
                    .replace('[', '{')
                    .replace(']', '}');
        }
        return String.valueOf(value);
    }
}
