package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Effect;
import org.amverdict.firewall.Rule.Match;
import org.amverdict.policy.HostPrefix;

/** Reads one line {@code -A CHAIN …} of iptables-save. An unknown condition makes the match a maybe. */
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
    private static final Set<String> KNOWN =
            Set.of("tcp", "udp", "multiport", "conntrack", "state", "comment", "connmark", "mark");

    private final Collection<String> chains;
    private final List<String> words;
    private final List<Match> matches = new ArrayList<>();
    private final String chain;
    private final Rule rule;
    private int next;
    private boolean negated;
    private String module = "";
    private boolean tracking;
    private Action action = Action.CONTINUE;
    private String target = "";
    private Range queues = Range.ZERO;
    private boolean bypass;

    /** @param chains names of all chains of the table, to tell a jump from a target */
    IptablesRule(final String line, final Collection<String> chains) {
        this.chains = chains;
        words = words(line);
        chain = words.size() > 1 ? words.get(1) : "";
        next = 2;
        while (next < words.size()) {
            read(words.get(next++));
        }
        rule = new Rule(line.strip(), List.copyOf(matches), new Effect(action, target, queues, bypass), tracking);
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
            case "-s" -> {
                final List<HostPrefix> hosts = hosts(argument());
                add(Matches.orUnknown(Matches.source(hosts), hosts.isEmpty()));
            }
            case "-d" -> {
                final List<HostPrefix> hosts = hosts(argument());
                add(Matches.orUnknown(Matches.destination(hosts), hosts.isEmpty()));
            }
            case "-p" -> add(Matches.protocol(List.of(argument())));
            case "-i", "-o" -> add(Matches.networkInterface(argument()));
            case "-f" -> add(Matches.NEVER);
            case "-4", "-6" -> negated = false;
            case "-m" -> {
                module = argument();
                tracking |= TRACKING.contains(module);
                if (!KNOWN.contains(module)) {
                    add(Matches.UNKNOWN);
                }
            }
            case "--comment" -> argument();
            case "--sport", "--sports" -> add(Matches.sourcePort(ports(argument())));
            case "--dport", "--dports" -> add(Matches.destinationPort(ports(argument())));
            case "--ports" -> add(Matches.eitherPort(ports(argument())));
            case "--tcp-flags" -> add(Matches.tcpFlags(list(argument()), list(argument())));
            case "--ctstate", "--state" -> add(Matches.state(list(argument())));
            case "--mark" -> add(mark(argument()));
            case "-j" -> target(argument());
            case "-g" -> {
                action = Action.GOTO;
                target = argument();
            }
            case "--queue-num", "--queue-balance" -> queues = Range.parse(argument(), ":");
            case "--queue-bypass" -> bypass = true;
            case "--helper" -> helper(argument());
            default -> {
                // Conditions come before the target; what follows it belongs to the target.
                if (option.startsWith("-") && action == Action.CONTINUE && target.isEmpty()) {
                    add(Matches.UNKNOWN);
                }
            }
        }
    }

    private void add(final Match match) {
        matches.add(negated ? Matches.not(match) : match);
        negated = false;
    }

    private String argument() {
        return next < words.size() ? words.get(next++) : "";
    }

    private void target(final String name) {
        tracking |= TRACKING.contains(name);
        target = name;
        if (chains.contains(name)) {
            action = Action.JUMP;
            return;
        }
        action = switch (name) {
            case "ACCEPT" -> Action.ACCEPT;
            case "DROP", "REJECT" -> Action.DROP;
            case "NFQUEUE", "QUEUE" -> Action.QUEUE;
            case "RETURN" -> Action.RETURN;
            default -> Action.CONTINUE;
        };
    }

    private void helper(final String name) {
        if (target.equals("CT")) {
            action = Action.HELPER;
            target = name;
        } else {
            add(Matches.UNKNOWN);
        }
    }

    private Match mark(final String text) {
        if (!module.equals("connmark")) {
            return Matches.UNKNOWN;
        }
        final String[] parts = text.split("/", -1);
        return Matches.connectionMark(Long.decode(parts[0]), parts.length > 1 ? Long.decode(parts[1]) : 0xffff_ffffL);
    }

    private static List<HostPrefix> hosts(final String text) {
        final int slash = text.indexOf('/');
        // A mask whose bits are not contiguous is printed in full.
        if (slash >= 0 && text.substring(slash + 1).contains(".")) {
            return List.of();
        }
        return List.of(HostPrefix.parse(text));
    }

    private static List<Range> ports(final String text) {
        return list(text).stream().map(one -> Range.parse(one, ":")).toList();
    }

    private static List<String> list(final String text) {
        return Arrays.asList(text.split(",", -1));
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
