package org.amverdict.engine;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Scratch;
import org.amverdict.track.Tables;

/**
 * Rearms the expectation of a connection that was refused where the kernel carried the RST (placement gate and
 * offload), as {@link StreamJudge} does for a RST that it sees. Otherwise one forged SYN would end a dump there: its
 * source refuses the SYN/ACK, but nobody would know. For one thread, not a worker's; it holds the control lock only
 * briefly, so that {@link PolicyRevocation} can tell when a refusal has been dealt with.
 */
public final class CarriedRefusals implements Consumer<Tuple> {
    private final Tables tables;
    private final LongSupplier nanoTime;
    private final Scratch scratch;

    /** @param nanoTime the clock that the packets are judged by */
    public CarriedRefusals(final Tables tables, final LongSupplier nanoTime) {
        this.tables = tables;
        this.nanoTime = nanoTime;
        scratch = new Scratch(ending -> tables.operatorEndings().ended(ending));
    }

    /**
     * A RST ended a connection before its handshake was complete.
     *
     * @param tuple from the originator
     */
    @Override
    public void accept(final Tuple tuple) {
        final long nowNanos = nanoTime.getAsLong();
        tables.control().lock();
        try {
            tables.flows().refuseUnseen(scratch, tuple, nowNanos);
            if (scratch.followed().refused()) {
                tables.expectations().rearm(scratch, tuple, scratch.followed(), nowNanos);
            }
        } finally {
            tables.control().unlock();
        }
    }
}
