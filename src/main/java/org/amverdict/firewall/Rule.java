package org.amverdict.firewall;

import java.util.List;

/**
 * One rule of one chain. Immutable.
 *
 * @param text as the tool shows it
 * @param matches conditions that a packet must all match
 * @param effect what it does with such a packet
 * @param tracking whether it needs conntrack
 */
public record Rule(String text, List<Match> matches, Effect effect, boolean tracking) {
    /**
     * What a rule does, with its operands.
     *
     * @param action what it does
     * @param target chain for JUMP and GOTO, name of the helper for HELPER, else empty
     * @param queues of QUEUE
     * @param bypass of QUEUE: packets pass while no program listens
     */
    public record Effect(Action action, String target, Range queues, boolean bypass) {
        static Effect of(final Action action) {
            return new Effect(action, "", Range.ZERO, false);
        }
    }

    /** What a rule does with a packet that it matches. */
    public enum Action {
        ACCEPT,
        DROP,
        QUEUE,
        JUMP,
        GOTO,
        RETURN,
        /** Attaches a conntrack helper. */
        HELPER,
        /** The next rule follows. */
        CONTINUE;

        /** Ends the path through the base chain. */
        boolean isFinal() {
            return this == ACCEPT || this == DROP || this == QUEUE;
        }
    }

    /** One condition. */
    @FunctionalInterface
    interface Match {
        MatchResult of(ProbePacket packet);
    }

    /** Does it match? */
    MatchResult matches(final ProbePacket packet) {
        MatchResult answer = MatchResult.YES;
        for (final Match match : matches) {
            answer = answer.and(match.of(packet));
            if (answer == MatchResult.NO) {
                break;
            }
        }
        return answer;
    }

    public Action action() {
        return effect.action();
    }
}
