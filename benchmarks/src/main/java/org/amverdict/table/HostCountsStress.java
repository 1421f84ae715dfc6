package org.amverdict.table;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Checks that a quota holds when two workers use it. Any outcome that is not listed is an error. */
public final class HostCountsStress {
    private static final long HOST = 0xFFFF_C000_020AL;

    private HostCountsStress() {}

    /** Two records of a host that may have one. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the first gets it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the second gets it")
    @Outcome(expect = FORBIDDEN, desc = "beyond the quota, or refused within it")
    @State
    public static class TakeTake {
        private final HostCounts counts = new HostCounts(1, 1);
        private final long[] one = new long[2];
        private final long[] other = new long[2];

        @Actor
        public void first(final ZZ_Result result) {
            result.r1 = counts.take(0, HOST, 1, one);
        }

        @Actor
        public void second(final ZZ_Result result) {
            result.r2 = counts.take(0, HOST, 1, other);
        }
    }

    /** The last record of a host, and with it the host, is removed while another is added. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "one went, one came")
    @Outcome(expect = FORBIDDEN, desc = "a count was lost")
    @State
    public static class GiveBackTake {
        private final HostCounts counts = new HostCounts(2, 1);
        private final long[] one = new long[2];
        private final long[] other = new long[2];

        public GiveBackTake() {
            counts.take(0, HOST, 2, one);
        }

        @Actor
        public void goes() {
            counts.giveBack(one);
        }

        @Actor
        public void comes() {
            counts.take(0, HOST, 2, other);
        }

        @Arbiter
        public void after(final I_Result result) {
            result.r1 = counts.count(0, HOST, other);
        }
    }
}
