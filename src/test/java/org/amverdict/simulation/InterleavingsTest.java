package org.amverdict.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.engine.Reason;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * P1 to P9 over random interleavings. {@code -Dseed=} names the first seed, {@code -Dinterleavings=} how many there are,
 * {@code -Dkinds=REQUESTS,SYNS} what happens in them. A failure prints the one seed that failed, with the packets that it
 * takes; {@code -Dfailures=} continues until there are that many.
 */
@Tag("property")
final class InterleavingsTest {
    private static final long SEED = Long.getLong("seed", 20_261_130);
    private static final int COUNT = Integer.getInteger("interleavings", 50_000);

    /** Enough that everything happens. */
    private static final int ENOUGH = 1000;

    private static final Set<Reason> ACCEPTED = EnumSet.of(
            Reason.REQUEST,
            Reason.ACK,
            Reason.REPLY,
            Reason.REFUSED_REPLY,
            Reason.EXPECTED,
            Reason.ESTABLISHED,
            Reason.CONTROL_TCP,
            Reason.STATIC,
            Reason.RELATED);
    private static final Set<Reason> DROPPED = EnumSet.of(
            Reason.NOT_ALLOWED,
            Reason.SERVICE_NOT_ALLOWED,
            Reason.UNSOLICITED,
            Reason.WRONG_DIRECTION,
            Reason.UNEXPECTED,
            Reason.NO_FLOW,
            Reason.NOT_AMANDA,
            Reason.FRAGMENT);

    private static final int FAILURES_MAX = Integer.getInteger("failures", 1);

    @Test
    void shouldHoldWhateverHappensBesideHonestExchanges() {
        final Set<Kind> kinds = Kind.named(System.getProperty("kinds", ""));
        System.out.println("interleavings from seed " + SEED + ": " + COUNT + " of " + kinds);
        final Map<Reason, Integer> accepted = new EnumMap<>(Reason.class);
        final Map<Reason, Integer> dropped = new EnumMap<>(Reason.class);
        long packets = 0;
        final List<AssertionError> failures = new ArrayList<>();
        for (int i = 0; i < COUNT && failures.size() < FAILURES_MAX; i++) {
            try {
                final Play played = Search.check(new Plan(SEED + i, Plan.Shape.INTERLEAVING, kinds));
                packets += played.packets();
                played.ledger().accepted().forEach((reason, count) -> accepted.merge(reason, count, Integer::sum));
                played.ledger().dropped().forEach((reason, count) -> dropped.merge(reason, count, Integer::sum));
            } catch (final AssertionError e) {
                failures.add(e);
            }
        }
        System.out.println(packets + " packets, accepted " + accepted + ", dropped " + dropped);
        failures.forEach(failure -> System.out.println(failure.getMessage()));
        assertTrue(failures.isEmpty(), () -> String.valueOf(failures.get(0).getMessage()));
        if (kinds.size() == Kind.values().length && COUNT >= ENOUGH) {
            assertTrue(accepted.keySet().containsAll(ACCEPTED), () -> "accepted " + accepted);
            assertTrue(dropped.keySet().containsAll(DROPPED), () -> "dropped " + dropped);
        }
    }

    /** Otherwise P9 says nothing. */
    @Test
    void shouldServeHonestExchangesThatAreAlone() {
        for (int i = 0; i < 1000; i++) {
            Search.check(new Plan(SEED + i, Plan.Shape.INTERLEAVING, EnumSet.noneOf(Kind.class)));
        }
    }
}
