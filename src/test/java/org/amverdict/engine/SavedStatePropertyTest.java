package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.amanda.Service;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.amverdict.state.Moment;
import org.amverdict.state.StateFile;
import org.amverdict.track.SavedRows;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the configuration of today is, a restart leaves what a reload to it would have left: nothing that it forbids
 * comes back, and nothing that it allows is lost. {@code -Dseed=} gives another seed.
 */
@Tag("property")
final class SavedStatePropertyTest {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long SEED = Long.getLong("seed", 20_261_202);
    private static final long STOP = 100 * SECOND;
    private static final Moment MOMENT = new Moment(STOP, 1_000 * SECOND, 1_700_000_000_000L);
    /** Small quotas, so that exchanges are given up before what they announced. */
    private static final TableLimits LIMITS = new TableLimits(
            new TableLimits.Transactions(96, 5, 6 * 3600 * SECOND),
            new TableLimits.Expectations(256, 64, 300 * SECOND, 5),
            new TableLimits.Flows(256, 5 * 86_400 * SECOND));

    private static final HostSet SERVERS = HostSet.of("192.0.2.0/24", "2001:db8:1::/64");
    private static final HostSet CLIENTS = HostSet.of("198.51.100.0/24", "2001:db8:2::/64");
    private static final PortSet OTHER_CONTROL = PortSet.of(10_081);
    private static final Service[] OFTEN = {
        Service.SENDBACKUP, Service.AMINDEXD, Service.SELFCHECK, Service.AMIDXTAPED, Service.NOOP
    };

    @TempDir
    private Path directory;

    private static boolean oneIn(final SplittableRandom random, final int many) {
        return random.nextInt(many) == 0;
    }

