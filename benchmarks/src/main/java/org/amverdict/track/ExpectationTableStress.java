package org.amverdict.track;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.packet.Tuple;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * Races of two workers on one expectation. Each test lists the possible outcomes; any other is an error. Unless a test
 * says otherwise there is room for one expectation, which reveals a quota that is not returned.
 */
public final class ExpectationTableStress {
    private ExpectationTableStress() {}

    /** A table with one pair of hosts, one port, and a scratch for each thread. */
    public abstract static class OnePort {
        static final long DEADLINE = 1000;
        static final long OWNER = 7;
        private static final long REQUESTER = 0xFFFF_C000_020AL;
        private static final long RESPONDER = 0xFFFF_C633_6414L;
        private static final int PORT = 20_000;
        private static final int SOURCE_PORT = 50_000;
        /** Read only, by both. */
        private static final Tuple CONNECTION = new Tuple().set(0, REQUESTER, SOURCE_PORT, 0, RESPONDER, PORT);

        private static final Announcement ANNOUNCEMENT = new Announcement()
                .stream(StreamName.DATA)
                        .service(Service.SENDBACKUP)
                        .owner(OWNER)
                        .until(DEADLINE);

        final Scratch one = new Scratch();
        final Scratch other = new Scratch();
        final TableCounters counters = new TableCounters();
        final ExpectationTable table;

        OnePort() {
            this(1);
        }

        /** @param room most expectations, of all and of one requester */
        OnePort(final int room) {
            table = new ExpectationTable(room, room, 1, counters);
        }

        final boolean expect(final Scratch scratch) {
            return table.expect(scratch, CONNECTION, ANNOUNCEMENT, 0);
        }

        final boolean consume(final Scratch scratch, final long now) {
            return table.consume(scratch, CONNECTION, 0, now);
        }

        final boolean refresh(final Scratch scratch, final long deadline, final long now) {
            return table.refresh(
                    scratch, CONNECTION, new Announcement().owner(OWNER).until(deadline), now);
        }

        final void revoke(final Scratch scratch) {
            table.revoke(scratch, CONNECTION, OWNER, Removal.REVOKED);
        }

        /** The state after a RST of the connection that took the expectation. */
        final void rearm(final Scratch scratch) {
            final Followed refused = scratch.followed;
            refused.stream = StreamName.DATA.ordinal();
            refused.owner = OWNER;
            refused.armedUntilNanos = DEADLINE;
            table.rearm(scratch, CONNECTION, refused, 0);
        }

        final boolean ended(final Removal cause) {
            return counters.removed(cause) == 1;
        }
    }

