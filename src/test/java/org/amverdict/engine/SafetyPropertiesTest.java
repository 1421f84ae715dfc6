package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.TcpView;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The properties P1 to P8, held against random interleavings of many pairs of hosts over several workers. Nothing here
 * knows how the engine decides: a ledger writes down what accepted replies announced, and every packet that is let in
 * must be accounted for by it. {@code -Dseed=} gives another seed.
 */
@Tag("property")
final class SafetyPropertiesTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long SEED = Long.getLong("seed", 20_261_124);
    private static final long LIFETIME = TableLimits.DEFAULTS.expectations().lifetimeNanos();
    /** How long a SYN that nobody answers may be repeated. */
    private static final long SYN_SENT = 120 * SECOND;

    private static final TableLimits AMPLE = new TableLimits(
            new TableLimits.Transactions(4096, 1024, 3600 * SECOND),
            new TableLimits.Expectations(4096, 1024, LIFETIME, 5),
            new TableLimits.Flows(4096, 3600 * SECOND));
    private static final TableLimits SMALL = new TableLimits(
            new TableLimits.Transactions(64, 16, 3600 * SECOND),
            new TableLimits.Expectations(48, 12, LIFETIME, 5),
            new TableLimits.Flows(64, 3600 * SECOND));

    /** What was negotiated, and what was let in because of it. */
    private static final class Ledger {
        /** What one REP granted for one port: until when, and which connections took it. */
        private static final class Grant {
            long until;
            final Set<String> tuples = new HashSet<>();
            int resets;
        }

        private final Map<String, List<Grant>> grants = new HashMap<>();
        private final Map<String, Grant> opened = new HashMap<>();
        private final Set<String> known = new HashSet<>();
        /** When a connection was let in by its SYN, by its tuple and sequence number. */
        private final Map<String, Long> since = new HashMap<>();
        /** Of these a packet of the responder was let through, so the SYN may be repeated later too. */
        private final Set<String> answered = new HashSet<>();

        private final Map<String, Integer> met = new HashMap<>();

        /** A REP went to the requester; what it opened or kept open is granted. */
        void replied(final Exchange exchange, final List<Integer> ports, final Outcome outcome, final long now) {
            if (!outcome.summary().equals("accept reply")) {
                assertTrue(outcome.streams().isEmpty(), () -> "opened by " + outcome);
                return;
            }
            for (final int port : ports) {
                final List<Grant> all = grants.computeIfAbsent(
                        exchange.requester() + ">" + exchange.responder() + ":" + port, key -> new ArrayList<>());
                if (outcome.streams().isEmpty()) {
                    // A repetition: refreshes what is left of the last one at most.
                    all.stream().skip(Math.max(0, all.size() - 1)).forEach(grant -> grant.until = now + LIFETIME);
                } else {
                    final Grant grant = new Grant();
                    grant.until = now + LIFETIME;
                    all.add(grant);
                }
            }
        }

        void judged(final RandomTraffic.Sent sent, final Outcome outcome, final long now) {
            met.merge(outcome.summary(), 1, Integer::sum);
            assertTrue(outcome.reason() != Reason.ERROR, outcome::toString);
            if (!sent.isTcp() || !outcome.accepted()) {
                return;
            }
            switch (outcome.reason()) {
                case EXPECTED -> take(sent, now);
                case ESTABLISHED -> {
                    assertTrue(
                            known.contains(sent.tuple()) || known.contains(sent.reverse()),
                            () -> "P1: of no connection that was let in: " + sent.tuple());
                    if (known.contains(sent.reverse())) {
                        answered.add(sent.reverse());
                    }
                    if (sent.flags() == TcpView.SYN) {
                        repeat(sent, now);
                    }
                }
                default -> throw new AssertionError("P1: " + outcome.summary() + " " + sent.tuple());
            }
            if ((sent.flags() & TcpView.RST) != 0) {
                final Grant grant = opened.getOrDefault(sent.tuple(), opened.get(sent.reverse()));
                if (grant != null) {
                    grant.resets++;
                }
            }
        }

        /** P3, P4: a repetition has the number of the SYN that was let in, and makes nothing last longer. */
        private void repeat(final RandomTraffic.Sent sent, final long now) {
            final Long first = since.get(sent.tuple() + "#" + sent.sequence());
            assertTrue(first != null, () -> "P3: another connection of " + sent.tuple());
            assertTrue(
                    first != null && (answered.contains(sent.tuple()) || now - first < SYN_SENT),
                    () -> "P4: repeating the SYN makes it last longer: " + sent.tuple());
        }

        private void take(final RandomTraffic.Sent sent, final long now) {
            assertEquals(TcpView.SYN, sent.flags(), () -> "only a plain SYN takes an expectation: " + sent.tuple());
            // P2 is in the key: the source is the requester of that REP and the target its responder.
            final List<Grant> all = grants.getOrDefault(sent.pair(), List.of());
            assertTrue(!all.isEmpty(), () -> "P1: nobody announced " + sent.pair());
            for (final Grant grant : all) {
                // P3: one connection, and one more if the first was ended by a RST before it began.
                final boolean free = grant.tuples.isEmpty() || (grant.tuples.size() == 1 && grant.resets > 0);
                if (now < grant.until && free) {
                    grant.tuples.add(sent.tuple() + "@" + now);
                    opened.put(sent.tuple(), grant);
                    known.add(sent.tuple());
                    since.keySet().removeIf(key -> key.startsWith(sent.tuple() + "#"));
                    since.put(sent.tuple() + "#" + sent.sequence(), now);
                    answered.remove(sent.tuple());
                    return;
                }
            }
            throw new AssertionError("P3, P4: taken already or over: " + sent.tuple());
        }
    }

    private static List<EngineFixture> engines(final int count, final TableLimits limits) {
        final List<EngineFixture> engines = new ArrayList<>();
        engines.add(new EngineFixture(RandomTraffic.settings(), limits));
        while (engines.size() < count) {
            engines.add(engines.get(0).sibling(RandomTraffic.settings()));
        }
        return engines;
    }

    private static Map<String, Integer> run(final long seed, final int workers, final TableLimits limits) {
        final RandomTraffic traffic = new RandomTraffic(seed);
        final Ledger ledger = new Ledger();
        final List<EngineFixture> engines = engines(workers, limits);
        final Tables tables = engines.get(0).tables();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            final EngineFixture engine = engines.get(traffic.random.nextInt(workers));
            final Exchange exchange = traffic.exchange();
            switch (traffic.random.nextInt(16)) {
                case 0, 1, 2 -> ledger.judged(RandomTraffic.Sent.DATAGRAM, engine.send(exchange.request(), now), now);
                case 3, 4, 5, 6 -> {
                    final byte[] reply = exchange.reply(traffic.line(exchange));
                    final Outcome outcome = engine.send(reply, now);
                    ledger.replied(exchange, traffic.lastPorts, outcome, now);
                    ledger.judged(RandomTraffic.Sent.DATAGRAM, outcome, now);
                }
                case 7 -> {
                    final String[] types = {"ACK", "PREP", "NAK", "REQ"};
                    final byte[] other =
                            exchange.fromResponder(types[traffic.random.nextInt(4)], traffic.line(exchange) + "\n");
                    ledger.judged(RandomTraffic.Sent.DATAGRAM, engine.send(other, now), now);
                }
                case 8 -> ledger.judged(RandomTraffic.Sent.DATAGRAM, engine.send(exchange.acknowledgement(), now), now);
                case 9 -> engine.send(traffic.rubbish(traffic.noReply(exchange)), now);
                default -> {
                    final RandomTraffic.Sent sent = traffic.connection(exchange);
                    ledger.judged(sent, engine.send(sent.packet(), now), now);
                }
            }
            assertTrue(tables.transactions().size() <= limits.transactions().capacity(), "P6");
            assertTrue(tables.expectations().size() <= limits.expectations().capacity(), "P6");
            assertTrue(tables.flows().size() <= limits.flows().capacity(), "P6");
            now += traffic.pause();
            engine.engine().housekeep(now, 16);
        }
        return ledger.met;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void shouldLetInNothingThatWasNotNegotiated(final int workers) {
        for (int i = 0; i < 6; i++) {
            final long seed = SEED + 1000L * workers + i;
            final Map<String, Integer> met;
            try {
                met = run(seed, workers, i % 2 == 0 ? AMPLE : SMALL);
            } catch (final AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
            for (final String decision : List.of("accept expected", "accept established", "drop unexpected")) {
                assertTrue(met.getOrDefault(decision, 0) > 20, () -> decision + " in " + met + ", seed " + seed);
            }
        }
    }

    @Test
    void shouldGiveEachPacketOneVerdictWhenTheReportThrows() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final RandomTraffic traffic = new RandomTraffic(SEED);
        final EngineFixture quiet = new EngineFixture(RandomTraffic.settings(), AMPLE);
        final Tables tables = new Tables(AMPLE, 1);
        final VerdictEngine engine =
                new VerdictEngine(RandomTraffic.settings(), tables, new EngineCounters(), (p, d, n) -> {
                    if (random.nextInt(3) == 0) {
                        throw new IllegalStateException("a report that fails");
                    }
                });
        for (int round = 0; round < 300; round++) {
            final List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                final Exchange exchange = traffic.exchange();
                sent.add(
                        switch (random.nextInt(4)) {
                            case 0 -> exchange.request();
                            case 1 -> exchange.reply(traffic.line(exchange));
                            case 2 -> traffic.rubbish(exchange.request());
                            default -> traffic.connection(exchange).packet();
                        });
            }
            final VerdictBatch verdicts = judge(engine, sent, round * SECOND);
            final List<Outcome> expected = quiet.send(sent, round * SECOND);
            assertEquals(sent.size(), verdicts.count(), "P5");
            for (int i = 0; i < sent.size(); i++) {
                assertEquals(i, verdicts.id(i), "P5");
                assertEquals(expected.get(i).verdict().code(), verdicts.verdict(i), "P5");
            }
        }
        assertNotNull(engine.lastFailure());
    }

    private static VerdictBatch judge(final VerdictEngine engine, final List<byte[]> sent, final long now) {
        final int bytes = sent.stream().mapToInt(packet -> packet.length).sum();
        final ByteBuf slab = Unpooled.wrappedBuffer(new byte[bytes]);
        final PacketBatch packets = new PacketBatch(sent.size(), slab);
        packets.reset(slab);
        int at = 0;
        for (int i = 0; i < sent.size(); i++) {
            final byte[] packet = sent.get(i);
            slab.setBytes(at, packet);
            final int in = EngineFixture.interfaceOf(packet, false);
            packets.add(i)
                    .setBytes(at, packet.length)
                    .setInInterface(in)
                    .setOutInterface(EngineFixture.interfaceOf(packet, true));
            at += packet.length;
        }
        final VerdictBatch verdicts = new VerdictBatch(sent.size());
        engine.onBatch(packets, verdicts, now);
        return verdicts;
    }

    /** P7: in a buffer that ends where the packet ends, a read behind it would throw, and the reason would be error. */
    @Test
    void shouldReadNothingOutsideThePacket() {
        final RandomTraffic traffic = new RandomTraffic(SEED + 7);
        final EngineFixture inLargeSlab = new EngineFixture(RandomTraffic.settings(), AMPLE);
        final VerdictEngine exact = new VerdictEngine(
                RandomTraffic.settings(), new Tables(AMPLE, 1), new EngineCounters(), EngineEvents.NONE);
        long now = 0;
        for (int i = 0; i < 30_000; i++) {
            final Exchange exchange = traffic.exchange();
            final byte[] packet = switch (traffic.random.nextInt(6)) {
                case 0 -> exchange.request();
                case 1 -> exchange.reply(traffic.line(exchange));
                case 2 -> traffic.rubbish(exchange.request());
                case 3 -> traffic.rubbish(exchange.reply(traffic.line(exchange)));
                case 4 -> traffic.rubbish(traffic.connection(exchange).packet());
                default -> traffic.rubbish(traffic.noReply(exchange));
            };
            // The large slab still holds other packets behind this one: they must not matter.
            final Outcome outcome = inLargeSlab.send(packet, now);
            final VerdictBatch verdicts = judge(exact, List.of(packet), now);
            assertEquals(outcome.verdict().code(), verdicts.verdict(0), "P7, seed " + SEED);
            assertTrue(outcome.reason() != Reason.ERROR && exact.lastFailure() == null, "P7, seed " + SEED);
            now += traffic.pause();
        }
    }

    /** P8: the same packets, spread over workers in two ways, or all seen by one. */
    @Test
    void shouldDecideTheSameWhicheverWorkerSeesAPacket() {
        for (int run = 0; run < 5; run++) {
            final long seed = SEED + 31L * run;
            final RandomTraffic traffic = new RandomTraffic(seed);
            final SplittableRandom spread = new SplittableRandom(seed);
            final List<List<EngineFixture>> groups = List.of(engines(1, AMPLE), engines(2, AMPLE), engines(5, AMPLE));
            long now = 0;
            for (int step = 0; step < 8000; step++) {
                final Exchange exchange = traffic.exchange();
                final byte[] packet = switch (traffic.random.nextInt(6)) {
                    case 0 -> exchange.request();
                    case 1 -> exchange.reply(traffic.line(exchange));
                    case 2 -> exchange.acknowledgement();
                    default -> traffic.connection(exchange).packet();
                };
                String first = "";
                for (final List<EngineFixture> group : groups) {
                    final Outcome outcome =
                            group.get(spread.nextInt(group.size())).send(packet, now);
                    final String decided = outcome.summary() + outcome.streams() + outcome.refusal();
                    first = first.isEmpty() ? decided : first;
                    assertEquals(first, decided, "P8, seed " + seed + " step " + step);
                }
                now += traffic.pause();
            }
        }
    }
}
