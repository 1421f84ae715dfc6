package org.amverdict.firewall;

import java.util.List;
import java.util.Map;
import org.amverdict.firewall.Rule.Match;
import org.jspecify.annotations.Nullable;

/** Conditions of nft about one field of a header, and about routes. UNKNOWN for those that are not read. Stateless. */
final class NftPayload {
    private NftPayload() {}

    static Match of(final String protocol, final String field, final @Nullable Object value) {
        return switch (field) {
            case "saddr", "daddr" ->
                protocol.equals("ip") || protocol.equals("ip6")
                        ? address(field.equals("saddr"), value)
                        : Matches.UNKNOWN;
            case "sport", "dport" -> port(field.equals("sport"), value);
            case "protocol" -> protocol.equals("ip") ? protocol(String.valueOf(value)) : Matches.UNKNOWN;
            // The first header, which is the only one of a packet of ours.
            case "nexthdr" -> protocol.equals("ip6") ? protocol(String.valueOf(value)) : Matches.UNKNOWN;
            default -> Matches.UNKNOWN;
        };
    }

    /** A protocol above IP, by name or number. */
    static Match protocol(final String name) {
        return switch (name) {
            case "tcp", "6" -> Matches.tcp(true);
            case "udp", "17" -> Matches.tcp(false);
            default -> name.matches("[a-z0-9-]+") ? Matches.NEVER : Matches.UNKNOWN;
        };
    }

    private static Match address(final boolean source, final @Nullable Object value) {
        final Map<?, ?> prefix = NftJson.map(NftJson.map(value).get("prefix"));
        final List<?> range = NftJson.list(NftJson.map(value).get("range"));
        final AddressPattern pattern;
        if (!prefix.isEmpty()) {
            pattern = AddressPattern.parse(NftJson.text(prefix, "addr") + "/" + NftJson.text(prefix, "len"));
        } else if (range.size() == 2) {
            pattern = AddressPattern.range(String.valueOf(range.get(0)), String.valueOf(range.get(1)));
        } else {
            pattern = value instanceof String text ? AddressPattern.parse(text) : null;
        }
        return pattern == null ? Matches.UNKNOWN : source ? Matches.source(pattern) : Matches.destination(pattern);
    }

    private static Match port(final boolean source, final @Nullable Object value) {
        final List<?> ends = NftJson.list(NftJson.map(value).get("range"));
        final Range range = ends.size() == 2
                ? Range.parse(ends.get(0) + "-" + ends.get(1), "-")
                : value instanceof Number ? Range.parse(String.valueOf(value), "-") : null;
        return range == null ? Matches.UNKNOWN : source ? Matches.sourcePort(range) : Matches.destinationPort(range);
    }

    /** {@code fib daddr type local} and {@code fib saddr . iif oif missing}. */
    static Match route(final Map<?, ?> fib, final @Nullable Object value) {
        final List<?> flags = NftJson.listOrOne(fib.get("flags"));
        final boolean source = flags.contains("saddr");
        final String result = NftJson.text(fib, "result");
        if (result.equals("type") && value instanceof String type) {
            final Match match = Matches.addressType(source, type);
            // With an interface the address is local only on that interface.
            return flags.size() == 1
                    ? match
                    : sight -> match.of(sight) == Certainty.NO ? Certainty.NO : Certainty.PERHAPS;
        }
        if ((source && flags.contains("iif") && result.startsWith("oif")) || result.equals("check")) {
            return switch (String.valueOf(value)) {
                case "false", "0", "missing" -> Matches.not(Matches.routeBack());
                case "true", "1", "exists" -> Matches.routeBack();
                default -> Matches.UNKNOWN;
            };
        }
        return Matches.UNKNOWN;
    }
}
