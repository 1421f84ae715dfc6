package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Effect;
import org.jspecify.annotations.Nullable;

/**
 * The path of one packet through the rules. The walk continues past a rule that ends the path, so that it also finds a
 * queue that the packet would have met. Accept and a verdict of the queue end one base chain, drop ends the whole path.
 */
public final class RuleTrace {
    /** The kernel allows 16 nested jumps. */
    private static final int DEPTH_MAX = 16;
    /** A rule set that takes more steps than this is abandoned. */
    private static final int STEPS_MAX = 1_000_000;

    private final ProbePacket packet;
    private final List<Step> steps = new ArrayList<>();
    private @Nullable Step taken;
    private @Nullable Step dropped;
    /** A rule of the current base chain may have let the packet leave it. */
    private boolean perhapsOut;

    private int walked;

    /**
     * A rule that the packet met.
     *
     * @param chain where
     * @param rule which
     * @param certain whether it certainly matches
     * @param endedBy what had certainly ended the path before, null if nothing
     */
    public record Step(
            BaseChain chain,
            Rule rule,
            boolean certain,
            @Nullable Step endedBy) {
        public boolean reached() {
            return endedBy == null;
        }

        /** For the reader. */
        public String text() {
            return "'" + rule.text() + "' (" + chain.place() + ")";
        }
    }

    private RuleTrace(final ProbePacket packet) {
        this.packet = packet;
    }

    public static RuleTrace of(final ProbePacket packet, final List<BaseChain> way) {
        final RuleTrace trace = new RuleTrace(packet);
        for (final BaseChain chain : way) {
            trace.taken = trace.dropped;
            trace.perhapsOut = false;
            trace.walk(chain, chain.rules(), true, 0);
            if (chain.policyDrop()) {
                trace.end(chain, POLICY_DROP, true);
            }
        }
        return trace;
    }

    private static final Rule POLICY_DROP = new Rule("policy DROP", List.of(), Effect.of(Action.DROP), false);

    private void walk(final BaseChain base, final List<Rule> rules, final boolean sure, final int depth) {
        boolean certain = sure;
        for (final Rule rule : rules) {
            if (++walked > STEPS_MAX || depth > DEPTH_MAX) {
                return;
            }
            final MatchResult answer = rule.matches(packet);
            if (answer == MatchResult.NO) {
                continue;
            }
            final boolean surely = certain && answer == MatchResult.YES;
            switch (rule.action()) {
                case ACCEPT, DROP, QUEUE, HELPER -> end(base, rule, surely);
                case JUMP -> walk(base, base.rules(rule.effect().target()), surely, depth + 1);
                case GOTO -> {
                    walk(base, base.rules(rule.effect().target()), surely, depth + 1);
                    if (answer == MatchResult.YES) {
                        return;
                    }
                    certain = false;
                }
                case RETURN -> {
                    if (answer == MatchResult.YES) {
                        return;
                    }
                    certain = false;
                }
                default -> {
                    // the next rule
                }
            }
        }
    }

    private void end(final BaseChain base, final Rule rule, final boolean surely) {
        final Step step = new Step(base, rule, surely, taken);
        steps.add(step);
        if (taken != null || !rule.action().isFinal()) {
            return;
        }
        if (!surely) {
            perhapsOut |= rule.action() != Action.DROP;
            return;
        }
        taken = step;
        if (rule.action() == Action.DROP && !perhapsOut) {
            dropped = step;
        }
    }

    public ProbePacket packet() {
        return packet;
    }

    /** Every queue on the path, reached or not. */
    public List<Step> queues() {
        return steps.stream()
                .filter(step -> step.rule().action() == Action.QUEUE)
                .toList();
    }

    /** The first queue that the packet reaches. */
    public Optional<Step> queued() {
        return queues().stream().filter(Step::reached).findFirst();
    }

    /** What keeps the packet from a queue that it would otherwise reach. */
    public Optional<Step> shadow() {
        return queued().isPresent()
                ? Optional.empty()
                : queues().stream().findFirst().map(Step::endedBy);
    }

    /** Rules before the first queue, in its base chain, that may accept the packet. */
    public List<Step> perhapsAccepted() {
        final Optional<Step> queue = queued();
        if (queue.isEmpty()) {
            return List.of();
        }
        return steps.subList(0, steps.indexOf(queue.get())).stream()
                .filter(step -> step.rule().action() == Action.ACCEPT
                        && step.chain().place().equals(queue.get().chain().place()))
                .toList();
    }

    /** What certainly drops the packet, before a queue or after one that accepted it. */
    public Optional<Step> dropped() {
        return Optional.ofNullable(dropped);
    }

    /** Conntrack helpers that are attached on the path. */
    public List<Step> helpers() {
        return steps.stream()
                .filter(step -> step.rule().action() == Action.HELPER)
                .toList();
    }
}
