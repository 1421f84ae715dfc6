package org.amverdict.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.track.Tally;
import org.jspecify.annotations.Nullable;

/** Lets tests of other packages write what only the engine writes. */
public final class EngineTestAccess {
    private EngineTestAccess() {}

    public static void countPacket(
            final EngineCounters counters, final Verdict verdict, final Reason reason, final int bytes) {
        counters.countPacket(verdict, reason, bytes);
    }

    public static void countWouldDrop(final EngineCounters counters, final Reason reason) {
        counters.countWouldDrop(reason);
    }

    public static void countControlMessage(
            final EngineCounters counters, final MessageType type, final @Nullable Service service) {
        counters.countControlMessage(type, service);
    }

    public static void countRefusal(final EngineCounters counters, final Refusal refusal) {
        counters.count(Tally.REPLIES_REFUSED, refusal);
    }

    public static void countStream(
            final EngineCounters counters, final StreamName stream, final boolean reply, final int bytes) {
        counters.countStream(stream, reply, bytes);
    }

    public static void countBatch(final EngineCounters counters) {
        counters.countBatch();
    }

    public static Decision decision(final Verdict verdict, final Reason reason) {
        final Decision decision = new Decision();
        decision.clear(1);
        decision.decided = verdict;
        decision.kernelVerdict = verdict;
        decision.reason = reason;
        return decision;
    }

    public static void refuse(final Decision decision, final Service service, final Refusal refusal) {
        decision.service = service;
        decision.refusal = refusal;
    }

    public static void open(
            final Decision decision, final @Nullable Service service, final StreamName name, final int port) {
        decision.service = service;
        decision.streamNames[decision.streamCount] = name;
        decision.streamPorts[decision.streamCount] = port;
        decision.streamCount++;
    }

    public static void verdict(final Decision decision, final Verdict verdict) {
        decision.kernelVerdict = verdict;
    }

    public static void because(final Decision decision, final Cause cause, final long number) {
        decision.because(cause, number);
        decision.otherHigh = ~number;
        decision.otherLow = number;
    }

    /** A REP that announced these ports, as DATA, and opened none. */
    public static void refusePorts(final Decision decision, final int... ports) {
        final StreamName[] names = new StreamName[ports.length];
        Arrays.fill(names, StreamName.DATA);
        decision.refuse(names, ports, ports.length);
    }

    public static void nearest(final Decision decision, final int port) {
        decision.nearestPort = port;
    }

    public static void decodeStatus(final Decision decision, final int status) {
        decision.decodeStatus = status;
    }

    /** As a REQ that made the transaction with this number, at the time with this number. */
    public static void describe(final Decision decision, final ControlHeader header, final long number) {
        decision.describe(header);
        decision.transaction = number;
        decision.openedNanos = number;
        decision.opens = true;
    }

    /** An engine that gets a batch with every row of the decision table, again and again. */
    public static Runnable everyRow(final EngineEvents events) {
        final List<byte[]> bytes = ZeroAllocationTest.round();
        final ByteBuf slab = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(1 << 18));
        final PacketBatch packets = new PacketBatch(bytes.size(), slab);
        final VerdictBatch verdicts = new VerdictBatch(bytes.size());
        ZeroAllocationTest.fill(packets, slab, bytes);
        final VerdictEngine engine = ZeroAllocationTest.engine(new EngineCounters(), events);
        final long[] nowNanos = {1};
        return () -> {
            nowNanos[0] += ZeroAllocationTest.ROUND_NANOS;
            engine.onBatch(packets, verdicts, nowNanos[0]);
            engine.housekeep(nowNanos[0], 4096);
            if (engine.lastFailure() != null) {
                throw new AssertionError(engine.lastFailure());
            }
        };
    }
}
