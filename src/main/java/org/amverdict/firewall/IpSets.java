package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.firewall.Rule.Match;
import org.jspecify.annotations.Nullable;

/**
 * The sets that rules of iptables name with {@code --match-set}, as {@code ipset save} prints them (ipset(8)). What
 * cannot be read is a perhaps. Immutable.
 */
final class IpSets {
    /** Sets whose members are not known. */
    static final IpSets UNKNOWN = new IpSets();

    private static final int DEPTH_MAX = 8;
    private static final int LINES_MAX = 1_000_000;
    /** More members than this are not compared, for the time of it. */
    private static final int MEMBERS_MAX = 200_000;

    private final Map<String, IpSet> sets = new HashMap<>();

    /**
     * One set.
     *
     * @param parts of its members, such as ip, port
     * @param members as printed, without the name
     */
    private record IpSet(List<String> parts, List<String> members) {}

    private IpSets() {}

    static IpSets of(final String saved) {
        final IpSets read = new IpSets();
        for (final String line : saved.lines().limit(LINES_MAX).toList()) {
            final String[] words = line.strip().split(" ", 4);
            if (words.length > 2 && words[0].equals("create")) {
                final int colon = words[2].indexOf(':');
                read.sets.put(
                        words[1],
                        new IpSet(List.of(words[2].substring(colon + 1).split(",", -1)), new ArrayList<>()));
            } else if (words.length > 2 && words[0].equals("add")) {
                final IpSet set = read.sets.get(words[1]);
                if (set != null) {
                    set.members.add(line.strip().substring("add ".length() + words[1].length() + 1));
                }
            }
        }
        return read;
    }

    /**
     * Whether a packet is in a set.
     *
     * @param name of the set
     * @param directions which of its addresses and ports are looked up, such as "src,dst"
     */
    Match match(final String name, final String directions) {
        return match(name, List.of(directions.split(",", -1)), 0);
    }

    private Match match(final String name, final List<String> directions, final int depth) {
        final IpSet set = sets.get(name);
        if (set == null || depth > DEPTH_MAX || set.members.size() > MEMBERS_MAX) {
            return Matches.UNKNOWN;
        }
        final List<Match> any = new ArrayList<>();
        boolean exceptions = false;
        for (final String member : set.members) {
            final List<String> words = List.of(member.split(" ", -1));
            exceptions |= words.contains("nomatch");
            final Match match = set.parts.equals(List.of("set"))
                    ? match(words.get(0), directions, depth + 1)
                    : member(set.parts, words.get(0), directions);
            // A member with a timeout goes by itself.
            any.add(words.contains("timeout") ? perhaps(match) : match);
        }
        final Match members = Matches.any(any);
        return exceptions ? perhaps(members) : members;
    }

    /** Not more than perhaps. */
    private static Match perhaps(final Match match) {
        return sight -> match.of(sight).and(Certainty.PERHAPS);
    }

    private static Match member(final List<String> parts, final String member, final List<String> directions) {
        final String[] values = member.split(",", -1);
        if (values.length != parts.size() || directions.size() < parts.size()) {
            return Matches.UNKNOWN;
        }
        final List<Match> all = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            final boolean source = directions.get(i).equals("src");
            final Match part = switch (parts.get(i)) {
                case "ip", "net" -> IptablesRule.addresses(values[i], source);
                case "port" -> port(values[i], source);
                default -> null;
            };
            all.add(part == null ? Matches.UNKNOWN : part);
        }
        return Matches.all(all);
    }

    /** "tcp:80", or "80" where the set is about ports alone: of any protocol. */
    private static @Nullable Match port(final String text, final boolean source) {
        final int colon = text.indexOf(':');
        final String protocol = colon < 0 ? "" : text.substring(0, colon);
        final Range range = Range.parse(text.substring(colon + 1), "-");
        if (!protocol.isEmpty() && !Set.of("tcp", "udp").contains(protocol)) {
            return Matches.NEVER;
        }
        if (range == null) {
            return null;
        }
        final Match ports = source ? Matches.sourcePort(range) : Matches.destinationPort(range);
        return protocol.isEmpty() ? ports : Matches.all(List.of(Matches.tcp(protocol.equals("tcp")), ports));
    }
}