    private static Policy policy(final SplittableRandom random) {
        final List<Allowance> lines = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            final boolean dumps = random.nextBoolean();
            lines.add(new Allowance(
                    "line " + i,
                    hosts(random, dumps),
                    hosts(random, !dumps),
                    services(random),
                    ports(random),
                    random.nextBoolean()));
        }
        final List<StaticRange> statics = oneIn(random, 3)
                ? List.of(new StaticRange(
                        SERVERS, CLIENTS, PortSet.range(RandomTraffic.FIRST_PORT, RandomTraffic.FIRST_PORT + 7)))
                : List.of();
        return Policy.of(
                lines,
                statics,
                oneIn(random, 8) ? OTHER_CONTROL : Policy.DEFAULT_CONTROL_PORTS,
                oneIn(random, 8) ? PortSet.of(844) : Policy.DEFAULT_REQUESTER_PORTS);
    }

    private static HostSet hosts(final SplittableRandom random, final boolean servers) {
        if (!oneIn(random, 3)) {
            return servers ? SERVERS : CLIENTS;
        }
        return servers
                ? HostSet.of("192.0.2.10/31", "2001:db8:1::10/127")
                : HostSet.of("198.51.100.10/31", "2001:db8:2::10/127", EngineFixture.CLIENT);
    }

    private static int services(final SplittableRandom random) {
        int services = 0;
        for (final Service service : OFTEN) {
            services |= oneIn(random, 3) ? 0 : service.bit();
        }
        return services;
    }

    private static PortSet ports(final SplittableRandom random) {
        final int first = RandomTraffic.FIRST_PORT + random.nextInt(16);
        return oneIn(random, 2) ? Policy.DEFAULT_STREAM_PORTS : PortSet.range(first, first + random.nextInt(16));
    }

    /** Most is allowed, so that there is something to be forbidden later. */
    private static Policy generous(final SplittableRandom random) {
        final Policy some = policy(random);
        final List<Allowance> lines = new ArrayList<>(some.allowances());
        int all = 0;
        for (final Service service : OFTEN) {
            all |= service.bit();
        }
        lines.add(new Allowance("dumps", SERVERS, CLIENTS, all, Policy.DEFAULT_STREAM_PORTS, true));
        lines.add(new Allowance("recovery", CLIENTS, SERVERS, all, Policy.DEFAULT_STREAM_PORTS, true));
        return Policy.of(lines, some.statics(), Policy.DEFAULT_CONTROL_PORTS, Policy.DEFAULT_REQUESTER_PORTS);
    }

    /** Exchanges under way, expectations, connections, some of them refused, and legacy recovery. */
    private static EngineFixture used(final RandomTraffic traffic, final Policy policy) {
        final EngineFixture engine = new EngineFixture(EngineFixture.settings(policy), LIMITS);
        long now = 0;
        for (int i = 0; i < 900; i++) {
            final Exchange exchange = traffic.exchange();
            final byte[] packet = switch (traffic.random.nextInt(7)) {
                case 0, 1 -> exchange.request();
                case 2 -> exchange.reply(traffic.line(exchange));
                case 3 -> exchange.acknowledgement();
                default -> traffic.connection(exchange).packet();
            };
            engine.send(packet, now);
            now += traffic.random.nextLong(STOP / 900);
        }
        final LegacyConnection tape = LegacyConnection.of(traffic.random.nextBoolean());
        for (final byte[] packet : List.of(
                tape.syn(),
                tape.synAck(),
                tape.client(0, LegacyConnection.CLIENT_TEXT),
                tape.server(0, LegacyConnection.SERVER_TEXT))) {
            engine.send(packet, now);
        }
        if (traffic.random.nextBoolean()) {
            engine.send(tape.dataSyn(600, LegacyConnection.PORT), now);
        }
        return engine;
    }

    private static void takeBack(final Tables tables, final Policy policy) {
        final PolicyRevocation revocation = new PolicyRevocation(tables, policy);
        revocation.exchanges();
        revocation.expectations();
        revocation.flows();
        revocation.expectations();
    }

    /** As the daemon starts. */
    private EngineFixture loaded(final StateFile state, final Policy policy) throws Exception {
        final EngineFixture engine = new EngineFixture(EngineFixture.settings(policy), LIMITS);
        state.load(engine.tables(), MOMENT);
        takeBack(engine.tables(), policy);
        return engine;
    }

    /** As the daemon reloads. */
    private static void reload(final EngineFixture engine, final Policy policy) {
        engine.engine().settings(EngineFixture.settings(policy));
        takeBack(engine.tables(), policy);
    }

    private static List<String> rows(final Tables tables) {
        final List<String> rows = new ArrayList<>();
        for (final SavedRows table : List.of(tables.transactions(), tables.expectations(), tables.flows())) {
            table.save(STOP, row -> rows.add(Arrays.toString(row)));
        }
        rows.sort(null);
        return rows;
    }

    @Test
    void shouldLeaveWhatAReloadWouldHaveLeft() throws Exception {
        int lost = 0;
        int kept = 0;
        for (int run = 0; run < 60; run++) {
            final String seed = "seed " + (SEED + run);
            final RandomTraffic traffic = new RandomTraffic(SEED + run);
            final Policy old = generous(traffic.random);
            final StateFile state = new StateFile(directory.resolve("state"));
            final EngineFixture before = used(traffic, old);
            state.save(before.tables(), MOMENT);

            assertEquals(rows(before.tables()), rows(loaded(state, old).tables()), seed + ", the same policy");
            for (int i = 0; i < 4; i++) {
                final Policy policy = policy(traffic.random);
                final EngineFixture restarted = loaded(state, policy);
                final EngineFixture reloaded = loaded(state, old);
                reload(reloaded, policy);

                assertEquals(rows(reloaded.tables()), rows(restarted.tables()), seed + " policy " + i);
                lost += before.tables().expectations().size()
                        - restarted.tables().expectations().size();
                kept += restarted.tables().expectations().size();
                decideTheSame(traffic, reloaded, restarted, seed + " policy " + i);
            }
            final EngineFixture nothing = loaded(state, Policy.of(List.of()));
            assertEquals(0, nothing.tables().expectations().size(), seed);
            assertEquals(0, nothing.tables().transactions().size(), seed);
            assertEquals(
                    loaded(state, old).tables().flows().size(),
                    nothing.tables().flows().size(),
                    "what was let in stays, " + seed);
        }
        assertTrue(lost > 100 && kept > 100, "it tests nothing: " + lost + " lost, " + kept + " kept");
    }

    /** And everything that comes then is judged the same, resets of connections that were just made above all. */
    private static void decideTheSame(
            final RandomTraffic traffic, final EngineFixture some, final EngineFixture others, final String which) {
        for (int i = 0; i < 200; i++) {
            final Exchange exchange = traffic.exchange();
            final byte[] packet = switch (traffic.random.nextInt(5)) {
                case 0 -> exchange.request();
                case 1 -> exchange.reply(traffic.line(exchange));
                case 2 ->
                    exchange.tcpBack(RandomTraffic.FIRST_PORT + traffic.random.nextInt(24), TcpView.RST | TcpView.ACK);
                default -> traffic.connection(exchange).packet();
            };
            final long now = STOP + i * SECOND / 10;
            assertEquals(
                    some.send(packet, now).summary(), others.send(packet, now).summary(), which + " packet " + i);
        }
        assertEquals(some.expectations(), others.expectations(), which);
    }
}
