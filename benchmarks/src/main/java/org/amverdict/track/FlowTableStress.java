package org.amverdict.track;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.amverdict.amanda.StreamName;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** What can two workers make of one flow? Each test says which outcomes there are; any other is an error. */
public final class FlowTableStress {
    private FlowTableStress() {}

    /** A table, one connection, and a scratch for each thread. */
    public abstract static class OneFlow {
        private static final long ORIGINATOR = 0xFFFF_C000_020AL;
        private static final long RESPONDER = 0xFFFF_C633_6414L;
        private static final int ORIGINATOR_PORT = 50_000;
        private static final int RESPONDER_PORT = 20_000;
        private static final int SEQUENCE = 1000;
        private static final int RESPONDERS_SEQUENCE = 5000;
        private static final int RST = 4;
        private static final int ACK = 16;
        private static final int BYTES = 40;
        private static final long IDLE = 1_000_000_000_000L;
        private static final long ARMED_UNTIL = 1000;

        final Scratch one = new Scratch();
        final Scratch other = new Scratch();
        final FlowTable table = new FlowTable(2, IDLE, 1, new TableCounters());

        final void open(final Scratch scratch) {
            table.open(
                    scratch,
                    0,
                    ORIGINATOR,
                    ORIGINATOR_PORT,
                    0,
                    RESPONDER,
                    RESPONDER_PORT,
                    StreamName.DATA,
                    1,
                    ARMED_UNTIL,
                    false,
                    SEQUENCE,
                    0,
                    BYTES,
                    0);
        }

        /** Whether a RST that answers the SYN arms the expectation again. */
        final boolean refuse(final Scratch scratch) {
            return packetOfResponder(scratch, RST | ACK, 0) == FlowTable.KNOWN && scratch.refused();
        }

        final boolean knows(final Scratch scratch) {
            return packetOfResponder(scratch, ACK, RESPONDERS_SEQUENCE) == FlowTable.KNOWN;
        }

        private int packetOfResponder(final Scratch scratch, final int flags, final int sequence) {
            return table.follow(
                    scratch,
                    0,
                    RESPONDER,
                    RESPONDER_PORT,
                    0,
                    ORIGINATOR,
                    ORIGINATOR_PORT,
                    flags,
                    sequence,
                    SEQUENCE + 1,
                    0,
                    BYTES,
                    0,
                    0,
                    1);
        }

        final void adopt(final Scratch scratch, final boolean reply) {
            table.adopt(
                    scratch,
                    0,
                    reply ? RESPONDER : ORIGINATOR,
                    reply ? RESPONDER_PORT : ORIGINATOR_PORT,
                    0,
                    reply ? ORIGINATOR : RESPONDER,
                    reply ? ORIGINATOR_PORT : RESPONDER_PORT,
                    reply,
                    reply ? RESPONDERS_SEQUENCE : SEQUENCE,
                    reply ? SEQUENCE : RESPONDERS_SEQUENCE,
                    BYTES,
                    1);
        }
    }

    /** The RST comes twice: one refused connection arms its expectation once. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first RST arms it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second RST arms it")
    @Outcome(expect = FORBIDDEN, desc = "armed twice, or never")
    @State
    public static class RefuseRefuse extends OneFlow {
        public RefuseRefuse() {
            open(one);
        }

        @Actor
        public void first(final ZZ_Result result) {
            result.r1 = refuse(one);
        }

        @Actor
        public void second(final ZZ_Result result) {
            result.r2 = refuse(other);
        }
    }

    /** Packets of both directions of an unknown stream come at once, through two queues: it is one flow. */
    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "one record, whoever came first")
    @Outcome(expect = FORBIDDEN, desc = "two records of one connection, or none")
    @State
    public static class AdoptAdopt extends OneFlow {
        @Actor
        public void forth() {
            adopt(one, false);
        }

        @Actor
        public void back() {
            adopt(other, true);
        }

        @Arbiter
        public void after(final IZ_Result result) {
            result.r1 = table.size();
            result.r2 = knows(one);
        }
    }
}
