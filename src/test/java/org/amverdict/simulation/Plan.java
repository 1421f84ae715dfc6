package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.amverdict.engine.EngineFixture;
import org.amverdict.track.TableLimits;

/** What one seed stands for: the events, their times, and what the engine sees. */
final class Plan {
    /** How much the engine sees, see placements.md. */
    enum Placement {
        GATE,
        INLINE,
        OFFLOAD
    }

    /** What an honest exchange is of. */
    enum Purpose {
        ESTIMATE("sendsize"),
        BACKUP("sendbackup"),
        CHECK("selfcheck"),
        BSDTCP(""),
        STATIC("");

        private final String service;

        Purpose(final String service) {
            this.service = service;
        }
    }

    /** One attack or accident. */
    record Happening(int number, Kind kind, long atNanos, long seed) {}

    /** One honest exchange. */
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
            List<Integer> ports) {
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
                return purpose == Purpose.CHECK
                        ? "OPTIONS x;\n" + "OK /home\n".repeat(200)
                        : "OPTIONS ;\n/home 0 SIZE 9\n";
            }
            return connectLine(ports) + "\nOPTIONS features=" + EngineFixture.FEATURES + ";\n";
        }

        /** DATA is busy, MESG and INDEX are silent for most of the time. */
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
    }

    static String connectLine(final List<Integer> ports) {
        return "CONNECT DATA " + ports.get(0) + " MESG " + ports.get(1) + " INDEX "
                + (ports.size() > 2 ? ports.get(2) : -1);
    }

    static final int FIRST_PORT = 840;
    static final int PORTS = 21;
    private static final long SECOND = Simulation.SECOND;
    private static final int HAPPENINGS_MAX = 6;
    /** Most packets of one happening. */
    private static final int PARTS_MAX = 200;

    private static final long IDLE = 6 * 3600 * SECOND;
    private static final TableLimits AMPLE = new TableLimits(
            new TableLimits.Transactions(512, 256, 6 * 3600 * SECOND),
            new TableLimits.Expectations(256, 128, 180 * SECOND, 5),
            new TableLimits.Flows(512, IDLE));
    private static final TableLimits SMALL = new TableLimits(
            new TableLimits.Transactions(24, 12, 6 * 3600 * SECOND),
            new TableLimits.Expectations(24, 12, 180 * SECOND, 5),
            new TableLimits.Flows(48, IDLE));

    final long seed;
    final boolean knowing;
    final Placement placement;
    final boolean six;
    final boolean matchInterfaces;
    final boolean adopts;
    final boolean dropsRefused;
    final TableLimits limits;
    final int workers;
    final Terms terms;
    final List<Order> orders = new ArrayList<>();
    final List<Happening> happenings = new ArrayList<>();
    final String server;
    final String client;
    private final SplittableRandom random;

    /** @param kinds those that may be in it */
    Plan(final long seed, final Set<Kind> kinds) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        knowing = random.nextInt(3) == 0;
        placement = Placement.values()[random.nextInt(8) < 5 ? 1 : random.nextInt(2) * 2];
        six = random.nextInt(4) == 0;
        matchInterfaces = random.nextInt(8) != 0;
        adopts = random.nextInt(8) == 0;
        dropsRefused = random.nextInt(4) == 0;
        limits = random.nextBoolean() ? AMPLE : SMALL;
        workers = 1 + random.nextInt(3);
        terms = Terms.all(random.nextBoolean(), random.nextInt(3) == 0);
        server = six ? EngineFixture.SERVER6 : EngineFixture.SERVER;
        client = six ? EngineFixture.CLIENT6 : EngineFixture.CLIENT;
        for (int i = random.nextInt(3); i >= 0; i--) {
            orders.add(order(orders.size()));
        }
        happen(kinds);
    }

    private Order order(final int number) {
        final Purpose[] purposes = Purpose.values();
        final Purpose purpose = purposes[random.nextInt(terms.statics() ? purposes.length : purposes.length - 1)];
        final int first = terms.narrow() ? 50_000 + number * 5 : 11_100 + random.nextInt(50_000);
        final int connector = 32_768 + random.nextInt(28_000);
        final Way way = purpose == Purpose.STATIC
                ? new Way(server, 11_000 + number * 5 + random.nextInt(5), client, 11_000 + random.nextInt(20))
                : new Way(server, FIRST_PORT + number * 7 + random.nextInt(7), client, EngineFixture.CONTROL);
        return new Order(
                purpose,
                number,
                random.nextLong(SECOND),
                way,
                "000-0000000" + random.nextInt(4),
                Integer.toString(1_795_000_000 + random.nextInt(2_000_000)),
                work(purpose),
                silence(),
                pause(),
                connector,
                purpose == Purpose.BACKUP
                        ? List.of(first, first + 1, first + 2).subList(0, 2 + random.nextInt(2))
                        : List.of());
    }

    private long work(final Purpose purpose) {
        return switch (purpose) {
            case ESTIMATE -> List.of(1L, 20L, 1200L, 14_400L).get(random.nextInt(4)) * SECOND;
            case BACKUP, CHECK -> random.nextInt(4) == 0 ? 20 * SECOND : SECOND / 10;
            default -> 0;
        };
    }

    private long silence() {
        return List.of(1L, 20L, 1200L, 10_800L).get(random.nextInt(4)) * SECOND;
    }

    /** Between the REP and the first connection, and between connections. */
    private long pause() {
        return knowing && random.nextBoolean() ? random.nextLong(60 * SECOND) : SECOND / 2000;
    }

    private void happen(final Set<Kind> kinds) {
        final Set<Kind> chosen = EnumSet.noneOf(Kind.class);
        for (final Kind kind : kinds) {
            if ((knowing || !kind.needsKnowledge()) && (kinds.size() < 3 || random.nextInt(3) == 0)) {
                chosen.add(kind);
            }
        }
        if (chosen.contains(Kind.FLOOD) && !knowing) {
            // A handshake that a stop draws out looks like a forged one: there is no way to tell which to give up.
            chosen.removeAll(EnumSet.of(Kind.RESTARTS, Kind.POLICIES));
        }
        if (chosen.isEmpty()) {
            return;
        }
        final List<Kind> all = List.copyOf(chosen);
        long end = 0;
        for (final Order order : orders) {
            end = Math.max(end, order.endNanos());
        }
        for (int i = random.nextInt(HAPPENINGS_MAX); i >= 0; i--) {
            final Order order = orders.get(random.nextInt(orders.size()));
            final long at = switch (random.nextInt(4)) {
                case 0 -> random.nextLong(3 * SECOND);
                case 1 -> random.nextLong(60 * SECOND);
                case 2 -> random.nextLong(end + SECOND);
                default -> order.startNanos() + order.workNanos() + random.nextLong(SECOND / 200);
            };
            happenings.add(new Happening(i, all.get(random.nextInt(all.size())), at, random.nextLong()));
        }
    }

    /** Names packet {@code part} of a happening, -1 for all of it. */
    static int idOf(final int happening, final int part) {
        return happening * PARTS_MAX + part + 1;
    }

    /** Names an honest exchange. */
    static int idOf(final Order order) {
        return -1 - order.number();
    }

    /** The ids of all that can be left out. */
    List<Integer> ids() {
        final List<Integer> ids = new ArrayList<>();
        happenings.forEach(happening -> ids.add(idOf(happening.number(), -1)));
        orders.forEach(order -> ids.add(idOf(order)));
        for (final Happening happening : happenings) {
            for (int part = 0; part < PARTS_MAX - 1; part++) {
                ids.add(idOf(happening.number(), part));
            }
        }
        return ids;
    }

    /** Whether the tables are so small that every limit is met. */
    boolean isSmall() {
        return limits.equals(SMALL);
    }

    /**
     * Whether these terms allow what the honest do. In monitor mode a REP whose REQ was not seen gets through; it is
     * then not repeated and opens nothing.
     */
    boolean isServedBy(final Terms others) {
        if (!others.enforced() && happenings.stream().anyMatch(happening -> happening.kind() == Kind.UNSEEN)) {
            return false;
        }
        for (final Order order : orders) {
            final boolean served = others.client()
                    && switch (order.purpose()) {
                        case ESTIMATE -> others.estimates();
                        case BACKUP ->
                            others.dumps()
                                    && (!others.narrow()
                                            || order.ports().stream().allMatch(Terms.NARROW::contains));
                        case CHECK -> others.checks();
                        case BSDTCP -> true;
                        case STATIC -> others.statics();
                    };
            if (!served) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "seed " + seed + ": " + placement + (six ? ", IPv6" : ", IPv4")
                + (knowing ? ", attackers see the traffic" : "")
                + (matchInterfaces ? "" : ", interfaces do not matter")
                + (adopts ? ", flows are adopted" : "")
                + (isSmall() ? ", small tables" : "") + ", " + workers + " workers, " + terms;
    }
}
