package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.engine.EngineFixture;

/**
 * One honest exchange of a plan.
 *
 * @param number in its plan, from 0
 * @param way of the first packet: from the requester, or the opener of a connection that is not announced
 * @param workNanos how long the responder works before its REP
 * @param silenceNanos how long connections are silent
 * @param pauseNanos between the REP and the first connection, and between connections
 * @param connector source port of the announced connections
 * @param streams names of what is announced
 * @param ports where the responder listens; fewer than streams if it has no more listeners
 * @param handles the other streams have bsdudp's handles and no connection, else -1 for none
 */
record Order(
        Purpose purpose,
        int number,
        long startNanos,
        Way way,
        String handle,
        String sequence,
        long workNanos,
        long silenceNanos,
        long pauseNanos,
        int connector,
        List<String> streams,
        List<Integer> ports,
        boolean handles) {
    private static final long SECOND = Simulation.SECOND;
    private static final int FIRST_HANDLE = 499_999;

    /** What it is of. */
    enum Purpose {
        ESTIMATE("sendsize"),
        BACKUP("sendbackup"),
        CHECK("selfcheck"),
        INDEX("amindexd"),
        TAPE("amidxtaped"),
        BSDTCP(""),
        STATIC("");

        private final String service;

        Purpose(final String service) {
            this.service = service;
        }
    }

    boolean isTcp() {
        return purpose == Purpose.BSDTCP || purpose == Purpose.STATIC;
    }

    String service() {
        return purpose.service;
    }

    String label() {
        return purpose + " " + number + " " + way;
    }

    long replyTimeoutNanos() {
        return Math.max(60 * SECOND, workNanos + workNanos / 2);
    }

    Way stream(final int i) {
        return new Way(way.source(), connector, way.target(), ports.get(i));
    }

    String replyBody() {
        if (ports.isEmpty()) {
            return purpose == Purpose.CHECK ? "OPTIONS x;\n" + "OK /home\n".repeat(200) : "OPTIONS ;\n/home 0 SIZE 9\n";
        }
        return connectLine(streams, ports, handles) + "\nOPTIONS features=" + EngineFixture.FEATURES + ";\n";
    }

    /** The line of a REP. */
    static String connectLine(final List<String> streams, final List<Integer> ports, final boolean handles) {
        final StringBuilder line = new StringBuilder("CONNECT");
        for (int i = 0; i < streams.size(); i++) {
            line.append(' ').append(streams.get(i)).append(' ');
            if (i < ports.size()) {
                line.append(ports.get(i));
            } else {
                line.append(handles ? FIRST_HANDLE - i : -1);
            }
        }
        return line.toString();
    }

    /** The first stream is busy, the others are silent for most of the time. */
    List<Talk.Turn> turns(final int i) {
        final List<Talk.Turn> turns = new ArrayList<>();
        final long third = silenceNanos / 3;
        if (i == 0) {
            turns.add(new Talk.Turn(true, 0, 40, false));
            for (int k = 0; k < 3; k++) {
                turns.add(new Talk.Turn(false, third, 1400, false));
            }
        } else {
            turns.add(new Talk.Turn(false, silenceNanos, 200, false));
        }
        turns.add(new Talk.Turn(false, 0, 0, true));
        turns.add(new Talk.Turn(true, SECOND / 100, 0, true));
        return turns;
    }

    long endNanos() {
        return startNanos + workNanos + silenceNanos;
    }

    @Override
    public String toString() {
        return label() + " begins at " + startNanos / SECOND + " s"
                + (isTcp()
                        ? ""
                        : ", HANDLE " + handle + " SEQ " + sequence + ", is worked on for " + workNanos / SECOND + " s")
                + (ports.isEmpty()
                        ? ""
                        : ", announces " + connectLine(streams, ports, handles).substring(8))
                + (isTcp() || !ports.isEmpty() ? ", is silent for " + silenceNanos / SECOND + " s" : "");
    }
}
