package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineEvents;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.PacketView;

/** What an engine reported of the packets of one batch, in the order of its reports. */
final class Seen implements EngineEvents {
    /** A listener that fails must not change a verdict. */
    static final class ListenerFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        ListenerFailed() {
            super("planned", null, false, false);
        }
    }

    /** One report. */
    record Said(Verdict verdict, Reason reason, List<Integer> ports) {
        boolean accepted() {
            return verdict == Verdict.ACCEPT;
        }

        String text() {
            return verdict.label() + " " + reason.label();
        }
    }

    private final List<Said> reports = new ArrayList<>();
    private boolean fails;

    void clear() {
        reports.clear();
        fails = false;
    }

    /** From now on every report fails after it was noted. */
    void fail() {
        fails = true;
    }

    @Override
    public void decided(final PacketView packet, final Decision decision, final long nowNanos) {
        final List<Integer> ports = decision.streamCount() == 0 ? List.of() : new ArrayList<>();
        for (int i = 0; i < decision.streamCount(); i++) {
            ports.add(decision.streamPort(i));
        }
        reports.add(new Said(decision.decided(), decision.reason(), ports));
        if (fails) {
            throw new ListenerFailed();
        }
    }

    @Override
    public boolean wantsEveryPacket() {
        return true;
    }

    int count() {
        return reports.size();
    }

    Said get(final int i) {
        return reports.get(i);
    }
}
