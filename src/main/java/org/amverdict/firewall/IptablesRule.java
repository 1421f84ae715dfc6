package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.amverdict.firewall.Matches.Word;
import org.amverdict.firewall.Rule.Match;
import org.amverdict.firewall.Rule.Part;
import org.jspecify.annotations.Nullable;

/**
 * Reads one line {@code -A CHAIN …} of iptables-save (iptables-extensions(8)). A condition that is not known makes the
 * match a perhaps; a target that is not known perhaps ends the path.
 */
final class IptablesRule {
    private static final Set<String> TRACKING = Set.of(
            "conntrack",
            "state",
            "connmark",
            "CONNMARK",
            "connbytes",
            "connlimit",
            "helper",
            "connlabel",
            "CT",
            "cluster");
    /** Modules whose conditions are all known here, or that have none. */
    private static final Set<String> KNOWN = Set.of(
            "tcp",
            "udp",
            "multiport",
            "conntrack",
            "state",
            "comment",
            "connmark",
            "mark",
            "iprange",
            "addrtype",
            "pkttype",
            "rpfilter",
            "nfacct",
            "set");
    /** Options with a text that may look like an option itself. */
    private static final Set<String> WITH_TEXT = Set.of(
            "--comment",
            "--string",
            "--hex-string",
            "--name",
            "--hashlimit-name",
            "--nfacct-name",
            "--path",
            "--u32",
            "--bytecode",
            "--label",
            "--timer",
            "--genre");

    /** Modules for protocols and headers that a packet of ours, put together from its fragments, does not have. */
    private static final Set<String> OF_OTHERS = Set.of(
            "ah", "dccp", "dst", "esp", "frag", "hbh", "icmp", "icmp6", "ipcomp", "mh", "rt", "sctp", "srh", "udplite");
    /** "[unsupported revision]": what this iptables cannot print. */
    static final String UNSUPPORTED = "[unsupported";

    private static final String MULTICAST = "multicast";

    private final List<String> words;
    private final IpSets sets;
    private final List<Part> parts = new ArrayList<>();
    private final String chain;
    private final Rule rule;
    private final IptablesTarget target;
    private int next;
    private boolean negated;
    private String module = "";
    private boolean tracking;

    /**
     * Reads it.
     *
     * @param chains names of all chains of the table, to tell a jump from a target
     */
    IptablesRule(final String line, final Collection<String> chains, final IpSets sets) {
        this.sets = sets;
        words = words(line);
        target = new IptablesTarget(chains);
        chain = words.size() > 1 ? words.get(1) : "";
        next = 2;
        while (next < words.size()) {
            read(words.get(next++));
        }
        parts.addAll(target.changes());
        rule = new Rule(line.strip(), List.copyOf(parts), target.effect(), tracking);
    }

    String chain() {
        return chain;
    }

    Rule rule() {
        return rule;
    }

    private void read(final String option) {
        switch (option) {
            case "!" -> negated = true;
            case "-j", "-g" -> {
                final String name = argument();
                tracking |= TRACKING.contains(name);
                next = target.read(option, name, words, next);
            }
            case "-m" -> {
                module = argument();
                tracking |= TRACKING.contains(module);
                if (OF_OTHERS.contains(module)) {
                    add(Matches.NEVER);
                } else if (!KNOWN.contains(module)) {
                    add(Matches.UNKNOWN);
                } else if (module.equals("rpfilter")) {
                    negated = words.subList(next, words.size()).contains("--invert");
                    add(Matches.routeBack());
                }
            }
            case "-4", "-6" -> negated = false;
            default -> {
                if (option.startsWith("-")) {
                    add(condition(option));
                } else if (option.equals(UNSUPPORTED)) {
                    add(Matches.UNKNOWN);
                }
            }
        }
    }

    private Match condition(final String option) {
        return switch (option) {
            case "-s" -> addresses(argument(), true);
            case "-d" -> addresses(argument(), false);
            case "-p" -> protocol(argument());
            case "-i", "-o" -> Matches.networkInterface(option.equals("-i"), argument(), "+");
            // Conntrack has put fragments together.
            case "-f" -> Matches.NEVER;
            case "--sport", "--sports" -> ports(argument(), true, false);
            case "--dport", "--dports" -> ports(argument(), false, true);
            case "--ports" -> ports(argument(), true, true);
            case "--src-range" -> addresses(argument(), true);
            case "--dst-range" -> addresses(argument(), false);
            case "--src-type" -> types(argument(), true);
            case "--dst-type" -> types(argument(), false);
            case "--pkt-type" -> packetType(argument());
            case "--tcp-flags" -> flags(argument(), argument());
            case "--ctstate", "--state" -> states(argument());
            case "--ctstatus" -> bits(Words.STATUS_OF_CONNECTION, argument());
            case "--mark" -> mark(argument());
            case "--match-set" -> sets.match(argument(), argument());
            default -> other(option);
        };
    }

