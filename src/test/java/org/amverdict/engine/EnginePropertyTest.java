package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.engine.ReferenceModel.Reply;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.track.SavedRows;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The properties of threats.md, with seeded random packets; {@code -Dseed=} gives another seed. */
@Tag("property")
final class EnginePropertyTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long SEED = Long.getLong("seed", 20_261_123);
    private static final String[] HANDLES = {"000-00000000", "000-00000001", "001-40E20608"};
    private static final int FIRST_PORT = 2000;
    private static final int PORTS = 12;

    /** A packet of a conversation, or what is left of one. */
    private static byte[] randomPacket(final SplittableRandom random) {
        final Exchange exchange = randomExchange(random);
        final byte[] packet = switch (random.nextInt(10)) {
            case 0 -> exchange.request();
            case 1 -> exchange.reply(line(ports(random)));
            case 2 -> exchange.acknowledgement();
            case 3 -> exchange.fromResponder("NAK", "ERROR x\n");
            case 4 -> exchange.syn(FIRST_PORT + random.nextInt(PORTS));
            case 5 -> exchange.tcp(FIRST_PORT + random.nextInt(PORTS), TcpView.ACK);
            case 6 -> exchange.tcpBack(FIRST_PORT + random.nextInt(PORTS), TcpView.SYN | TcpView.ACK);
            case 7 -> error(random, exchange);
            case 8 -> oldRecovery(random);
            default -> {
                final List<byte[]> parts = Exchange.fragments(
                        exchange.fromRequester("REQ", EngineFixture.requestBody("sendbackup") + "x".repeat(1500)));
                yield parts.get(random.nextInt(parts.size()));
            }
        };
        return switch (random.nextInt(4)) {
            case 0 -> packet;
            case 1 -> bytes(random, random.nextInt(120));
            case 2 -> java.util.Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            default -> mutated(random, packet);
        };
    }

    /** About a packet of either side, perhaps spoilt or cut. */
    private static byte[] error(final SplittableRandom random, final Exchange exchange) {
        final int port = FIRST_PORT + random.nextInt(PORTS);
        final boolean forth = random.nextBoolean();
        final byte[] packet = random.nextBoolean()
                ? forth ? exchange.request() : exchange.reply(line(ports(random)))
                : forth ? exchange.syn(port) : exchange.synAck(port);
        final byte[] quoted = switch (random.nextInt(4)) {
            case 0 -> mutated(random, packet);
            case 1 -> java.util.Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            default -> packet;
        };
        return forth ? exchange.unreachableForRequester(quoted) : exchange.unreachableForResponder(quoted);
    }

    private static byte[] oldRecovery(final SplittableRandom random) {
        final LegacyConnection tape = LegacyConnection.of(random.nextBoolean());
        final int at = random.nextInt(3) == 0 ? random.nextInt(40) : 0;
        return switch (random.nextInt(5)) {
            case 0 -> tape.syn();
            case 1 -> tape.synAck();
            case 2 -> tape.client(at, LegacyConnection.CLIENT_TEXT.substring(at));
            case 3 -> tape.dataSyn(600, LegacyConnection.PORT);
            default -> tape.server(at, LegacyConnection.SERVER_TEXT.substring(at));
        };
    }

    /** Everything of {@link EngineFixture#policy()} and legacy recovery. */
    private static EngineFixture permissive() {
        final List<Allowance> allowances =
                new ArrayList<>(EngineFixture.policy().allowances());
        allowances.addAll(LegacyConnection.policy().allowances());
        return new EngineFixture(EngineFixture.settings(Policy.of(allowances)), TableLimits.DEFAULTS);
    }

    private static byte[] bytes(final SplittableRandom random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        if (length > 0 && random.nextBoolean()) {
            bytes[0] = (byte) (random.nextBoolean() ? 0x45 : 0x60);
        }
        return bytes;
    }

    private static byte[] mutated(final SplittableRandom random, final byte[] packet) {
        final byte[] changed = packet.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed[random.nextInt(random.nextBoolean() ? Math.min(40, changed.length) : changed.length)] ^=
                    (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    private static Exchange randomExchange(final SplittableRandom random) {
        final String[][] pairs = {
            {EngineFixture.SERVER, EngineFixture.CLIENT},
            {EngineFixture.CLIENT, EngineFixture.SERVER},
            {EngineFixture.SERVER6, EngineFixture.CLIENT6}
        };
        final String[] pair = pairs[random.nextInt(pairs.length)];
        return Exchange.of(random.nextInt(8) == 0 ? "noop" : "sendbackup")
                .withHosts(pair[0], pair[1])
                .withPorts(844 + random.nextInt(2), EngineFixture.CONTROL)
                .withNames(HANDLES[random.nextInt(HANDLES.length)], "" + random.nextInt(2));
    }

    private static List<Integer> ports(final SplittableRandom random) {
        final int first = FIRST_PORT + random.nextInt(PORTS / 4) * 4;
        return random.nextBoolean() ? List.of(first, first + 1, first + 2) : List.of(first + 1, first + 2, first + 3);
    }

    private static String line(final List<Integer> ports) {
        return "CONNECT DATA " + ports.get(0) + " MESG " + ports.get(1) + " INDEX " + ports.get(2);
    }

    @Test
    void shouldGiveEveryPacketOneVerdictInOrderAndNeverFail() {
        final SplittableRandom random = new SplittableRandom(SEED);
        final EngineFixture fixture = permissive();
        long now = 0;
        for (int round = 0; round < 3000; round++) {
            final List<byte[]> batch = new ArrayList<>();
            for (int i = random.nextInt(64); i >= 0; i--) {
                batch.add(randomPacket(random));
            }
            now += random.nextLong(SECOND);
            for (final Outcome outcome : fixture.send(batch, now)) {
                assertTrue(outcome.reason() != Reason.ERROR, () -> "seed " + SEED);
            }
            fixture.engine().housekeep(now, 32);
        }
        assertEquals(0, fixture.counters().packets(Verdict.DROP, Reason.ERROR));
        assertTrue(fixture.counters().packets(Verdict.DROP, Reason.LEGACY_RECOVERY) > 0, "legacy recovery is read");
    }

    @Test
    void shouldJudgeABatchAsItsPacketsOneByOne() {
        final SplittableRandom random = new SplittableRandom(SEED + 1);
        final EngineFixture whole = permissive();
        final EngineFixture single = permissive();
        long now = 0;
        for (int round = 0; round < 1000; round++) {
            final List<byte[]> batch = new ArrayList<>();
            for (int i = random.nextInt(40); i >= 0; i--) {
                batch.add(randomPacket(random));
            }
            now += random.nextLong(SECOND);
            final List<Outcome> expected = new ArrayList<>();
            for (final byte[] packet : batch) {
                expected.add(single.send(packet, now));
            }
            final List<Outcome> seen = whole.send(batch, now);
            for (int i = 0; i < batch.size(); i++) {
                assertEquals(withoutNearest(expected.get(i)), withoutNearest(seen.get(i)), () -> "seed " + SEED);
            }
        }
        assertEquals(single.expectations(), whole.expectations());
    }

    /** The nearest port is looked for once in a millisecond only, so a report may have it or not. */
    private static String withoutNearest(final Outcome outcome) {
        return outcome.toString().replaceAll("nearestPort=\\d+", "");
    }

    /** P1 to P4 and P8: any worker may see any packet, and all of them together decide as the naive model does. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void shouldDecideAsTheModelWhicheverWorkerSeesAPacket(final int workers) {
        for (int run = 0; run < 10; run++) {
            final long seed = SEED + 100L * workers + run;
            final SplittableRandom random = new SplittableRandom(seed);
            final ReferenceModel model = new ReferenceModel();
            final List<EngineFixture> engines = engines(workers, TableLimits.DEFAULTS);
            final Map<String, Integer> met = new HashMap<>();
            // The model compares times plainly and is told them from zero on; the engine's clock may overflow.
            final long epoch = random.nextBoolean() ? 0 : Long.MAX_VALUE - 1000 * SECOND;
            long now = 0;
            for (int step = 0; step < 10_000; step++) {
                final EngineFixture engine = engines.get(random.nextInt(workers));
                final String decided = step(random, engine, model, epoch, now, seed, step);
                met.merge(decided, 1, Integer::sum);
                now += pause(random);
                if (random.nextInt(8) == 0) {
                    engine.engine().housekeep(epoch + now, 1 + random.nextInt(2000));
                }
                if (step % 500 == 499) {
                    engine.engine()
                            .housekeep(
                                    epoch + now,
                                    TableLimits.DEFAULTS.expectations().capacity());
                    assertEquals(
                            model.pending(now).size(),
                            engine.tables().expectations().size(),
                            "seed " + seed);
                }
            }
            for (final String decision : List.of(
                    "accept expected",
                    "accept established",
                    "drop unexpected",
                    "accept refused-reply",
                    "accept related",
                    "drop not-amanda")) {
                assertTrue(met.getOrDefault(decision, 0) > 2, decision + " in " + met + ", seed " + seed);
            }
        }
    }

    private static long pause(final SplittableRandom random) {
        return switch (random.nextInt(60)) {
            case 0 -> 0;
            case 1 -> random.nextLong(200) * SECOND;
            case 2 -> 180 * SECOND;
            case 3 -> 120 * SECOND - 1;
            default -> random.nextLong(SECOND / 4);
        };
    }

    private static String step(
            final SplittableRandom random,
            final EngineFixture engine,
            final ReferenceModel model,
            final long epoch,
            final long now,
            final long seed,
            final int step) {
        final Exchange exchange = randomExchange(random);
        final int port = FIRST_PORT + random.nextInt(PORTS);
        final List<Integer> ports = ports(random);
        final int sourcePort = random.nextInt(10) == 0 ? 900 : Exchange.CONNECTOR + random.nextInt(2);
        final int sequence = 1000 + random.nextInt(2);
        final byte[] syn = PacketBuilder.ip(exchange.requester(), exchange.responder())
                .tcp(sourcePort, port, TcpView.SYN, sequence, 0, new byte[0], new byte[0]);
        final byte[] packet;
        final String expected;
        switch (random.nextInt(18)) {
            case 0, 1, 2, 3 -> {
                packet = exchange.request();
                expected = model.request(exchange, now);
            }
            case 4, 5, 6, 7 -> {
                packet = exchange.reply(line(ports));
                expected = model.reply(exchange, new Reply(false, ports), now);
            }
            case 8 -> {
                packet = exchange.reply(line(ports) + "\nERROR died");
                expected = model.reply(exchange, new Reply(true, List.of()), now);
            }
            case 9 -> {
                packet = exchange.reply("OPTIONS ;");
                expected = model.reply(exchange, new Reply(false, List.of()), now);
            }
            case 10 -> {
                packet = exchange.acknowledgement();
                expected = model.acknowledgement(exchange, now);
            }
            case 11 -> {
                final boolean nak = random.nextInt(3) == 0;
                packet = exchange.fromResponder(nak ? "NAK" : "PREP", line(ports) + "\n");
                expected = nak ? model.refusal(exchange, now) : model.progress(exchange, now);
            }
            case 12 -> {
                packet = exchange.unreachableForRequester(syn);
                expected = model.errorAboutSyn(exchange, sourcePort, port, sequence, now);
            }
            case 13 -> {
                packet = random.nextBoolean()
                        ? exchange.unreachableForRequester(exchange.acknowledgement())
                        : exchange.unreachableForResponder(exchange.reply(line(ports)));
                expected = model.errorAboutDatagram(exchange, now);
                if (expected.startsWith("drop")) {
                    // Of exchanges that are over, the engine knows the ends until it has swept them out.
                    engine.engine()
                            .housekeep(
                                    epoch + now,
                                    TableLimits.DEFAULTS.transactions().capacity());
                }
            }
            default -> {
                packet = syn;
                expected = model.syn(exchange, sourcePort, port, sequence, now);
            }
        }
        final String seen = engine.send(packet, epoch + now).summary();
        assertEquals(expected, seen, () -> "seed " + seed + " step " + step);
        return seen;
    }

    private static List<EngineFixture> engines(final int count, final TableLimits limits) {
        final EngineSettings settings = EngineFixture.settings(EngineFixture.policy());
        final List<EngineFixture> engines = new ArrayList<>();
        engines.add(new EngineFixture(settings, limits));
        while (engines.size() < count) {
            engines.add(engines.get(0).sibling(settings));
        }
        return engines;
    }

    /** Whatever an ICMP error quotes, what the tables hold is the same to the bit before and after. */
    @Test
    void shouldChangeNothingForAnError() {
        final SplittableRandom random = new SplittableRandom(SEED + 3);
        final EngineFixture fixture = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy()),
                new TableLimits(
                        new TableLimits.Transactions(64, 32, 3600 * SECOND),
                        new TableLimits.Expectations(64, 32, 180 * SECOND, 5),
                        new TableLimits.Flows(64, 3600 * SECOND)));
        long now = 0;
        int related = 0;
        for (int round = 0; round < 20_000; round++) {
            fixture.send(randomPacket(random), now);
            final Exchange exchange = randomExchange(random);
            final int port = FIRST_PORT + random.nextInt(PORTS);
            fixture.send(exchange.request(), now);
            fixture.send(exchange.reply(line(ports(random))), now);
            fixture.send(exchange.syn(port), now);
            fixture.send(exchange.synAck(port), now);
            final List<String> before = rows(fixture, now);
            final Outcome outcome = fixture.send(error(random, exchange), now);
            assertEquals(before, rows(fixture, now), () -> "seed " + SEED + " " + outcome);
            related += outcome.reason() == Reason.RELATED ? 1 : 0;
            now += random.nextLong(SECOND);
        }
        assertTrue(related > 1000, related + " related");
    }

    private static List<String> rows(final EngineFixture fixture, final long now) {
        final List<String> rows = new ArrayList<>();
        for (final SavedRows table : List.of(
                fixture.tables().transactions(),
                fixture.tables().expectations(),
                fixture.tables().flows())) {
            table.save(now, row -> rows.add(java.util.Arrays.toString(row)));
        }
        return rows;
    }

    /** P6: whatever is sent, the tables hold no more than their limits, and an honest pair is served afterwards. */
    @Test
    void shouldHoldNoMoreThanItsLimits() {
        final SplittableRandom random = new SplittableRandom(SEED + 2);
        final EngineFixture fixture = new EngineFixture(
                EngineFixture.settings(EngineFixture.policy()),
                new TableLimits(
                        new TableLimits.Transactions(32, 16, 3600 * SECOND),
                        new TableLimits.Expectations(32, 12, 180 * SECOND, 5),
                        new TableLimits.Flows(32, 3600 * SECOND)));
        for (int i = 0; i < 50_000; i++) {
            final Exchange exchange = randomExchange(random).withNames("h" + random.nextInt(1000), "" + i % 7);
            final int port = FIRST_PORT + random.nextInt(500);
            fixture.send(exchange.request(), i);
            fixture.send(exchange.reply(line(List.of(port, port + 1, port + 2))), i);
            fixture.send(exchange.synFrom(1024 + random.nextInt(5000), port), i);
            assertTrue(fixture.tables().transactions().size() <= 32);
            assertTrue(fixture.tables().expectations().size() <= 32);
            assertTrue(fixture.tables().flows().size() <= 32);
        }
        final long later = 7200 * SECOND;
        fixture.engine().housekeep(later, 10_000);
        final Exchange honest = Exchange.of("sendbackup");
        assertEquals("accept request", fixture.send(honest.request(), later).summary());
        assertEquals(
                "accept reply",
                fixture.send(honest.reply(line(List.of(3000, 3001, 3002))), later)
                        .summary());
        assertEquals("accept expected", fixture.send(honest.syn(3000), later).summary());
    }

    /**
     * P9: whatever is asked in a requester's name, and whatever responders make of it, the exchanges that they had
     * acknowledged before get their REP, and the table stays within its limits.
     */
    @Test
    void shouldKeepWhatIsAcknowledgedWhateverElseIsAsked() {
        for (int run = 0; run < 20; run++) {
            final long seed = SEED + 7 + run;
            final SplittableRandom random = new SplittableRandom(seed);
            final int quota = 16 + random.nextInt(48);
            final int capacity = quota * (1 + random.nextInt(4));
            final EngineFixture fixture = new EngineFixture(
                    EngineFixture.settings(EngineFixture.policy()),
                    new TableLimits(
                            new TableLimits.Transactions(capacity, quota, 3600 * SECOND),
                            new TableLimits.Expectations(64, 32, 180 * SECOND, 5),
                            new TableLimits.Flows(64, 3600 * SECOND)));
            final List<Exchange> waiting = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                final Exchange estimate = Exchange.of("sendsize").withNames("estimate" + i, "" + seed);
                waiting.add(i % 2 == 0 ? estimate : estimate.overIpv6());
                fixture.send(waiting.get(i).request(), 0);
                fixture.send(waiting.get(i).fromResponder(i % 3 == 0 ? "PREP" : "ACK", ""), 0);
            }
            long now = 0;
            for (int i = 0; i < 10_000; i++) {
                now += random.nextLong(SECOND / 4);
                final Exchange forged = randomExchange(random).withNames("h" + random.nextInt(500), "" + run);
                fixture.send(
                        switch (random.nextInt(8)) {
                            case 0, 1, 2, 3 -> forged.request();
                            case 4 -> forged.fromResponder(random.nextBoolean() ? "ACK" : "PREP", "");
                            case 5 -> forged.reply(random.nextBoolean() ? "OPTIONS ;" : line(ports(random)));
                            case 6 -> forged.acknowledgement();
                            default -> forged.fromResponder("NAK", "ERROR x\n");
                        },
                        now);
                fixture.engine().housekeep(now, random.nextInt(8));
                assertTrue(fixture.tables().transactions().size() <= capacity);
            }
            for (final Exchange estimate : waiting) {
                assertEquals(
                        "accept reply",
                        fixture.send(estimate.reply("/ 0 SIZE 5"), now).summary(),
                        () -> "seed " + seed);
            }
        }
    }

    /** Real threads: each has its own exchanges, one sends rubbish, and each SYN is judged as if it were alone. */
    @Test
    void shouldServeSeveralThreadsOverTheSameTables() throws Exception {
        final int threads = 4;
        final List<EngineFixture> engines = engines(threads, TableLimits.DEFAULTS);
        final ExecutorService pool = Executors.newFixedThreadPool(threads);
        final CountDownLatch start = new CountDownLatch(1);
        final List<Future<Integer>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            final int thread = i;
            results.add(pool.submit(() -> {
                start.await();
                return thread == 0
                        ? sendRubbish(engines.get(thread), thread)
                        : sendBackups(engines.get(thread), thread);
            }));
        }
        start.countDown();
        for (final Future<Integer> result : results) {
            assertTrue(result.get(60, TimeUnit.SECONDS) > 0);
        }
        pool.shutdown();
        assertEquals(0, engines.get(0).tables().expectations().size());
    }

    private static int sendRubbish(final EngineFixture engine, final int thread) {
        final SplittableRandom random = new SplittableRandom(SEED + thread);
        int sent = 0;
        for (int i = 0; i < 20_000; i++) {
            engine.send(bytes(random, random.nextInt(100)), 1000);
            engine.send(Exchange.of("sendbackup").syn(40_000 + random.nextInt(1000)), 1000);
            engine.engine().housekeep(1000, 16);
            sent++;
        }
        return sent;
    }

    private static int sendBackups(final EngineFixture engine, final int thread) {
        int done = 0;
        for (int i = 0; i < 5000; i++) {
            final Exchange exchange = Exchange.of("sendbackup")
                    .withPorts(844 + thread, EngineFixture.CONTROL)
                    .withNames("t" + thread, "" + i);
            final int port = FIRST_PORT + thread * 1000 + i % 300 * 3;
            assertEquals("accept request", engine.send(exchange.request(), 1000).summary());
            assertEquals(
                    "accept reply",
                    engine.send(exchange.reply(line(List.of(port, port + 1, port + 2))), 1000)
                            .summary());
            for (int k = 0; k < 3; k++) {
                assertEquals(
                        "accept expected",
                        engine.send(exchange.synFrom(10_000 + i, port + k), 1000)
                                .summary());
                assertEquals(
                        "drop unexpected",
                        engine.send(exchange.synFrom(9_000, port + k), 1000).summary());
            }
            engine.send(exchange.acknowledgement(), 1000);
            done++;
        }
        return done;
    }

    @Test
    void shouldNotBeConfusedByOtherSettingsOfAnotherWorker() {
        final EngineFixture strict =
                new EngineFixture(EngineFixture.settings(Policy.of(List.of())), TableLimits.DEFAULTS);
        final EngineFixture open = strict.sibling(EngineFixture.settings(EngineFixture.policy()));
        final Exchange exchange = Exchange.of("sendbackup");

        assertEquals("drop not-allowed", strict.send(exchange.request(), 0).summary());
        assertEquals("accept request", open.send(exchange.request(), 0).summary());
        assertEquals(
                "accept refused-reply",
                strict.send(exchange.reply(line(List.of(2000, 2001, 2002))), 0).summary());
    }
}
