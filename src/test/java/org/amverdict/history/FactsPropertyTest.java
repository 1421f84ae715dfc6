package org.amverdict.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.PolicyRevocation;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.telemetry.Stage;
import org.amverdict.track.Scratch;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of random traffic between reloads, changes of the mode and flushes. */
@Tag("property")
final class FactsPropertyTest {
    /** The records of so many wait in a ring. */
    private static final int STEPS = 700;

    private static final String[] SERVERS = {EngineFixture.SERVER, "192.0.2.11"};
    private static final String[] CLIENTS = {EngineFixture.CLIENT, "198.51.100.25"};
    private static final int PORTS = 20;
    private static final int FIRST_PORT = 50_000;
    private static final Policy[] POLICIES = {
        EngineFixture.policy(),
        EngineFixture.policy(-1, PortSet.range(FIRST_PORT, FIRST_PORT + PORTS / 2)),
        EngineFixture.policy(1, PortSet.range(1024, 65_535))
    };
    private static final TableLimits LIMITS = new TableLimits(
            new TableLimits.Transactions(8, 3, 60 * Stage.SECOND),
            new TableLimits.Expectations(16, 7, 10 * Stage.SECOND, 5),
            new TableLimits.Flows(64, 86_400 * Stage.SECOND));

    private final Map<String, RecentDrop> firstSaid = new HashMap<>();

    private static void step(final Stage stage, final Random random) {
        stage.later(2 * Stage.MILLI + random.nextInt(500) * Stage.MILLI);
        final String server = SERVERS[random.nextInt(5) / 4];
        final String client = CLIENTS[random.nextInt(5) / 4];
        final Stage.Talk talk = stage.talk(random.nextInt(4));
        final int port = FIRST_PORT + random.nextInt(PORTS);
        switch (random.nextInt(12)) {
            case 0, 1, 2 ->
                stage.send(EngineFixture.udp(
                        server,
                        random.nextInt(10) == 0 ? 51_000 : talk.port(),
                        client,
                        EngineFixture.CONTROL,
                        EngineFixture.message(
                                "REQ",
                                talk.handle(),
                                talk.sequence(),
                                EngineFixture.requestBody(random.nextInt(6) == 0 ? "noop" : "sendbackup"))));
            case 3, 4, 5 ->
                answer(
                        stage,
                        talk,
                        server,
                        client,
                        "REP",
                        "CONNECT DATA " + port + " MESG " + (port + 1) + " INDEX " + (port + 2) + "\n");
            case 6 -> answer(stage, talk, server, client, random.nextBoolean() ? "NAK" : "ACK", "");
            case 7 ->
                stage.engine
                        .tables()
                        .expectations()
                        .flush(new Scratch(stage.engine.tables().operatorEndings()));
            case 8 -> reload(stage, random);
            default -> stage.send(PacketBuilder.ip(server, client).tcp(50_000, port, TcpView.SYN, new byte[0]));
        }
    }

    private static void answer(
            final Stage stage,
            final Stage.Talk talk,
            final String server,
            final String client,
            final String type,
            final String body) {
        stage.send(EngineFixture.udp(
                client,
                EngineFixture.CONTROL,
                server,
                talk.port(),
                EngineFixture.message(type, talk.handle(), talk.sequence(), body)));
    }

    private static void reload(final Stage stage, final Random random) {
        final Policy policy = POLICIES[random.nextInt(POLICIES.length)];
        final EngineSettings settings = EngineSettings.builder(policy)
                .enforce(random.nextBoolean())
                .dropRefusedReplies(random.nextBoolean())
                .conclude();
        stage.settings = settings;
        stage.engine.engine().settings(settings);
        final PolicyRevocation revocation = new PolicyRevocation(stage.engine.tables(), policy);
        revocation.exchanges();
        revocation.expectations();
    }

    /** What was said of a packet at once is said of it later, whatever came between and however late it is read. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldSayTheSameWheneverItIsReadAndAsked(final long seed) {
        final Stage prompt = new Stage(null, EngineFixture.settings(POLICIES[0]), LIMITS);
        final Stage late = new Stage(null, EngineFixture.settings(POLICIES[0]), LIMITS);
        final Random forPrompt = new Random(seed);
        final Random forLate = new Random(seed);
        for (int i = 0; i < STEPS; i++) {
            step(prompt, forPrompt);
            prompt.settle();
            prompt.telemetry.drops().recent(1).forEach(drop -> firstSaid.putIfAbsent(key(drop), drop));
            step(late, forLate);
        }
        late.settle();

        final List<RecentDrop> said = prompt.telemetry.drops().recent(STEPS);
        assertEquals(0, late.telemetry.lost());
        assertEquals(said, late.telemetry.drops().recent(STEPS));
        assertTrue(said.stream().map(RecentDrop::cause).distinct().count() > 5, said.toString());
        for (final RecentDrop drop : said) {
            assertEquals(firstSaid.get(key(drop)), drop, "what was said at once");
        }
    }

    /** A repeated drop is reported again, so a key has the time of the last. */
    private static String key(final RecentDrop drop) {
        return drop.lastEpochNanos() + drop.source() + drop.destination() + drop.destinationPort();
    }
}
