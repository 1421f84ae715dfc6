package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amverdict.firewall.Matches.Word;
import org.amverdict.firewall.Rule.Match;
import org.jspecify.annotations.Nullable;

/** Reads what a rule of nft compares with what: two expressions of libnftables-json(5). Stateless but for the sets. */
final class NftCondition {
    private final NftSets sets;
    private final String table;

    NftCondition(final NftSets sets, final String table) {
        this.sets = sets;
        this.table = table;
    }

    /** A statement match. */
    Match of(final Map<?, ?> match) {
        final Object left = match.get("left");
        final Object right = match.get("right");
        final Match required = required(left);
        final Match compared = switch (NftJson.text(match, "op")) {
            case "==" -> equal(left, right, false);
            // Of a word of bits: one of them is set. Otherwise it is the same as ==.
            case "in", "" -> equal(left, right, true);
            case "!=" -> Matches.not(equal(left, right, false));
            default -> Matches.UNKNOWN;
        };
        return Matches.all(List.of(required, compared));
    }

    /** One element of a verdict map. */
    Match element(final @Nullable Object key, final @Nullable Object value) {
        return Matches.all(List.of(required(key), one(key, NftJson.bare(value), false)));
    }

    /** What a packet must be so that it has the left side at all: without it there is no match, even of a negation. */
    Match required(final @Nullable Object left) {
        final List<Match> required = new ArrayList<>();
        collect(left, required);
        return Matches.all(required);
    }

    private void collect(final @Nullable Object expression, final List<Match> required) {
        final Map<?, ?> payload = NftJson.map(NftJson.map(expression).get("payload"));
        final String conntrack =
                NftJson.text(NftJson.map(NftJson.map(expression).get("ct")), "key");
        if (!conntrack.isEmpty()) {
            required.add(conntrack.equals("state") ? Matches.ALWAYS : Matches.CONNECTION);
        } else if (!payload.isEmpty()) {
            required.add(header(NftJson.text(payload, "protocol")));
        } else if (NftJson.map(NftJson.map(expression).get("exthdr")).get("field") != null) {
            // A packet of ours has no extension header, put together from its fragments.
            required.add(Matches.NEVER);
        } else if (expression instanceof Map<?, ?> map) {
            map.values().forEach(inner -> collect(inner, required));
        } else if (expression instanceof List<?> list) {
            list.forEach(inner -> collect(inner, required));
        }
    }

    private static Match header(final String protocol) {
        return switch (protocol) {
            case "ip" -> Matches.ipv4(true);
            case "ip6" -> Matches.ipv4(false);
            case "tcp" -> Matches.tcp(true);
            case "udp" -> Matches.tcp(false);
            case "th" -> Matches.ALWAYS;
            case "icmp", "icmpv6", "igmp", "ah", "esp", "comp", "udplite", "dccp", "sctp", "gre", "arp" ->
                Matches.NEVER;
            default -> Matches.UNKNOWN;
        };
    }

    private Match equal(final @Nullable Object left, final @Nullable Object right, final boolean anyBit) {
        final List<?> values = values(right);
        if (values == null) {
            return Matches.UNKNOWN;
        }
        final boolean set =
                NftJson.map(right).get("set") != null || (right instanceof String text && text.startsWith("@"));
        if (!set && values.size() > 1) {
            // Several bits: established,related.
            return one(left, values, anyBit);
        }
        final List<Match> any = new ArrayList<>();
        boolean others = false;
        for (final Object value : values) {
            others |= "*".equals(NftJson.bare(value));
            any.add(one(left, NftJson.bare(value), anyBit && !set));
        }
        return others ? Matches.ALWAYS : Matches.any(any);
    }

    /** Elements of a set, named or not; null if they are not known. */
    @Nullable List<?> values(final @Nullable Object right) {
        if (right instanceof String text && text.startsWith("@")) {
            return sets.elements(table, text);
        }
        final Object set = NftJson.map(right).get("set");
        if (set instanceof String text && text.startsWith("@")) {
            return sets.elements(table, text);
        }
        return NftJson.listOrOne(set == null ? right : set);
    }

    private Match one(final @Nullable Object left, final @Nullable Object right, final boolean anyBit) {
        final Map<?, ?> expression = NftJson.map(left);
        final List<?> parts = NftJson.list(expression.get("concat"));
        if (!parts.isEmpty()) {
            final List<?> values = NftJson.list(NftJson.map(right).get("concat"));
            if (values.size() != parts.size()) {
                return Matches.UNKNOWN;
            }
            final List<Match> all = new ArrayList<>();
            for (int i = 0; i < parts.size(); i++) {
                all.add(one(parts.get(i), values.get(i), false));
            }
            return Matches.all(all);
        }
        final Map<?, ?> payload = NftJson.map(expression.get("payload"));
        final Match simple = payload.isEmpty()
                ? property(expression, right)
                : NftPayload.of(NftJson.text(payload, "protocol"), NftJson.text(payload, "field"), right);
        if (simple != Matches.UNKNOWN) {
            return simple;
        }
        return bits(left, right, anyBit);
    }

    private static Match property(final Map<?, ?> expression, final @Nullable Object right) {
        if (expression.get("exthdr") != null) {
            return Boolean.FALSE.equals(right) ? Matches.ALWAYS : Matches.NEVER;
        }
        final Map<?, ?> fib = NftJson.map(expression.get("fib"));
        if (!fib.isEmpty()) {
            return NftPayload.route(fib, right);
        }
        if (!(right instanceof String) && !(right instanceof Number)) {
            return Matches.UNKNOWN;
        }
        final String value = String.valueOf(right);
        return switch (NftJson.text(NftJson.map(expression.get("meta")), "key")) {
            case "l4proto" -> NftPayload.protocol(value);
            case "nfproto" ->
                switch (value) {
                    case "ipv4", "2" -> Matches.ipv4(true);
                    case "ipv6", "10" -> Matches.ipv4(false);
                    default -> Matches.NEVER;
                };
            case "protocol" ->
                switch (value) {
                    case "ip" -> Matches.ipv4(true);
                    case "ip6" -> Matches.ipv4(false);
                    default -> Matches.UNKNOWN;
                };
            case "iifname", "iif" -> Matches.networkInterface(true, value, "*");
            case "oifname", "oif" -> Matches.networkInterface(false, value, "*");
            case "pkttype" -> value.equals("multicast") || value.equals("broadcast") ? Matches.NEVER : Matches.UNKNOWN;
            default -> Matches.UNKNOWN;
        };
    }

    private Match bits(final @Nullable Object left, final @Nullable Object right, final boolean anyBit) {
        final NftWords words = NftWords.of(left);
        final Word value = words.value(right);
        if (words.word() == null || value == null) {
            return Matches.UNKNOWN;
        }
        return anyBit && words.named() ? Matches.anyBit(words.word(), value) : Matches.equal(words.word(), value);
    }
}
