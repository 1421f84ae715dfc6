package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Change;
import org.amverdict.firewall.Rule.Effect;
import org.jspecify.annotations.Nullable;

/** Reads the target of a rule of iptables with its options (iptables-extensions(8)). Used once per rule. */
final class IptablesTarget {
    /** Targets after which the next rule follows. */
    private static final Set<String> HARMLESS = Set.of(
            "AUDIT",
            "CHECKSUM",
            "CLASSIFY",
            "CONNMARK",
            "CONNSECMARK",
            "CT",
            "DSCP",
            "ECN",
            "HL",
            "HMARK",
            "IDLETIMER",
            "LED",
            "LOG",
            "MARK",
            "NFLOG",
            "NOTRACK",
            "RATEEST",
            "SECMARK",
            "SET",
            "TCPMSS",
            "TCPOPTSTRIP",
            "TEE",
            "TOS",
            "TRACE",
            "TTL",
            "ULOG");

    private final Collection<String> chains;
    private final List<Change> changes = new ArrayList<>();
    private Action action = Action.CONTINUE;
    private String name = "";
    private Range queues = Range.ZERO;
    private boolean bypass;
    private String operand = "";

    IptablesTarget(final Collection<String> chains) {
        this.chains = chains;
    }

    /** Whether the next rule follows. */
    static boolean isHarmless(final String target) {
        return HARMLESS.contains(target);
    }

    Effect effect() {
        return new Effect(action, operand, queues, bypass);
    }

    /** What it does to the packet and to its connection. */
    List<Change> changes() {
        return changes;
    }

    /**
     * Reads all words behind the name.
     *
     * @param option -j or -g
     * @param target name of a chain or of a target
     * @return where the next word of the rule is: behind the last one
     */
    int read(final String option, final String target, final List<String> words, final int first) {
        name = target;
        action = action(option);
        if (action == Action.JUMP || action == Action.GOTO) {
            operand = name;
        }
        for (int i = first; i < words.size(); i++) {
            final String word = words.get(i);
            if (word.equals(IptablesRule.UNSUPPORTED)) {
                action = Action.UNKNOWN;
            }
            option(word, i + 1 < words.size() ? words.get(i + 1) : "");
        }
        mark(words.subList(first, words.size()));
        return words.size();
    }

    private Action action(final String option) {
        if (chains.contains(name)) {
            return option.equals("-g") ? Action.GOTO : Action.JUMP;
        }
        return switch (name) {
            case "ACCEPT", "SNAT", "MASQUERADE" -> Action.ACCEPT;
            case "DROP", "REJECT" -> Action.DROP;
            case "NFQUEUE", "QUEUE" -> Action.QUEUE;
            case "RETURN" -> Action.RETURN;
            case "DNAT", "REDIRECT", "NETMAP" -> Action.TRANSLATE;
            case "FLOWOFFLOAD" -> Action.FLOW_TABLE;
            // SYNPROXY, TPROXY and those of add-ons.
            default -> isHarmless(name) ? Action.CONTINUE : Action.DIVERT;
        };
    }

    private void option(final String word, final String argument) {
        switch (word) {
            case "--queue-num", "--queue-balance" -> {
                final Range read = Range.parse(argument, ":");
                if (read == null) {
                    action = Action.UNKNOWN;
                } else {
                    queues = read;
                }
            }
            case "--queue-bypass" -> bypass = true;
            case "--helper" -> {
                if (name.equals("CT")) {
                    action = Action.HELPER;
                    operand = argument;
                }
            }
            default -> {
                // Does not change what becomes of the packet.
            }
        }
    }

    private void mark(final List<String> options) {
        switch (name) {
            case "NOTRACK" -> changes.add(Sight::untrack);
            case "CT" -> {
                if (options.contains("--notrack")) {
                    changes.add(Sight::untrack);
                }
            }
            case "MARK" -> {
                final MaskedNumber set = after(options, "--set-xmark");
                changes.add(
                        set == null
                                ? sight -> sight.mark(Bits.UNKNOWN)
                                : sight -> sight.mark(replaced(sight.mark(), set.mask(), Bits.of(set.value()))));
            }
            case "HMARK" -> changes.add(sight -> sight.mark(Bits.UNKNOWN));
            case "CONNMARK" -> changes.add(ofConnection(connectionMark(options)));
            default -> {
                // no mark
            }
        }
    }

    /** Without a connection it does nothing. */
    static Change ofConnection(final Change change) {
        return sight -> {
            switch (sight.hasConnection()) {
                case YES -> change.in(sight);
                case PERHAPS -> sight.perhaps(change::in);
                case NO -> {
                    // nothing
                }
            }
        };
    }

    private static Change connectionMark(final List<String> options) {
        final MaskedNumber set = after(options, "--set-xmark");
        if (set != null) {
            return sight -> sight.connectionMark(replaced(sight.connectionMark(), set.mask(), Bits.of(set.value())));
        }
        final MaskedNumber packet = after(options, "--nfmask");
        final MaskedNumber connection = after(options, "--ctmask");
        if (packet != null && connection != null && !options.toString().contains("shift")) {
            final Bits ofPacket = Bits.of(packet.value());
            final Bits ofConnection = Bits.of(connection.value());
            if (options.contains("--save-mark")) {
                return sight -> sight.connectionMark(replaced(
                        sight.connectionMark(),
                        ofConnection.value(),
                        sight.mark().and(ofPacket)));
            }
            if (options.contains("--restore-mark")) {
                return sight -> sight.mark(replaced(
                        sight.mark(), ofPacket.value(), sight.connectionMark().and(ofConnection)));
            }
        }
        // Other forms, such as those with a shift.
        return sight -> {
            sight.connectionMark(Bits.UNKNOWN);
            sight.mark(Bits.UNKNOWN);
        };
    }

    /** As the kernel computes it: these bits are cleared, then the value is combined by exclusive or. */
    private static Bits replaced(final Bits mark, final long mask, final Bits value) {
        return mark.and(Bits.of(~mask)).xor(value);
    }

    private static @Nullable MaskedNumber after(final List<String> options, final String option) {
        final int at = options.indexOf(option);
        return at >= 0 && at + 1 < options.size() ? MaskedNumber.parse(options.get(at + 1)) : null;
    }
}
