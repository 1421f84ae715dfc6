package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;

/** What the engine said of the packet that it judged last. */
final class Seen implements EngineEvents {
    private final List<Integer> ports = new ArrayList<>();
    private Verdict verdict = Verdict.DROP;
    private Reason reason = Reason.NOT_AMANDA;
    private int reports;

    void clear() {
        reports = 0;
        ports.clear();
    }

    @Override
    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
        reports++;
        verdict = decision.decided();
        reason = decision.reason();
        for (int i = 0; i < decision.streamCount(); i++) {
            ports.add(decision.streamPort(i));
        }
    }

    @Override
    public boolean wantsEveryPacket() {
        return true;
    }

    int reports() {
        return reports;
    }

    Verdict verdict() {
        return verdict;
    }

    boolean accepted() {
        return verdict == Verdict.ACCEPT;
    }

    Reason reason() {
        return reason;
    }

    /** Of the streams that a REP opened. */
    List<Integer> ports() {
        return ports;
    }
}
