package org.amverdict.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amverdict.packet.Tuple;
import org.junit.jupiter.api.Test;

/** What holds of every table of {@code track}; the rest is tested with the tables themselves. */
final class ChargedTableTest {
    private static final long HOST = 0xffff_c000_0000L;
    private static final long PEER = 0xffff_c633_6401L;
    /** What {@link HostCounts} counts if it is made for one record. */
    private static final int HOSTS = 1025;

    private static final class Buffers extends RecordBuffers {}

    private static final class Limits implements ChargedTable.LimitCounter {
        int quota;
        int full;

        @Override
        public void quotaReached() {
            quota++;
        }

        @Override
        public void tableFull() {
            full++;
        }
    }

    private final SlotTable slots = new SlotTable(TableKey.WORDS, 2, 4096, 1);
    private final HostCounts hosts = new HostCounts(1, 1);
    private final Limits limits = new Limits();
    private final Buffers buffers = new Buffers();

    private ChargedTable<Buffers> table(final int perHost) {
        return new ChargedTable<>(slots, hosts, limits, perHost, (slot, all, nowNanos) -> true);
    }

    private int enter(final ChargedTable<Buffers> table, final int host, final int port) {
        TableKey.setDirected(buffers.entry, new Tuple().set(0, HOST + host, port, 0, PEER, 10_080));
        return table.enter(buffers, 1);
    }

    private int count(final int host) {
        return hosts.count(0, HOST + host, buffers.host);
    }

    @Test
    void shouldChargeEveryRecordWhenNoMoreHostsCanBeCounted() {
        final ChargedTable<Buffers> table = table(ChargedTable.UNLIMITED);
        for (int host = 0; host < HOSTS + 75; host++) {
            assertTrue(enter(table, host, 7000) >= 0);
        }

        assertEquals(HOSTS, slots.size(), "each of the last ones took the place of an earlier one");
        assertEquals(75, limits.full);
        int charged = 0;
        for (int host = 0; host < HOSTS + 75; host++) {
            charged += count(host);
        }
        assertEquals(HOSTS, charged);
    }

    @Test
    void shouldSayThatTheTableIsFullAndNotThatAQuotaIsReached() {
        final ChargedTable<Buffers> table = table(50);
        for (int port = 0; port < 50; port++) {
            enter(table, 0, 7000 + port);
        }
        for (int host = 1; host < HOSTS; host++) {
            enter(table, host, 7000);
        }
        final int before = slots.size();

        int refused = 0;
        for (int host = HOSTS; host < HOSTS + 20; host++) {
            refused += enter(table, host, 7000) == ChargedTable.FULL ? 1 : 0;
        }

        assertEquals(20, limits.full);
        assertEquals(0, limits.quota);
        assertEquals(before - refused, slots.size(), "a host that holds many gave up a record, and is still counted");
    }

    @Test
    void shouldCountAQuotaThatIsReached() {
        final ChargedTable<Buffers> table = table(2);
        enter(table, 0, 7000);
        enter(table, 0, 7001);

        assertEquals(ChargedTable.OVER_QUOTA, enter(table, 0, 7002));
        assertEquals(1, limits.quota);
        assertEquals(0, limits.full);
        assertEquals(2, count(0));
    }
}
