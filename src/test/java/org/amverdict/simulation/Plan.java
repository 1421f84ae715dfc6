package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
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

    /** How much happens in it. */
    enum Shape {
        /** One server and one client, one to three exchanges. */
        INTERLEAVING,
        /** Several servers and clients, some tens of exchanges over hours. */
        NIGHT
    }

    /** What holds for all of a plan and can be left out. */
    enum Feature {
        /** Links delay, lose and duplicate. */
        LINKS,
        /** Time passes between the arrival of a packet, its receive and the send of its verdict. */
        TURNS,
        /** Code fails on some packets. */
        FAILING_CODE
    }

    /** One attack or accident. */
    record Happening(int number, Kind kind, long atNanos, long seed) {}

    private static final long SECOND = Simulation.SECOND;
    private static final long HOUR = 3600 * SECOND;
    /** Most packets of one happening. */
    static final int PARTS_MAX = 200;

    private static final int FEATURES = 1_000_000;
    private static final int PORTS_PER_ORDER = 7;
    private static final int NARROW_PORTS_PER_ORDER = 5;
    private static final int STATICS = 4;

    private static final long IDLE = 6 * HOUR;
    private static final TableLimits AMPLE = new TableLimits(
            new TableLimits.Transactions(512, 256, 6 * HOUR),
            new TableLimits.Expectations(256, 128, 180 * SECOND, 5),
            new TableLimits.Flows(512, IDLE));
    private static final TableLimits SMALL = new TableLimits(
            new TableLimits.Transactions(24, 12, 6 * HOUR),
            new TableLimits.Expectations(24, 12, 180 * SECOND, 5),
            new TableLimits.Flows(48, IDLE));
    /** As small, for more exchanges. */
    private static final TableLimits SMALL_NIGHT = new TableLimits(
            new TableLimits.Transactions(144, 64, 6 * HOUR),
            new TableLimits.Expectations(192, 96, 180 * SECOND, 5),
            new TableLimits.Flows(288, IDLE));

    final long seed;
    final Shape shape;
    final Set<Kind> kinds;
    final boolean knowing;
    final Placement placement;
    final boolean six;
    final boolean matchInterfaces;
    final boolean adopts;
    final boolean dropsRefused;
    final TableLimits limits;
    final int workers;
    /** Whether a single worker decides everything once more, for comparison. */
    final boolean compared;

    final Terms terms;
    final List<Order> orders = new ArrayList<>();
    final List<Happening> happenings = new ArrayList<>();
    final List<String> servers = new ArrayList<>();
    final List<String> clients = new ArrayList<>();
    /** Requester ports begin here. */
    final int firstPort;

    private final Set<Feature> features = EnumSet.noneOf(Feature.class);
    private final SplittableRandom random;

    /** @param kinds those that may be in it */
    Plan(final long seed, final Shape shape, final Set<Kind> kinds) {
        this.seed = seed;
        this.shape = shape;
        this.kinds = Set.copyOf(kinds);
        random = new SplittableRandom(seed);
        final boolean night = shape == Shape.NIGHT;
        knowing = random.nextInt(3) == 0;
        placement = Placement.values()[random.nextInt(8) < 5 ? 1 : random.nextInt(2) * 2];
        six = random.nextInt(4) == 0;
        matchInterfaces = random.nextInt(8) != 0;
        adopts = random.nextInt(8) == 0;
        dropsRefused = random.nextInt(4) == 0;
        limits = random.nextBoolean() ? AMPLE : night ? SMALL_NIGHT : SMALL;
        workers = 1 + random.nextInt(3);
        terms = Terms.all(random.nextBoolean(), random.nextInt(3) == 0);
        compared = random.nextInt(4) == 0;
        firstPort = night ? 600 : 840;
        name(EngineFixture.SERVER, EngineFixture.SERVER6, servers, night ? random.nextInt(2) : 0);
        name(EngineFixture.CLIENT, EngineFixture.CLIENT6, clients, night ? 1 + random.nextInt(4) : 0);
        for (int i = night ? 11 + random.nextInt(20) : random.nextInt(3); i >= 0; i--) {
            orders.add(order(orders.size()));
        }
        for (final Feature feature : Feature.values()) {
            if (random.nextInt(3) == 0) {
                features.add(feature);
            }
        }
        happen(kinds);
    }

    /** The first host and so many more. */
    private void name(final String four, final String first6, final List<String> hosts, final int more) {
        hosts.add(six ? first6 : four);
        for (int i = 1; i <= more; i++) {
            hosts.add(six ? first6 + i : four.substring(0, four.length() - 2) + (30 + i));
        }
    }

    private <T> T any(final List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private Order order(final int number) {
        final Order.Purpose purpose = purpose(number);
        final String server = any(servers);
        final String client = any(clients);
        final int first = terms.narrow() ? 50_000 + number * NARROW_PORTS_PER_ORDER : 11_100 + random.nextInt(50_000);
        final int connector = 32_768 + random.nextInt(28_000);
        final int asking = firstPort + number * PORTS_PER_ORDER + random.nextInt(PORTS_PER_ORDER);
        final boolean recovery = purpose == Order.Purpose.INDEX || purpose == Order.Purpose.TAPE;
        final Way way = purpose == Order.Purpose.STATIC
                ? new Way(server, 11_000 + number * 5 + random.nextInt(5), client, 11_000 + random.nextInt(20))
                : new Way(recovery ? client : server, asking, recovery ? server : client, EngineFixture.CONTROL);
        final List<String> streams = streams(purpose);
        final boolean handles = streams.size() > 1 && random.nextInt(5) == 0;
        final int listeners = handles ? 1 : streams.size() == 3 ? 2 + random.nextInt(2) : streams.size();
        return new Order(
                purpose,
                number,
                start(),
                way,
                "000-0000000" + random.nextInt(4),
                Integer.toString(1_795_000_000 + random.nextInt(2_000_000)),
                work(purpose),
                silence(),
                pause(),
                connector,
                streams,
                List.of(first, first + 1, first + 2, first + 3).subList(0, listeners),
                handles);
    }

    private Order.Purpose purpose(final int number) {
        if (terms.statics() && number < STATICS && random.nextInt(5) == 0) {
            return Order.Purpose.STATIC;
        }
        if (shape == Shape.NIGHT && random.nextInt(2) == 0) {
            return Order.Purpose.BACKUP;
        }
        final Order.Purpose[] others = Order.Purpose.values();
        return others[random.nextInt(others.length - 1)];
    }

    private List<String> streams(final Order.Purpose purpose) {
        return switch (purpose) {
            case BACKUP -> List.of("DATA", "MESG", "INDEX", "STATE").subList(0, 3 + (random.nextInt(4) == 0 ? 1 : 0));
            case INDEX -> List.of("MESG");
            case TAPE -> List.of("CTL", "DATA");
            default -> List.of();
        };
    }

    private long start() {
        return shape == Shape.NIGHT && random.nextBoolean() ? random.nextLong(3 * HOUR) : random.nextLong(SECOND);
    }

    private long work(final Order.Purpose purpose) {
        return switch (purpose) {
            case ESTIMATE -> any(List.of(1L, 20L, 1200L, 14_400L)) * SECOND;
            case BACKUP, CHECK, INDEX, TAPE -> random.nextInt(4) == 0 ? 20 * SECOND : SECOND / 10;
            default -> 0;
        };
    }

    private long silence() {
        return any(List.of(1L, 20L, 1200L, 10_800L)) * SECOND;
    }

    private long pause() {
        return knowing && random.nextBoolean() ? random.nextLong(60 * SECOND) : SECOND / 2000;
    }

    /** How many ports requesters may have. */
    int ports() {
        return shape == Shape.NIGHT ? orders.size() * PORTS_PER_ORDER : 21;
    }

    /** How many ports streams may have where they are few. */
    int narrowPorts() {
        return shape == Shape.NIGHT ? orders.size() * NARROW_PORTS_PER_ORDER : 20;
    }

    boolean has(final Feature feature, final Cut cut) {
        return features.contains(feature) && cut.keeps(idOf(feature));
    }

    /** Whether nothing but honest exchanges happens, over perfect links. */
    boolean isCalm() {
        return happenings.isEmpty() && !features.contains(Feature.LINKS) && !features.contains(Feature.FAILING_CODE);
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
            chosen.removeAll(EnumSet.of(Kind.RESTARTS, Kind.POLICIES, Kind.KILLS, Kind.STALLS));
            features.removeAll(EnumSet.of(Feature.LINKS, Feature.FAILING_CODE));
        }
        if (chosen.isEmpty()) {
            return;
        }
        final List<Kind> all = List.copyOf(chosen);
        long end = 0;
        for (final Order order : orders) {
            end = Math.max(end, order.endNanos());
        }
        for (int i = random.nextInt(shape == Shape.NIGHT ? 12 : 6); i >= 0; i--) {
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

    private static int idOf(final Feature feature) {
        return FEATURES + feature.ordinal();
    }

    /** Whether the tables are so small that every limit is met. */
    boolean isSmall() {
        return !limits.equals(AMPLE);
    }

    /**
     * Whether these terms allow what the honest do. In monitor mode a REP whose REQ was not seen gets through; it is
     * then not repeated and opens nothing.
     */
    boolean isServedBy(final Terms others) {
        if (!others.enforced() && has(Kind.UNSEEN)) {
            return false;
        }
        for (final Order order : orders) {
            final boolean served = others.client()
                    && switch (order.purpose()) {
                        case ESTIMATE -> others.estimates();
                        case BACKUP, INDEX, TAPE ->
                            (others.dumps() || order.purpose() != Order.Purpose.BACKUP)
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

    /** Whether that happens in it. */
    boolean has(final Kind kind) {
        return happenings.stream().anyMatch(happening -> happening.kind() == kind);
    }

    /** Honest dumps, without those that are left out. */
    int dumps(final Cut cut) {
        int dumps = 0;
        for (final Order order : orders) {
            dumps += order.purpose() == Order.Purpose.BACKUP && cut.keeps(idOf(order)) ? 1 : 0;
        }
        return dumps;
    }

    @Override
    public String toString() {
        return shape.name().toLowerCase(Locale.ROOT) + " of seed " + seed + ": " + placement
                + (six ? ", IPv6" : ", IPv4")
                + (knowing ? ", attackers see the traffic" : "")
                + (matchInterfaces ? "" : ", interfaces do not matter")
                + (adopts ? ", flows are adopted" : "")
                + (isSmall() ? ", small tables" : "") + ", " + workers + " workers, " + terms;
    }

    /** What of it is kept, in words. */
    List<String> story(final Cut cut) {
        final List<String> story = new ArrayList<>();
        story.add(toString());
        for (final Feature feature : features) {
            if (cut.keeps(idOf(feature))) {
                story.add("  " + feature);
            }
        }
        for (final Order order : orders) {
            if (cut.keeps(idOf(order))) {
                story.add("  honest: " + order);
            }
        }
        for (final Happening happening : happenings) {
            if (cut.keeps(idOf(happening.number(), -1))) {
                story.add("  " + happening.kind() + " from " + happening.atNanos() / (double) SECOND + " s");
            }
        }
        return story;
    }
}
