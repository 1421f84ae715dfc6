package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amverdict.firewall.Matches.Word;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Change;
import org.amverdict.firewall.Rule.Effect;
import org.amverdict.firewall.Rule.Match;
import org.amverdict.firewall.Rule.Part;
import org.jspecify.annotations.Nullable;

/**
 * Reads the statements of one rule of nft (libnftables-json(5)). A condition that is not known makes the match a perhaps;
 * a statement that is not known perhaps ends the path.
 */
final class NftRule {
    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final NftSets sets;
    private final String table;
    private final NftCondition condition;
    private final List<Rule> rules = new ArrayList<>();
    private boolean tracking;
    /** Whether a change is in no rule yet. */
    private boolean pending;

    /**
     * Reads it.
     *
     * @param sets of all tables
     * @param table of the rule, as "inet filter"
     */
    NftRule(final List<?> statements, final NftSets sets, final String table) {
        this.sets = sets;
        this.table = table;
        condition = new NftCondition(sets, table);
        tracking = usesConntrack(statements);
        for (final Object statement : statements) {
            NftJson.map(statement).forEach((name, value) -> read(String.valueOf(name), value));
        }
        if (pending) {
            // The rules behind it see the change.
            end(Action.CONTINUE, "");
        }
    }

    /** One rule for each statement that does more than to look; with a verdict map, one for each of its elements. */
    List<Rule> rules() {
        return rules;
    }

    /** Whether it makes conntrack active. */
    boolean tracking() {
        return tracking;
    }

    private void end(final Action action, final String shown) {
        add(Effect.of(action), shown);
    }

    private void add(final Effect effect, final String shown) {
        text.append(' ').append(shown);
        rules.add(new Rule(text.toString().strip(), List.copyOf(parts), effect, tracking));
        pending = false;
    }

    private void read(final String name, final @Nullable Object value) {
        switch (name) {
            case "match" -> match(NftJson.map(value));
            case "accept", "snat", "masquerade" -> end(Action.ACCEPT, name);
            case "drop", "reject" -> end(Action.DROP, name);
            case "return" -> end(Action.RETURN, name);
            case "dnat", "redirect" -> end(Action.TRANSLATE, name);
            case "jump", "goto" -> {
                final String target = NftJson.text(NftJson.map(value), "target");
                add(
                        new Effect(name.equals("jump") ? Action.JUMP : Action.GOTO, target, Range.ZERO, false),
                        name + " " + target);
            }
            case "queue" -> queue(NftJson.map(value));
            case "ct helper" ->
                add(
                        new Effect(Action.HELPER, sets.helper(table, String.valueOf(value)), Range.ZERO, false),
                        "ct helper set " + value);
            case "flow" -> end(Action.FLOW_TABLE, "flow add " + NftJson.text(NftJson.map(value), "flowtable"));
            case "vmap" -> verdictMap(NftJson.map(value));
            case "mangle" -> mangle(NftJson.map(value));
            case "notrack" -> change(Sight::untrack, name);
            case "limit", "quota", "ct count", "meter", "fib" -> {
                parts.add(Matches.UNKNOWN);
                text.append(' ').append(name);
            }
            case "set", "map" -> {
                // Fails where the set is full, or where a statement in it does not match.
                parts.add(Matches.UNKNOWN);
                text.append(' ').append(NftJson.shown(value));
            }
            case "counter", "log", "dup", "last", "continue", "reset", "secmark", "ct timeout", "ct expectation" -> {
                // decides nothing
            }
            case "fwd", "synproxy", "tproxy" -> end(Action.DIVERT, name);
            case "xt" -> iptables(NftJson.map(value));
            default -> unknown(name, value);
        }
    }

    /** A statement of a later nft. */
    private void unknown(final String name, final @Nullable Object value) {
        end(Action.UNKNOWN, name + " " + NftJson.shown(value));
        parts.add(Matches.UNKNOWN);
    }

    /** A match or a target of iptables, of which nft shows the name at most. */
    private void iptables(final Map<?, ?> statement) {
        final String name = NftJson.text(statement, "name");
        if (NftJson.text(statement, "type").equals("match")) {
            parts.add(Matches.UNKNOWN);
            text.append(" xt ").append(name);
        } else if (IptablesTarget.isHarmless(name) && !name.equals("CT")) {
            // A mark that is not shown.
            change(
                    sight -> {
                        sight.mark(Bits.UNKNOWN);
                        sight.connectionMark(Bits.UNKNOWN);
                    },
                    "xt " + name);
        } else {
            unknown("xt", statement);
        }
    }