    /** P3: two SYNs for one expectation. */
    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "the first SYN takes it")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "the second SYN takes it")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or its quota is lost")
    @State
    public static class ConsumeConsume extends OnePort {
        public ConsumeConsume() {
            expect(one);
        }

        @Actor
        public void first(final ZZZ_Result result) {
            result.r1 = consume(one, 1);
        }

        @Actor
        public void second(final ZZZ_Result result) {
            result.r2 = consume(other, 1);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r3 = expect(one);
        }
    }

    /** A SYN that comes while its REP is judged. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "the SYN takes it")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "the SYN is too early, the next one takes it")
    @Outcome(expect = FORBIDDEN, desc = "taken twice, or lost")
    @State
    public static class ExpectConsume extends OnePort {
        @Actor
        public void announce() {
            expect(one);
        }

        @Actor
        public void syn(final ZZ_Result result) {
            result.r1 = consume(other, 1);
        }

        @Arbiter
        public void after(final ZZ_Result result) {
            result.r2 = consume(one, 1);
        }
    }

    /** A SYN in time, while another worker already sweeps at a later time. */
    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "the SYN takes it")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "it is swept away")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or its quota is lost")
    @State
    public static class ExpireConsume extends OnePort {
        public ExpireConsume() {
            expect(one);
        }

        @Actor
        public void sweep() {
            table.expire(one, DEADLINE, 1);
        }

        @Actor
        public void syn(final ZZZ_Result result) {
            result.r1 = consume(other, DEADLINE - 1);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r2 = ended(Removal.EXPIRED);
            result.r3 = expect(one);
        }
    }

    /** A repeated REP while the SYN comes: a taken expectation does not come back. */
    @JCStressTest
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "refreshed, then taken")
    @Outcome(id = "false, true, false", expect = ACCEPTABLE, desc = "taken, so there is nothing to refresh")
    @Outcome(expect = FORBIDDEN, desc = "taken twice, or not at all")
    @State
    public static class RefreshConsume extends OnePort {
        public RefreshConsume() {
            expect(one);
        }

        @Actor
        public void repeat(final ZZZ_Result result) {
            result.r1 = refresh(one, 2 * DEADLINE, 1);
        }

        @Actor
        public void syn(final ZZZ_Result result) {
            result.r2 = consume(other, 1);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r3 = consume(one, 1);
        }
    }

    /** A repeated REP just in time, while another worker already sweeps at a later time. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "refreshed, and so not swept away")
    @Outcome(id = "false, false", expect = ACCEPTABLE, desc = "swept away, and so not refreshed")
    @Outcome(expect = FORBIDDEN, desc = "said to be refreshed and gone, or the other way round")
    @State
    public static class RefreshExpire extends OnePort {
        public RefreshExpire() {
            expect(one);
        }

        @Actor
        public void repeat(final ZZ_Result result) {
            result.r1 = refresh(one, 2 * DEADLINE, DEADLINE - 1);
        }

        @Actor
        public void sweep() {
            table.expire(other, DEADLINE, 1);
        }

        @Arbiter
        public void after(final ZZ_Result result) {
            result.r2 = consume(one, DEADLINE);
        }
    }

    /** A NAK revokes the announcement while the SYN comes. */
    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "the SYN takes it")
    @Outcome(id = "false, true, true", expect = ACCEPTABLE, desc = "it is taken back")
    @Outcome(expect = FORBIDDEN, desc = "both, none, or its quota is lost")
    @State
    public static class RevokeConsume extends OnePort {
        public RevokeConsume() {
            expect(one);
        }

        @Actor
        public void takeBack() {
            revoke(one);
        }

        @Actor
        public void syn(final ZZZ_Result result) {
            result.r1 = consume(other, 1);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r2 = ended(Removal.REVOKED);
            result.r3 = expect(one);
        }
    }

    /** A refused connection arms its expectation again, which a NAK revokes at the same moment. */
    @JCStressTest
    @Outcome(id = "true, false, true", expect = ACCEPTABLE, desc = "there was nothing to take back yet")
    @Outcome(id = "false, false, true", expect = ACCEPTABLE, desc = "armed again, then taken back")
    @Outcome(expect = FORBIDDEN, desc = "taken twice, or its quota is lost")
    @State
    public static class RearmRevoke extends OnePort {
        @Actor
        public void refused() {
            rearm(one);
        }

        @Actor
        public void takeBack() {
            revoke(other);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r1 = consume(one, 1);
            result.r2 = consume(one, 1);
            result.r3 = expect(one);
        }
    }

    /** A refused connection arms its expectation again, and a new REP announces the same port at the same moment. */
    @JCStressTest
    @Outcome(id = "true, true, false", expect = ACCEPTABLE, desc = "there is one, whichever came first")
    @Outcome(expect = FORBIDDEN, desc = "one announcement lets two connections in")
    @State
    public static class RearmExpect extends OnePort {
        public RearmExpect() {
            super(2);
        }

        @Actor
        public void refused() {
            rearm(one);
        }

        @Actor
        public void announce(final ZZZ_Result result) {
            result.r1 = expect(other);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r2 = consume(one, 1);
            result.r3 = consume(one, 1);
        }
    }

    /** Two REPs announce the same port, one of them in a legacy recovery, which has its own lock. */
    @JCStressTest
    @Outcome(id = "true, true, true", expect = ACCEPTABLE, desc = "there is one, and room for another")
    @Outcome(expect = FORBIDDEN, desc = "two announcements of one port let two connections in, or a quota is lost")
    @State
    public static class ExpectExpect extends OnePort {
        public ExpectExpect() {
            super(2);
        }

        @Actor
        public void announce(final ZZZ_Result result) {
            result.r1 = expect(one);
        }

        @Actor
        public void announceToo(final ZZZ_Result result) {
            result.r2 = expect(other);
        }

        @Arbiter
        public void after(final ZZZ_Result result) {
            result.r3 = consume(one, 1) && !consume(one, 1) && expect(one);
        }
    }
}
