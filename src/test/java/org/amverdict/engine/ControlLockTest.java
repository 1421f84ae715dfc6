package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.amverdict.engine.EngineFixture.Outcome;
import org.amverdict.packet.PacketView;
import org.amverdict.track.TableLimits;
import org.amverdict.track.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done while the control lock is held: looking up and writing down, and nothing that an input can lengthen. */
final class ControlLockTest {
    private static final int BODY = 65_000;
    /** HANDLE and SEQ, which are part of the key. */
    private static final int READ_MAX = 64 + 11;

    /** Counts the bytes that are read from it while somebody holds the lock. */
    private static final class WatchedBuffer extends UnpooledHeapByteBuf {
        private final BooleanSupplier watching;
        private int read;

        WatchedBuffer(final int capacity, final BooleanSupplier watching) {
            super(UnpooledByteBufAllocator.DEFAULT, capacity, capacity);
            this.watching = watching;
        }

        private void count(final int bytes) {
            read += watching.getAsBoolean() ? bytes : 0;
        }

        @Override
        protected byte _getByte(final int index) {
            count(Byte.BYTES);
            return super._getByte(index);
        }

        @Override
        protected short _getShort(final int index) {
            count(Short.BYTES);
            return super._getShort(index);
        }

        @Override
        protected int _getInt(final int index) {
            count(Integer.BYTES);
            return super._getInt(index);
        }

        @Override
        protected long _getLong(final int index) {
            count(Long.BYTES);
            return super._getLong(index);
        }

        @Override
        protected long _getLongLE(final int index) {
            count(Long.BYTES);
            return super._getLongLE(index);
        }
    }

    /** The longest messages of each type. */
    enum Longest {
        EMPTY_LINES("REP", "\n".repeat(BODY)),
        CONNECT_LINES("REP", "CONNECT DATA 2001\n".repeat(BODY / 18)),
        ERROR_LINES("REP", "CONNECT DATA 2001 MESG 2002\n" + "ERROR x\n".repeat(BODY / 8 - 4)),
        ONE_LINE("REP", "x".repeat(BODY)),
        REFUSAL("NAK", "ERROR x\n".repeat(BODY / 8)),
        PROGRESS("PREP", "\n".repeat(BODY)),
        RECEIPT("ACK", "\n".repeat(BODY)),
        OPTIONS("REQ", EngineFixture.requestBody("sendbackup") + ";".repeat(BODY)),
        DISKS("REQ", EngineFixture.requestBody("sendbackup") + "<dle><disk>/</disk></dle>".repeat(BODY / 26)),
        REQUESTERS_RECEIPT("ACK", "\n".repeat(BODY));

        private final String type;
        private final String body;

        Longest(final String type, final String body) {
            this.type = type;
            this.body = body;
        }

        byte[] packet(final Exchange exchange) {
            return "REQ".equals(type) || this == REQUESTERS_RECEIPT
                    ? exchange.fromRequester(type, body)
                    : exchange.fromResponder(type, body);
        }
    }

    private final Tables tables = new Tables(TableLimits.DEFAULTS, 0x5eed);

    @ParameterizedTest
    @EnumSource(Longest.class)
    void shouldReadNoTextWhileItHoldsTheLock(final Longest longest) {
        final Exchange exchange = Exchange.of("sendbackup");
        final EngineFixture before = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), tables);
        before.send(exchange.request(), 0);
        final byte[] packet = longest.packet(exchange);
        final WatchedBuffer slab =
                new WatchedBuffer(packet.length, () -> tables.control().held());
        slab.setBytes(0, packet);
        final List<Reason> reasons = new ArrayList<>();
        final VerdictEngine engine = new VerdictEngine(
                EngineFixture.settings(EngineFixture.policy()), tables, new EngineCounters(), new EngineEvents() {
                    @Override
                    public void decided(final PacketView view, final Decision decision, final long nowNanos) {
                        reasons.add(decision.reason());
                    }
                });
        final PacketBatch batch = new PacketBatch(1, slab);
        batch.reset(slab);
        batch.add(1).setBytes(0, packet.length).setHook(1);
        engine.onBatch(batch, new VerdictBatch(1), 1);

        assertEquals(1, reasons.size());
        assertTrue(reasons.get(0) != Reason.MALFORMED && reasons.get(0) != Reason.ERROR, reasons::toString);
        assertTrue(slab.read <= 2 * READ_MAX, slab.read + " bytes read");
    }

    /** Runs it while another thread holds the lock. */
    private void whileHeld(final Runnable action) throws InterruptedException {
        final CountDownLatch held = new CountDownLatch(1);
        final CountDownLatch done = new CountDownLatch(1);
        final Thread holder = new Thread(() -> {
            tables.control().lock();
            try {
                held.countDown();
                await(done);
            } finally {
                tables.control().unlock();
            }
        });
        holder.start();
        await(held);
        try {
            assertTimeoutPreemptively(Duration.ofSeconds(20), action::run);
        } finally {
            done.countDown();
            holder.join();
        }
    }

    private static void await(final CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody came");
            }
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldJudgeTcpAndErrorsAndKeepHouseWhileAnotherHoldsTheLock() throws InterruptedException {
        final EngineFixture worker = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), tables);
        final Exchange exchange = Exchange.of("sendbackup");
        worker.send(exchange.request(), 0);
        worker.send(exchange.reply("CONNECT DATA 2001 MESG 2002 INDEX -1"), 0);

        whileHeld(() -> {
            final List<Outcome> outcomes = worker.send(
                    List.of(
                            exchange.syn(2001),
                            exchange.syn(2009),
                            exchange.unreachableForRequester(exchange.request())),
                    1);
            worker.engine().housekeep(1, 4096);

            assertEquals("accept expected", outcomes.get(0).summary());
            assertEquals("drop unexpected", outcomes.get(1).summary());
            assertEquals("accept related", outcomes.get(2).summary());
        });
    }

    @Test
    void shouldForgetWhatIsOverThoughHousekeepingNeverGetsTheLock() {
        final EngineFixture worker = new EngineFixture(EngineFixture.settings(EngineFixture.policy()), tables);
        for (int i = 0; i < 1000; i++) {
            final Exchange old = Exchange.of("noop").withHosts(EngineFixture.CLIENT, EngineFixture.SERVER);
            worker.send(old.withNames("old" + i, "1").request(), 0);
        }
        final long later = TableLimits.DEFAULTS.transactions().replyWithinNanos() + 7200 * EngineFixture.SECOND;
        for (int i = 0; i < TableLimits.DEFAULTS.transactions().capacity(); i++) {
            worker.send(Exchange.of("noop").withNames("new" + i, "1").request(), later);
        }

        assertEquals(
                TableLimits.DEFAULTS.transactions().perRequester(),
                tables.transactions().size());
        assertTrue(worker.endings().size() > 0);
    }
}
