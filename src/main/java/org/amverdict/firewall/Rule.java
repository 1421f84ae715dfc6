package org.amverdict.firewall;

import java.util.List;

/**
 * One rule of one chain. Immutable.
 *
 * @param text as the tool shows it
 * @param parts conditions that a packet must all match and changes that it undergoes, in order
 * @param effect what it does with such a packet
 * @param tracking whether it needs conntrack
 */
public record Rule(String text, List<Part> parts, Effect effect, boolean tracking) {
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
        /** Hands the connection to a flow table: its later packets are not seen by the hook forward. */
        FLOW_TABLE,
        /** Gives the connection another destination, and accepts. */
        TRANSLATE,
        /** Perhaps takes the packet away: a proxy, another interface. It is never queued by that. */
        DIVERT,
        /** Could not be read: the packet is perhaps accepted, dropped or queued. */
        UNKNOWN,
        /** The next rule follows. */
        CONTINUE;

        /** Ends the path through the base chain. */
        boolean isFinal() {
            return this == ACCEPT || this == DROP || this == QUEUE || this == TRANSLATE;
        }
    }

    /** A condition or a change. */
    interface Part {
        /**
         * Looks at the packet, or changes it.
         *
         * @param before whether the parts before it match; a change that is reached only perhaps happens only perhaps
         */
        Certainty of(Sight sight, Certainty before);
    }

    /** One condition. */
    @FunctionalInterface
    interface Match extends Part {
        Certainty of(Sight sight);

        @Override
        default Certainty of(final Sight sight, final Certainty before) {
            return of(sight);
        }
    }

    /** One change of the packet. */
    @FunctionalInterface
    interface Change extends Part {
        void in(Sight sight);

        @Override
        default Certainty of(final Sight sight, final Certainty before) {
            if (before == Certainty.YES) {
                in(sight);
            } else {
                sight.perhaps(this::in);
            }
            return Certainty.YES;
        }
    }

    /** Does it match? Changes of the packet happen on the way. */
    Certainty matches(final Sight sight) {
        Certainty answer = Certainty.YES;
        for (final Part part : parts) {
            answer = answer.and(part.of(sight, answer));
            if (answer == Certainty.NO) {
                break;
            }
        }
        return answer;
    }

    public Action action() {
        return effect.action();
    }
}
