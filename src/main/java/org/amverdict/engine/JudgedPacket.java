package org.amverdict.engine;

import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Segment;

/**
 * The case before the judges: one packet, what the kernel says about it, the time and settings of the judgment, and the
 * decision. One per engine, overwritten for every packet; not thread-safe.
 */
final class JudgedPacket {
    final PacketView packet = new PacketView();
    final PacketMetadata metadata = new PacketMetadata();
    /** The two ends of a decoded packet. */
    final Tuple tuple = new Tuple();

    /** The rest of what a flow needs from it; TCP only. */
    final Segment segment = new Segment();

    final Decision decision = new Decision();
    /** Of the batch. */
    EngineSettings settings;
    /** Where each line of those settings is counted, see {@link org.amverdict.track.LineHits}. */
    int[] lines = {};
    /** Time of the batch. */
    long nowNanos;

    JudgedPacket(final EngineSettings settings) {
        this.settings = settings;
    }

    /** The tuple of the packet, and what the kernel says of it. */
    void attach(final PacketBatch packets, final int i) {
        metadata.set(packets, i, settings.matchInterfaces());
        tuple.set(packet);
    }
}
