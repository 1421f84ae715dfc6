package org.amverdict.engine;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.amverdict.track.Ending;
import org.amverdict.track.Endings;
import org.amverdict.track.Fragment;
import org.amverdict.track.FragmentTable;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * Judges packets. {@link #onBatch} is the only way in: the kernel queue, a capture, the simulator, the tests and the
 * benchmarks all use it.
 *
 * <p>One instance per worker thread, which alone calls it (but {@link #settings(EngineSettings)} and the counters, from
 * any thread); several share their {@link Tables}. It uses no socket, file, clock or log, and allocates nothing for a
 * packet.
 *
 * <p>Every packet gets exactly one verdict, in receive order, whatever its bytes are; and an expectation is visible to
 * all workers before the verdict that releases its REP is in the batch.
 */
public final class VerdictEngine {
    private static final Reason[] REASONS = Reason.values();

    private final Tables tables;
    private final FragmentTable fragments;
    private final EngineCounters counters;
    private final EngineEvents events;
    private final boolean reportAll;
    private final Scratch scratch;
    private final Fragment fragment = new Fragment();
    private final JudgedPacket judged;
    private final ControlJudge controlJudge;
    private final StreamJudge streamJudge;
    private final IcmpJudge icmpJudge;
    private final NearMisses nearMisses;
    private final Sample continued = new Sample();
    private volatile InForce inForce;
    private volatile @Nullable RuntimeException lastFailure;
    /** Time of the current batch or housekeeping. */
    private long nowNanos;

    /** What a batch is judged by: settings, and where each line of their policy is counted. Immutable. */
    private static final class InForce {
        final EngineSettings settings;
        final int[] lines;

        InForce(final EngineSettings settings, final Tables tables) {
            this.settings = settings;
            final List<String> names = new ArrayList<>();
            settings.policy().allowances().forEach(line -> names.add(line.name()));
            lines = tables.lines().placesOf(names);
        }
    }

    public VerdictEngine(
            final EngineSettings settings,
            final Tables tables,
            final EngineCounters counters,
            final EngineEvents events) {
        this.inForce = new InForce(settings, tables);
        judged = new JudgedPacket(settings);
        this.tables = tables;
        this.fragments = tables.fragments();
        this.counters = counters;
        this.events = events;
        this.reportAll = events.wantsEveryPacket();
        scratch = new Scratch(events == EngineEvents.NONE ? Endings.NONE : this::reportEnding);
        controlJudge = new ControlJudge(tables, scratch, counters);
        streamJudge = new StreamJudge(tables, scratch, counters);
        icmpJudge = new IcmpJudge(tables, scratch);
        nearMisses = new NearMisses(tables, scratch);
    }

    /** Judges with these settings from the next batch on. Any thread. */
    public void settings(final EngineSettings newSettings) {
        inForce = new InForce(newSettings, tables);
    }

    /** The last failure inside the engine, for a report; null if there was none. Any thread. */
    public @Nullable RuntimeException lastFailure() {
        return lastFailure;
    }

    public EngineCounters counters() {
        return counters;
    }

    /**
     * Judges every packet of the batch.
     *
     * @param verdicts emptied first; then gets one verdict for each packet, in the same order
     * @param nowNanos time of the batch, of any clock that only goes forward
     */
    public void onBatch(final PacketBatch packets, final VerdictBatch verdicts, final long nowNanos) {
        verdicts.clear();
        this.nowNanos = nowNanos;
        judged.nowNanos = nowNanos;
        final InForce current = inForce;
        judged.settings = current.settings;
        judged.lines = current.lines;
        final int count = packets.count();
        for (int i = 0; i < count; i++) {
            judgeOne(packets, i);
            conclude(packets, i, verdicts);
        }
        counters.countBatch();
    }

    private void judgeOne(final PacketBatch packets, final int i) {
        final Decision decision = judged.decision;
        decision.clear(packets.id(i));
        try {
            final int status = judged.packet.decode(
                    packets.slab(), packets.offset(i), packets.length(i), packets.originalLength(i));
            if (status == DecodeStatus.OK) {
                judged.attach(packets, i);
                judgeDecoded(packets.flags(i));
            } else {
                decision.malformed(status);
            }
        } catch (final RuntimeException e) {
            lastFailure = e;
            decision.drop(Reason.ERROR);
        }
    }

    private void judgeDecoded(final int flags) {
        final PacketView packet = judged.packet;
        final Decision decision = judged.decision;
        switch (Classifier.classify(packet, flags, judged.settings.policy())) {
            case Classifier.FROM_REQUESTER -> controlJudge.fromRequester(judged);
            case Classifier.FROM_RESPONDER -> controlJudge.fromResponder(judged);
            case Classifier.TCP -> streamJudge.judge(judged);
            case Classifier.ICMP_ERROR -> icmpJudge.judge(judged);
            case Classifier.LATER_FRAGMENT -> judgeLaterFragment();
            case Classifier.MERGED -> decision.drop(Reason.MERGED);
            default -> decision.drop(Reason.NOT_AMANDA);
        }
        if (decision.decided == Verdict.DROP && decision.reason.isOther()) {
            decision.leave(judged.settings.otherTraffic());
        }
        if (packet.firstFragment() && decision.decided != Verdict.DROP) {
            fragments.accept(scratch, judged.tuple, fragment.set(packet), decision.reason.ordinal(), judged.nowNanos);
        }
    }

    private void judgeLaterFragment() {
        final int reason = fragments.reason(scratch, judged.tuple, fragment.set(judged.packet), judged.nowNanos);
        if (reason < 0) {
            judged.decision.drop(Reason.FRAGMENT);
        } else if (REASONS[reason].isOther()) {
            judged.decision.drop(REASONS[reason]);
        } else {
            judged.decision.accept(REASONS[reason]);
        }
    }

    /** Adds the verdict, counts it and reports it. */
    private void conclude(final PacketBatch packets, final int i, final VerdictBatch verdicts) {
        final Decision decision = judged.decision;
        final Verdict verdict = verdict(packets, i);
        verdicts.add(packets.id(i), verdict, decision.mark);
        counters.countPacket(verdict, decision.reason, packets.originalLength(i));
        if (decision.decided == Verdict.DROP && verdict != Verdict.DROP) {
            counters.countWouldDrop(decision.reason);
        }
        if (events != EngineEvents.NONE && (reportAll || (decision.reason != Reason.ESTABLISHED && isReported()))) {
            decision.kernelVerdict = verdict;
            decision.settings = judged.settings;
            report();
        }
    }

    /** What the kernel is told, with the mark in the decision. */
    private Verdict verdict(final PacketBatch packets, final int i) {
        final Decision decision = judged.decision;
        final boolean enforce = judged.settings.enforce();
        if (enforce && decision.decided != Verdict.CONTINUE) {
            return decision.decided;
        }
        final long bits = judged.settings.continueMark();
        final long mark = Integer.toUnsignedLong(packets.mark(i));
        // Without its bytes nothing is known about a packet, not even its mark.
        if ((mark & bits) != bits && packets.length(i) > 0) {
            decision.mark = mark | bits;
            return Verdict.CONTINUE;
        }
        // It would come back forever: the rules lack the one for the mark, or another program sets these bits.
        counters.countNotContinued();
        return enforce ? Verdict.DROP : Verdict.ACCEPT;
    }

    /** Every packet of a connection that continues would be too much: of those that open none, a sample is reported. */
    private boolean isReported() {
        final Decision decision = judged.decision;
        return decision.decided != Verdict.CONTINUE
                || decision.reason == Reason.UNEXPECTED
                || continued.take(judged.nowNanos);
    }

    private void report() {
        try {
            if (judged.decision.decided != Verdict.ACCEPT) {
                nearMisses.find(judged);
            }
            events.decided(judged.packet, judged.decision, judged.nowNanos);
        } catch (final RuntimeException e) {
            // The verdict stands; a report that fails must not change it.
            lastFailure = e;
        }
    }

    private void reportEnding(final Ending ending) {
        try {
            events.ended(ending, nowNanos);
        } catch (final RuntimeException e) {
            lastFailure = e;
        }
    }

    /** A bounded step of housekeeping: {@code steps} slots of each table. */
    public void housekeep(final long nowNanos, final int steps) {
        this.nowNanos = nowNanos;
        tables.expire(scratch, nowNanos, steps);
    }
}
