package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amverdict.firewall.Rule.Action;
import org.amverdict.firewall.Rule.Effect;
import org.jspecify.annotations.Nullable;

/**
 * The path of one packet through the rules. Where a rule matches only perhaps, both paths are walked, and the answers
 * say YES or NO only if all paths agree. The walk continues past a rule that surely ends the path, so that it also finds
 * a queue that the packet would have met. Accept and a verdict of a queue end one base chain, drop ends the whole path.
 *
 * <p>The answers are about the rules. {@link #reachesQueue()} is NO, for example, if no path leads to a queue of ours.
 */
public final class RuleTrace {
    /** A rule set with deeper jumps is not followed; nft allows 16, legacy iptables as many as there are chains. */
    private static final int DEPTH_MAX = 200;
    /** A rule set that takes more steps than this is not followed. */
    private static final int STEPS_MAX = 1_000_000;
    /** More findings than this are not kept. */
    private static final int FOUND_MAX = 10_000;

    private static final Rule POLICY_DROP = new Rule("policy DROP", List.of(), Effect.of(Action.DROP), false);
    private static final Rule TOO_LONG =
            new Rule("more rules than can be followed", List.of(), Effect.of(Action.UNKNOWN), false);

    private final ProbePacket packet;
    private final OwnQueues own;
    private final List<Step> steps = new ArrayList<>();
    /** Chains that the walk is in, by jumps. The kernel refuses a circle. */
    private final Set<String> within = new HashSet<>();
    /** Where the packet may be after the current base chain. */
    private Crowd left;
    /** Where the packet may be when a rule has dropped it. */
    private final Crowd lost;
    /** How often a path may have ended in the current base chain, or by a drop. */
    private int ends;

    private int walked;
    private Crowd arrived;
    private @Nullable Step ended;
    private @Nullable Step via;
    private @Nullable RuleTrace otherwise;

    /**
     * A rule that the packet met.
     *
     * @param chain where
     * @param rule which
     * @param taken whether the packet arrives there and the rule matches; NO if something ended the path before
     * @param queued whether a queue of ours has accepted the packet before
     * @param endedBy what had surely ended the path before, null if nothing
     * @param via the last jump that leads here only perhaps, null if there is none
     */
    public record Step(
            BaseChain chain,
            Rule rule,
            Certainty taken,
            Certainty queued,
            @Nullable Step endedBy,
            @Nullable Step via) {
        public boolean reached() {
            return taken != Certainty.NO;
        }

        boolean is(final Action action) {
            return rule.action() == action;
        }

        /** For the reader. */
        public String text() {
            return "'" + rule.text() + "' (" + chain.place() + ")";
        }

        @Override
        public String toString() {
            return text() + " " + taken;
        }
    }

    private RuleTrace(final Sight sight, final OwnQueues own) {
        packet = sight.packet;
        this.own = own;
        arrived = Crowd.of(sight);
        left = arrived.none();
        lost = arrived.none();
    }

    static RuleTrace of(final Sight sight, final List<BaseChain> way, final OwnQueues own) {
        final RuleTrace trace = new RuleTrace(sight, own);
        way.forEach(trace::pass);
        return trace;
    }

    /** The walk in another order of chains that have the same priority: what both say is sure. */
    void otherwise(final RuleTrace other) {
        otherwise = other;
    }

    private void pass(final BaseChain chain) {
        final Crowd here = arrived;
        here.sight.at(chain.point().hook(), chain.point().priority());
        final Certainty sees = chain.sees(here.sight);
        if (sees == Certainty.NO) {
            return;
        }
        if (!here.nobody()) {
            ended = null;
        }
        left = here.none();
        if (sees == Certainty.PERHAPS) {
            left.add(here);
        }
        ends = lost.nobody() && sees == Certainty.YES ? 0 : 1;
        final Crowd rest = walk(chain, chain.place().name(), here, ends == 0);
        if (chain.policyDrop()) {
            end(step(chain, POLICY_DROP, rest, Certainty.of(ends == 0).or(Certainty.PERHAPS)), rest);
        } else {
            left.add(rest);
        }
        arrived = left;
    }