    private Match other(final String option) {
        if (WITH_TEXT.contains(option)) {
            argument();
            return module.equals("comment") || module.equals("nfacct") ? Matches.ALWAYS : Matches.UNKNOWN;
        }
        if (module.equals("rpfilter")) {
            // Read with the name of the module.
            return Matches.ALWAYS;
        }
        return Matches.UNKNOWN;
    }

    private void add(final Match match) {
        if (module.equals("connmark")) {
            parts.add(Matches.CONNECTION);
        }
        parts.add(negated ? Matches.not(match) : match);
        negated = false;
    }

    private String argument() {
        return next < words.size() ? words.get(next++) : "";
    }

    static Match addresses(final String text, final boolean source) {
        final AddressPattern pattern = AddressPattern.parse(text);
        return pattern == null ? Matches.UNKNOWN : source ? Matches.source(pattern) : Matches.destination(pattern);
    }

    private static Match protocol(final String name) {
        return switch (name) {
            case "tcp", "6" -> Matches.tcp(true);
            case "udp", "17" -> Matches.tcp(false);
            case "all", "0", "ip" -> Matches.ALWAYS;
            default -> Matches.NEVER;
        };
    }

    private static Match ports(final String text, final boolean source, final boolean destination) {
        final List<Match> any = new ArrayList<>();
        for (final String one : text.split(",", -1)) {
            final Range range = Range.parse(one, ":");
            if (range == null) {
                any.add(Matches.UNKNOWN);
            } else {
                if (source) {
                    any.add(Matches.sourcePort(range));
                }
                if (destination) {
                    any.add(Matches.destinationPort(range));
                }
            }
        }
        return Matches.any(any);
    }

    private static Match types(final String text, final boolean source) {
        final List<Match> any = new ArrayList<>();
        for (final String type : text.split(",", -1)) {
            any.add(Matches.addressType(source, type.toLowerCase(Locale.ROOT)));
        }
        return Matches.any(any);
    }

    private static Match packetType(final String type) {
        return switch (type) {
            case "broadcast", MULTICAST -> Matches.NEVER;
            default -> Matches.UNKNOWN;
        };
    }

    private static Match flags(final String lookedAt, final String wanted) {
        final Long mask = numbers(Words.TCP_FLAGS, lookedAt);
        final Long value = numbers(Words.TCP_FLAGS, wanted);
        if (mask == null || value == null) {
            return Matches.UNKNOWN;
        }
        final Match equal =
                sight -> Words.TCP_FLAGS.of(sight).and(Bits.of(mask)).equal(Bits.of(value));
        return Matches.all(List.of(Matches.tcp(true), equal));
    }

    /** SNAT and DNAT are states here. */
    private static Match states(final String text) {
        final List<Match> any = new ArrayList<>();
        for (final String state : text.split(",", -1)) {
            any.add(
                    state.equals("DNAT") || state.equals("SNAT")
                            ? bits(Words.STATUS_OF_CONNECTION, state)
                            : bits(Words.STATE, state));
        }
        return Matches.any(any);
    }

    private static Match bits(final Word word, final String names) {
        final Long bits = numbers(word, names);
        return bits == null ? Matches.UNKNOWN : Matches.anyBit(word, sight -> Bits.of(bits));
    }

    private static @Nullable Long numbers(final Word word, final String names) {
        long bits = 0;
        for (final String name : names.split(",", -1)) {
            final Long bit = name.equals("ALL")
                    ? Long.valueOf(63)
                    : name.equals("NONE") ? Long.valueOf(0) : Words.bit(word, name);
            if (bit == null) {
                return null;
            }
            bits |= bit;
        }
        return bits;
    }

    private Match mark(final String text) {
        final MaskedNumber number = MaskedNumber.parse(text);
        if (number == null) {
            return Matches.UNKNOWN;
        }
        final Bits value = Bits.of(number.value());
        return switch (module) {
            case "mark" -> Matches.mark(value, number.mask());
            case "connmark" -> Matches.connectionMark(value, number.mask());
            default -> Matches.UNKNOWN;
        };
    }

    /** Words with blanks are quoted, and a quote within them has a backslash. */
    private static List<String> words(final String line) {
        final List<String> words = new ArrayList<>();
        final StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (int i = 0; i < line.length(); i++) {
            final char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
                any = true;
            } else if (c == '\\' && quoted && i + 1 < line.length()) {
                word.append(line.charAt(++i));
            } else if (c == ' ' && !quoted) {
                if (any) {
                    words.add(word.toString());
                    word.setLength(0);
                    any = false;
                }
            } else {
                word.append(c);
                any = true;
            }
        }
        if (any) {
            words.add(word.toString());
        }
        return words;
    }
}