    private void match(final Map<?, ?> match) {
        parts.add(condition.of(match));
        text.append(' ')
                .append(NftJson.shown(match.get("left")))
                .append("!=".equals(match.get("op")) ? " != " : " ")
                .append(NftJson.shown(match.get("right")));
    }

    private void queue(final Map<?, ?> value) {
        final Object number = value.get("num");
        final List<?> ends = NftJson.list(NftJson.map(number).get("range"));
        final Range queues = ends.size() == 2
                ? Range.parse(ends.get(0) + "-" + ends.get(1), "-")
                : Range.parse(number == null ? "0" : String.valueOf(number), "-");
        if (queues == null) {
            // A number from a map or a hash.
            end(Action.UNKNOWN, "queue num " + NftJson.shown(number));
            return;
        }
        final boolean bypass = NftJson.listOrOne(value.get("flags")).contains("bypass");
        add(new Effect(Action.QUEUE, "", queues, bypass), "queue num " + queues + (bypass ? " bypass" : ""));
    }

    private void change(final Change change, final String shown) {
        parts.add(change);
        text.append(' ').append(shown);
        pending = true;
    }

    /** Marks are followed; other fields that it may set are not looked at, except those that say who the packet is for. */
    private void mangle(final Map<?, ?> mangle) {
        final Object key = mangle.get("key");
        final String shown = NftJson.shown(key) + " set " + NftJson.shown(mangle.get("value"));
        final NftWords words = NftWords.of(key);
        // What cannot be read from the packet ends the rule.
        parts.add(condition.required(mangle.get("value")));
        final Word value = words.value(mangle.get("value"));
        if (words.word() == Words.MARK) {
            change(sight -> sight.mark(value == null ? Bits.UNKNOWN : value.of(sight)), shown);
        } else if (words.word() == Words.CONNECTION_MARK) {
            change(
                    IptablesTarget.ofConnection(
                            sight -> sight.connectionMark(value == null ? Bits.UNKNOWN : value.of(sight))),
                    shown);
        } else if (List.of("saddr", "daddr", "sport", "dport")
                .contains(NftJson.text(NftJson.map(NftJson.map(key).get("payload")), "field"))) {
            end(Action.DIVERT, shown);
        } else {
            text.append(' ').append(shown);
        }
    }

    /** {@code ct state vmap { established : accept, invalid : drop }}, or {@code vmap @services}. */
    private void verdictMap(final Map<?, ?> map) {
        final Object key = map.get("key");
        final List<?> elements = condition.values(map.get("data"));
        final String shared = text + " " + NftJson.shown(key) + " vmap ";
        final boolean changes = parts.stream().anyMatch(Change.class::isInstance);
        if (elements == null || changes) {
            // Rules fill the map, or it is not known; or the changes before it would happen once for each element.
            end(Action.UNKNOWN, NftJson.shown(key) + " vmap " + NftJson.shown(map.get("data")));
            return;
        }
        final List<Match> before = new ArrayList<>();
        for (final Object element : elements) {
            final List<?> pair = NftJson.list(element);
            final Object value = pair.isEmpty() ? null : NftJson.bare(pair.get(0));
            final Match match = "*".equals(value)
                    ? Matches.not(Matches.any(List.copyOf(before)))
                    : pair.size() == 2 ? condition.element(key, value) : Matches.UNKNOWN;
            before.add(match);
            parts.add(match);
            text.setLength(0);
            text.append(shared).append(NftJson.shown(value)).append(" :");
            if (pair.size() == 2) {
                NftJson.map(pair.get(1)).forEach((name, verdict) -> read(String.valueOf(name), verdict));
            } else {
                end(Action.UNKNOWN, NftJson.shown(element));
            }
            parts.remove(match);
        }
        // A verdict map is the last statement.
    }

    private static boolean usesConntrack(final @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .anyMatch(entry -> "ct".equals(entry.getKey())
                            || String.valueOf(entry.getKey()).startsWith("ct ")
                            || usesConntrack(entry.getValue()));
        }
        return value instanceof List<?> list && list.stream().anyMatch(NftRule::usesConntrack);
    }
}
