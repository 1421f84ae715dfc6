package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

/** Responders behind destination NAT: SYNs come with the public address, control datagrams with the host's own. */
final class PublishedResponderTest {
    private static final String PUBLIC = "203.0.113.5";
    private static final long MASK = 0xf00;
    /** Bits outside the mask, which stay. */
    private static final int OTHERS = 0x1001;

    private static final long NOW = 5 * EngineFixture.SECOND;
    private static final String CONNECT = "CONNECT DATA 11001 MESG 11002 INDEX 11003";
    private static final Exchange DUMP = Exchange.of("sendbackup");
    private static final Exchange TO_PUBLIC = DUMP.withHosts(EngineFixture.SERVER, PUBLIC);

    private static EngineSettings settings(final PublishedHosts published) {
        return EngineSettings.builder(EngineFixture.policy())
                .published(published)
                .conclude();
    }

    /** The client is the second entry, behind the address of the first. */
    private static EngineFixture engine() {
        final PublishedHosts published = PublishedHosts.of(
                List.of(
                        new PublishedHost(
                                HostPrefix.parse(PUBLIC).address(),
                                10_080,
                                HostPrefix.parse("192.0.2.10").address()),
                        new PublishedHost(
                                HostPrefix.parse(PUBLIC).address(),
                                10_090,
                                HostPrefix.parse(EngineFixture.CLIENT).address())),
                MASK);
        final EngineFixture engine = new EngineFixture(settings(published), TableLimits.DEFAULTS);
        engine.packetMark(OTHERS);
        return engine;
    }

    @Test
    void shouldMarkTheSynForTheHostThatAnnouncedItsPort() {
        final EngineFixture engine = engine();
        engine.send(DUMP.request(), NOW);
        engine.send(DUMP.reply(CONNECT), NOW);

        final Outcome announced = engine.send(TO_PUBLIC.syn(11_001), NOW);
        final Outcome nobodys = engine.send(TO_PUBLIC.syn(11_004), NOW);
        final Outcome translated = engine.send(DUMP.syn(11_001), NOW);

        assertEquals("accept expected", announced.summary());
        assertEquals(OTHERS | 0x200, announced.mark());
        assertEquals("drop unexpected", nobodys.summary());
        assertEquals("accept established", translated.summary());
    }

    @Test
    void shouldMarkAnswersOfARequestThatCameByThePublicAddress() {
        final EngineFixture engine = engine();
        engine.packetMark(OTHERS | 0x200);
        engine.send(DUMP.request(), NOW);
        engine.packetMark(OTHERS);

        assertEquals(
                OTHERS | 0x200, engine.send(DUMP.fromResponder("ACK", ""), NOW).mark());
        assertEquals(OTHERS | 0x200, engine.send(DUMP.reply(CONNECT), NOW).mark());
    }

    @Test
    void shouldNotMarkAnswersOfARequestThatCameByTheHostsOwnAddress() {
        for (final int mark : new int[] {OTHERS, OTHERS | 0x100, OTHERS | 0x300}) {
            final EngineFixture engine = engine();
            engine.packetMark(mark);
            engine.send(DUMP.request(), NOW);

            final Outcome answer = engine.send(DUMP.reply(CONNECT), NOW);

            assertTrue(answer.accepted());
            assertEquals(VerdictBatch.NO_MARK, answer.mark(), "request with mark " + mark);
        }
    }

    /** Numbers of entries change with the list. */
    @Test
    void shouldNotMarkForAHostThatIsPublishedNoLonger() {
        final EngineFixture engine = engine();
        engine.packetMark(OTHERS | 0x200);
        engine.send(DUMP.request(), NOW);
        engine.packetMark(OTHERS);

        engine.engine().settings(settings(PublishedHosts.NONE));

        assertEquals(VerdictBatch.NO_MARK, engine.send(DUMP.reply(CONNECT), NOW).mark());
    }

    @Test
    void shouldHoldBackAReplyWhileAnotherHostBehindTheAddressWaitsOnThatPort() {
        final String neighbour = "198.51.100.21";
        final EngineFixture engine = new EngineFixture(
                EngineSettings.builder(Policy.of(List.of(new Allowance(
                                "all",
                                HostSet.of(EngineFixture.SERVER),
                                HostSet.of("198.51.100.0/24"),
                                -1,
                                Policy.DEFAULT_STREAM_PORTS,
                                false))))
                        .published(PublishedHosts.of(
                                List.of(
                                        new PublishedHost(
                                                HostPrefix.parse(PUBLIC).address(),
                                                10_080,
                                                HostPrefix.parse(EngineFixture.CLIENT)
                                                        .address()),
                                        new PublishedHost(
                                                HostPrefix.parse(PUBLIC).address(),
                                                10_090,
                                                HostPrefix.parse(neighbour).address())),
                                MASK))
                        .conclude(),
                TableLimits.DEFAULTS);
        final Exchange other = DUMP.withHosts(EngineFixture.SERVER, neighbour);
        engine.send(DUMP.request(), NOW);
        engine.send(other.request(), NOW);
        engine.send(DUMP.reply("CONNECT DATA 11001 MESG 11002 INDEX -1"), NOW);
        final byte[] reply = other.reply("CONNECT DATA 12001 MESG 11002 INDEX -1");

        final Outcome held = engine.send(reply, NOW);
        assertEquals("drop refused-reply", held.summary());
        assertEquals(Refusal.HELD_BACK, held.refusal());
        assertEquals("drop unexpected", engine.send(TO_PUBLIC.syn(12_001), NOW).summary());

        assertEquals(0x100, engine.send(TO_PUBLIC.syn(11_002), NOW).mark(), "for the first");
        assertEquals("accept reply", engine.send(reply, NOW).summary());
        assertEquals(0x200, engine.send(TO_PUBLIC.synFrom(50_001, 11_002), NOW).mark(), "for the second");
    }
}
