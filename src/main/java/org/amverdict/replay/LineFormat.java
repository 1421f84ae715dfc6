package org.amverdict.replay;

import java.time.Instant;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.engine.Decision;
import org.amverdict.packet.PacketView;
import org.jspecify.annotations.Nullable;

/** Output format of a replay: for people or for machines. The lines have no line ends. */
interface LineFormat {
    /** The first line: which captures, judged by which policy. */
    String start(String captures, String policy);

    /**
     * The line of one packet.
     *
     * @param header of the control datagram, null when the packet is not one
     * @param moment of its capture
     * @param sinceStartNanos time after the first packet
     */
    String packet(
            PacketView packet, Decision decision, @Nullable ControlHeader header, Instant moment, long sinceStartNanos);

    /** The lines after the last packet. */
    void summary(ReplaySummary summary, LineSink out);

    /** Receives the lines in order. */
    @FunctionalInterface
    interface LineSink {
        void line(String line);
    }
}
