package org.amverdict.engine;

import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.track.Segment;

/**
 * The case before the judges: one packet, what the kernel says about it, when and by which settings it is judged, and the
 * decision. One per engine, overwritten for every packet; not thread-safe.
 */
final class JudgedPacket {
    final PacketView packet = new PacketView();
    final PacketMetadata metadata = new PacketMetadata();
    /** Who speaks to whom, of a packet that was decoded. */
    final Tuple tuple = new Tuple();

    /** The rest of what a flow takes of it, of TCP only. */
    final Segment segment = new Segment();

    final Decision decision = new Decision();
    /** Of the batch. */
    EngineSettings settings;
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
