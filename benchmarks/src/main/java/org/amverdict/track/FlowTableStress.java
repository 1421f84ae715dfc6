package org.amverdict.track;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.amverdict.packet.Tuple;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Races of two workers on one flow. Each test lists the possible outcomes; any other is an error. */
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
        /** Read only, by both. */
        private static final Tuple FORTH =
                new Tuple().set(0, ORIGINATOR, ORIGINATOR_PORT, 0, RESPONDER, RESPONDER_PORT);

        private static final Tuple BACK = new Tuple().reversedOf(FORTH);
        private static final int SYN = 2;
        private static final int RST = 4;
        private static final int ACK = 16;
        private static final int BYTES = 40;
        private static final long IDLE = 1_000_000_000_000L;
        private static final long ARMED_UNTIL = 1000;

        final Scratch one = new Scratch();
        final Scratch other = new Scratch();
        final FlowTable table = new FlowTable(new TableLimits.Flows(2, IDLE), 1, new TableCounters());

        final void open(final Scratch scratch) {
            final Taken taken = new Taken();
            taken.owner = 1;
            taken.armedUntilNanos = ARMED_UNTIL;
            table.openExpected(scratch, FORTH, segment(SYN, SEQUENCE, 0), taken, 0);
        }

        /** Whether a RST that answers the SYN arms the expectation again. */
        final boolean refuse(final Scratch scratch) {
            return packetOfResponder(scratch, RST | ACK, 0) == FlowTable.KNOWN
                    && scratch.followed().refused();
        }

        final boolean knows(final Scratch scratch) {
            return packetOfResponder(scratch, ACK, RESPONDERS_SEQUENCE) == FlowTable.KNOWN;
        }

        private int packetOfResponder(final Scratch scratch, final int flags, final int sequence) {
            return table.follow(scratch, BACK, segment(flags, sequence, SEQUENCE + 1), 1);
        }

        private static Segment segment(final int flags, final int sequence, final int acknowledgement) {
            final Segment segment = new Segment();
            segment.flags = flags;
            segment.sequence = sequence;
            segment.acknowledgement = acknowledgement;
            segment.bytes = BYTES;
            return segment;
        }

        final void adopt(final Scratch scratch, final boolean reply) {
            final Segment segment =
                    reply ? segment(ACK, RESPONDERS_SEQUENCE, SEQUENCE) : segment(ACK, SEQUENCE, RESPONDERS_SEQUENCE);
            table.adopt(scratch, FORTH, segment, reply, 1);
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
    @Outcome(id = "1, true", expect = ACCEPTABLE, desc = "one record, whichever thread came first")
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