    /** Where the packet is, of those that fall through the chain. */
    private Crowd walk(final BaseChain base, final String name, final Crowd entered, final boolean surely) {
        Crowd here = entered;
        final Crowd back = here.none();
        boolean sure = surely;
        if (within.size() > DEPTH_MAX) {
            perhapsEnd(step(base, TOO_LONG, here, Certainty.PERHAPS), here);
            return here;
        }
        if (!within.add(name)) {
            return here;
        }
        for (final Rule rule : base.rules(name)) {
            if (++walked > STEPS_MAX) {
                perhapsEnd(step(base, TOO_LONG, here, Certainty.PERHAPS), here);
                break;
            }
            final Certainty answer = rule.matches(here.sight);
            if (answer == Certainty.NO) {
                continue;
            }
            final int endsBefore = ends;
            final boolean always = answer == Certainty.YES;
            final Certainty taken = Certainty.of(sure && always).or(Certainty.PERHAPS);
            switch (rule.action()) {
                case ACCEPT, DROP, QUEUE, TRANSLATE -> {
                    final Step step = step(base, rule, here, taken);
                    end(step, here.copy());
                    if (always) {
                        leave(here, step);
                    }
                }
                case DIVERT, UNKNOWN -> perhapsEnd(step(base, rule, here, Certainty.PERHAPS), here);
                case HELPER, FLOW_TABLE -> step(base, rule, here, taken);
                case JUMP -> {
                    final Crowd out = jump(base, rule, here, taken);
                    if (always) {
                        here = out;
                    } else {
                        here.add(out);
                    }
                }
                case GOTO -> {
                    back.add(jump(base, rule, here, taken));
                    sure = false;
                }
                case RETURN -> {
                    if (!always) {
                        step(base, rule, here, taken);
                    }
                    back.add(here);
                    sure = false;
                }
                case CONTINUE -> {
                    // the next rule
                }
            }
            if (always && (rule.action() == Action.GOTO || rule.action() == Action.RETURN)) {
                here.leave();
                break;
            }
            sure &= ends == endsBefore;
        }
        within.remove(name);
        back.add(here);
        return back;
    }

    private Crowd jump(final BaseChain base, final Rule rule, final Crowd here, final Certainty taken) {
        final Step before = via;
        if (taken == Certainty.PERHAPS && !here.nobody()) {
            via = step(base, rule, here, taken);
        }
        final Crowd out = walk(base, rule.effect().target(), here.copy(), taken == Certainty.YES);
        via = before;
        return out;
    }

    private Step step(final BaseChain base, final Rule rule, final Crowd here, final Certainty taken) {
        final boolean ghost = here.nobody();
        final Step step = new Step(
                base, rule, ghost ? Certainty.NO : taken, here.queued(), ghost ? ended : null, ghost ? null : via);
        if (steps.size() < FOUND_MAX) {
            steps.add(step);
        }
        return step;
    }

    /** The packet leaves the base chain, or is lost. */
    private void end(final Step step, final Crowd here) {
        if (here.nobody()) {
            return;
        }
        ends++;
        switch (step.rule().action()) {
            case DROP -> lost.add(here);
            case QUEUE -> {
                final boolean ours = own.any(step.rule().effect().queues());
                here.sight.mark(here.sight.mark().without(ours ? own.marks() : Bits.ALL));
                left.add(ours ? here.judgedNow() : here);
            }
            case TRANSLATE -> {
                here.sight.translate();
                left.add(here);
            }
            default -> left.add(here);
        }
        if (step.is(Action.DROP) && step.rule().equals(POLICY_DROP)) {
            leave(here, step);
        }
    }

    /** Nobody goes on from here, except to look for queues. */
    private void leave(final Crowd here, final Step step) {
        if (!here.nobody()) {
            ended = step;
            here.leave();
        }
    }

    private void perhapsEnd(final Step step, final Crowd here) {
        if (here.nobody()) {
            return;
        }
        ends++;
        left.add(here);
        lost.add(here);
        if (step.is(Action.UNKNOWN)) {
            left.add(here.copy().judgedNow());
        } else {
            here.sight.perhaps(Sight::translate);
        }
    }

    /** What was met, in the order of the path. */
    List<Step> steps() {
        return steps;
    }

    public ProbePacket packet() {
        return packet;
    }

    /** Whether a queue of ours gets the packet. */
    public Certainty reachesQueue() {
        final Certainty here =
                Certainty.of(arrived.judged() || lost.judged()).butPerhapsNot(arrived.fresh() || lost.fresh());
        return otherwise == null || here == otherwise.reachesQueue() ? here : Certainty.PERHAPS;
    }

    /** Whether the packet is dropped by rules, before a queue or after one that accepted it. */
    public Certainty isDropped() {
        final Certainty here = Certainty.of(!lost.nobody()).butPerhapsNot(!arrived.nobody());
        return otherwise == null || here == otherwise.isDropped() ? here : Certainty.PERHAPS;
    }

    /** Every queue of ours on the path, reached or not. */
    public List<Step> queues() {
        return steps.stream()
                .filter(step ->
                        step.is(Action.QUEUE) && own.any(step.rule().effect().queues()))
                .toList();
    }

    /** Queues of other programs that the packet reaches, at least perhaps. */
    public List<Step> foreignQueues() {
        return steps.stream()
                .filter(step -> step.is(Action.QUEUE)
                        && step.reached()
                        && !own.any(step.rule().effect().queues()))
                .toList();
    }

    /** The first queue of ours that the packet reaches, at least perhaps. */
    public Optional<Step> queued() {
        return queues().stream().filter(Step::reached).findFirst();
    }

    /** What surely keeps the packet from a queue that it would otherwise reach. */
    public Optional<Step> shadow() {
        return queued().isPresent()
                ? Optional.empty()
                : queues().stream().findFirst().map(Step::endedBy);
    }

    /**
     * Why it is not sure that a queue gets the packet: the rules that perhaps take it away before, or that could not be
     * read, or that lead to the queue only perhaps. Empty if it is sure.
     */
    public List<Step> doubts() {
        if (reachesQueue() != Certainty.PERHAPS) {
            return List.of();
        }
        final List<Step> doubts = new ArrayList<>();
        final Set<BaseChain.Place> queueing = new HashSet<>();
        queues().stream()
                .filter(Step::reached)
                .forEach(step -> queueing.add(step.chain().place()));
        for (final Step step : steps) {
            final boolean here = queueing.contains(step.chain().place());
            final boolean doubtful = step.reached()
                    && step.queued() != Certainty.YES
                    && switch (step.rule().action()) {
                        case DROP, DIVERT, UNKNOWN, TRANSLATE -> true;
                        case ACCEPT, RETURN -> here;
                        case QUEUE ->
                            here
                                    && (step.taken() == Certainty.PERHAPS
                                            || foreignQueues().contains(step));
                        default -> false;
                    };
            if (doubtful) {
                doubts.add(step);
                for (Step jump = step.via(); jump != null && step.is(Action.QUEUE); jump = jump.via()) {
                    doubts.add(jump);
                }
            }
        }
        if (doubts.isEmpty() && otherwise != null) {
            // Which of two chains of one priority comes first is not known.
            doubts.addAll(droppers());
            doubts.addAll(otherwise.droppers());
        }
        return doubts.stream().distinct().toList();
    }

    /** Rules before the first queue, in its base chain, that may accept the packet. */
    public List<Step> perhapsAccepted() {
        final Optional<Step> queue = queued();
        if (queue.isEmpty()) {
            return List.of();
        }
        return steps.subList(0, steps.indexOf(queue.get())).stream()
                .filter(step -> step.is(Action.ACCEPT)
                        && step.chain().place().equals(queue.get().chain().place()))
                .toList();
    }

    /** Rules that surely accept the packet in their base chain. */
    public List<Step> accepters() {
        return steps.stream()
                .filter(step -> step.taken() == Certainty.YES && step.is(Action.ACCEPT))
                .toList();
    }

    /** Rules that surely or perhaps drop the packet, or that could not be read; in the order of the path. */
    public List<Step> droppers() {
        return steps.stream()
                .filter(step ->
                        step.reached() && (step.is(Action.DROP) || step.is(Action.DIVERT) || step.is(Action.UNKNOWN)))
                .toList();
    }

    /** Conntrack helpers that are attached on the path, at least perhaps. */
    public List<Step> helpers() {
        return steps.stream().filter(step -> step.is(Action.HELPER)).toList();
    }

    /** Flow tables that the connection is handed to, at least perhaps: its later packets are not queued in FORWARD. */
    public List<Step> flowTables() {
        return steps.stream()
                .filter(step -> step.reached() && step.is(Action.FLOW_TABLE))
                .toList();
    }
}
