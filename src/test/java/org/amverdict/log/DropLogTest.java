package org.amverdict.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineFixture;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventReader;
import org.amverdict.events.EventRecord;
import org.amverdict.events.EventRing;
import org.amverdict.events.WorkerEvents;
import org.amverdict.history.Facts;
import org.amverdict.history.InterfaceNames;
import org.amverdict.history.PastExchanges;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketView;
import org.amverdict.track.TableLimits;
import org.junit.jupiter.api.Test;

final class DropLogTest {
    private static final int REQUESTER = 0xc000020a; // 192.0.2.10
    private static final int RESPONDER = 0xc6336407; // 198.51.100.7
    private static final long SECOND = 1_000_000_000L;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private long losses;
    private final Facts facts = new Facts(
            new PastExchanges(),
            TableLimits.DEFAULTS,
            () -> EngineFixture.settings(EngineFixture.policy()),
            InterfaceNames.ofHost());
    private final DropLog folder = new DropLog(facts, () -> losses, entry -> lines.add(entry.text()));
    private final EventRing ring = new EventRing();
    private final EventRecord entry = new EventRecord();

    private static PacketView udp(final int source, final int destination, final int from, final int to) {
        final byte[] bytes = ByteBuffer.allocate(28)
                .putInt(0x4500001c)
                .putInt(0)
                .putInt(0x40110000)
                .putInt(source)
                .putInt(destination)
                .putShort((short) from)
                .putShort((short) to)
                .putShort((short) 8)
                .array();
        final PacketView view = new PacketView();
        assertEquals(DecodeStatus.OK, view.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length, bytes.length));
        return view;
    }

    private void add(final PacketView packet, final Decision decision, final long nowNanos) {
        assertTrue(ring.offer(packet, decision, null, 0));
        assertTrue(ring.poll(entry));
        folder.add(entry, nowNanos);
    }

    private List<String> taken() {
        final List<String> taken = new ArrayList<>(lines);
        lines.clear();
        return taken;
    }

    @Test
    void shouldWriteTheFirstDropAndFoldTheRestIntoOneLineAMinute() {
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.UNEXPECTED);
        EngineTestAccess.nearest(drop, 11_001);
        for (int i = 0; i < 5; i++) {
            add(udp(REQUESTER, RESPONDER, 40_000 + i, 4000), drop, i * SECOND);
        }
        folder.tick(59 * SECOND);
        final List<String> first = taken();
        folder.tick(60 * SECOND);
        final List<String> minute = taken();
        folder.tick(120 * SECOND);
        final List<String> quiet = taken();
        add(udp(REQUESTER, RESPONDER, 40_009, 4000), drop, 121 * SECOND);

        assertEquals(
                List.of("drop unexpected: udp 192.0.2.10 port 40000 > 198.51.100.7 port 4000: no line of `allow` lets"
                        + " 192.0.2.10 ask 198.51.100.7, so nothing was announced; add one if 192.0.2.10 is a backup"
                        + " server of 198.51.100.7, or recovers from it"),
                first);
        assertEquals(List.of("drop unexpected: 4 more from 192.0.2.10"), minute);
        assertEquals(List.of(), quiet);
        assertEquals(1, taken().size());
    }

    @Test
    void shouldTellReasonsAndHostsApart() {
        add(udp(REQUESTER, RESPONDER, 1, 2), EngineTestAccess.decision(Verdict.DROP, Reason.UNEXPECTED), 0);
        add(udp(REQUESTER, RESPONDER, 1, 2), EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW), 0);
        add(udp(RESPONDER, REQUESTER, 1, 2), EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW), 0);

        assertEquals(3, taken().size());
    }

    @Test
    void shouldCountHostsBeyondItsTableTogether() {
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.NOT_ALLOWED);
        for (int i = 0; i < DropLog.HOSTS_MAX + 1000; i++) {
            add(udp(REQUESTER + i, RESPONDER, 1, 10_080), drop, 0);
        }
        final int written = taken().size();
        folder.tick(61 * SECOND);
        final List<String> later = taken();
        add(udp(REQUESTER + 5000, RESPONDER, 1, 10_080), drop, 62 * SECOND);

        assertEquals(DropLog.HOSTS_MAX, written);
        assertEquals(List.of("drop: 1000 more from other hosts"), later);
        assertEquals(1, taken().size());
    }

    @Test
    void shouldNameEveryStreamThatAReplyOpened() {
        final Decision reply = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REPLY);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.DATA, 65_535);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.MESG, 11_003);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.INDEX, 11_004);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.STATE, 1024);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.CMD, 65_534);

        add(udp(RESPONDER, REQUESTER, 10_080, 850), reply, 0);

        assertEquals(
                List.of("expect sendbackup: 192.0.2.10 > 198.51.100.7: data 65535, mesg 11003, index 11004, state 1024,"
                        + " cmd 65534"),
                taken());
    }

    @Test
    void shouldNameTheReasonOfAStreamWithoutService() {
        final Decision line = EngineTestAccess.decision(Verdict.ACCEPT, Reason.LEGACY_RECOVERY);
        EngineTestAccess.open(line, null, StreamName.LEGACY, 50_093);

        add(udp(RESPONDER, REQUESTER, 10_083, 850), line, 0);

        assertEquals(List.of("expect legacy-recovery: 192.0.2.10 > 198.51.100.7: legacy 50093"), taken());
    }

    @Test
    void shouldLimitTheLinesAboutExpectations() {
        final Decision reply = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REPLY);
        EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.DATA, 11_001);
        for (int i = 0; i < DropLog.OPENED_MAX + 7; i++) {
            add(udp(RESPONDER, REQUESTER, 10_080, 850), reply, 0);
        }
        final int written = taken().size();
        folder.tick(60 * SECOND);

        assertEquals(DropLog.OPENED_MAX, written);
        assertEquals(List.of("expect: 7 more replies opened streams"), taken());
    }

    @Test
    void shouldSayWhyAReplyWasRefusedAndWhatBecameOfIt() {
        final Decision passed = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REFUSED_REPLY);
        EngineTestAccess.refuse(passed, Service.SENDBACKUP, Refusal.ERROR_LINE);
        final Decision dropped = EngineTestAccess.decision(Verdict.DROP, Reason.REFUSED_REPLY);
        EngineTestAccess.refuse(dropped, Service.SENDBACKUP, Refusal.CLOSED);

        add(udp(RESPONDER, REQUESTER, 10_080, 850), passed, 0);
        add(udp(RESPONDER, REQUESTER, 10_080, 850), dropped, 0);

        assertEquals(
                List.of(
                        "pass refused-reply error-line: udp 198.51.100.7 port 10080 > 192.0.2.10 port 850 (sendbackup): the"
                                + " REP failed the check error-line, so it opened nothing: it says that the service"
                                + " failed; look at the log of the service on 198.51.100.7",
                        "drop refused-reply closed: udp 198.51.100.7 port 10080 > 192.0.2.10 port 850 (sendbackup): the"
                                + " REP failed the check closed, so it opened nothing: the exchange was over already;"
                                + " nothing waits for it"),
                taken());
    }

    @Test
    void shouldSayWhichCheckAMalformedPacketFailed() {
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.MALFORMED);
        EngineTestAccess.decodeStatus(drop, DecodeStatus.BAD_CHECKSUM);

        add(udp(REQUESTER, RESPONDER, 1, 2), drop, 0);

        assertEquals(
                List.of("drop malformed: udp 192.0.2.10 port 1 > 198.51.100.7 port 2: the packet is malformed ("
                        + DecodeStatus.name(DecodeStatus.BAD_CHECKSUM)
                        + "); no host sends such a packet on its own, look for a broken device or a scan"),
                taken());
    }

    @Test
    void shouldSayInMonitorModeThatNothingWasDropped() {
        final Decision passed = EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW);
        EngineTestAccess.verdict(passed, Verdict.ACCEPT);

        add(udp(REQUESTER, RESPONDER, 1, 2), passed, 0);

        assertTrue(lines.get(0).startsWith("would drop no-flow: "), lines.toString());
    }

    @Test
    void shouldKeepRoomForWhatWasOpenedWhenDropsFillTheRing() {
        final PacketView packet = udp(REQUESTER, RESPONDER, 1, 2);
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW);
        final Decision reply = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REPLY);
        EngineTestAccess.open(reply, Service.NOOP, StreamName.DATA, 1);
        int drops = 0;
        while (ring.offer(packet, drop, null, 0)) {
            drops++;
        }
        int opened = 0;
        while (ring.offer(packet, reply, null, 0)) {
            opened++;
        }

        assertEquals(EventRing.CAPACITY - EventRing.RESERVED, drops);
        assertEquals(EventRing.RESERVED, opened);
        assertEquals(2, ring.lost());
    }

    @Test
    void shouldNotAllocateOnTheWorkersThread() {
        assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof ThreadMXBean, "this JVM does not count allocated bytes");
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final WorkerEvents log = new EventReader(List.of(folder)).events();
        final PacketView packet = udp(REQUESTER, RESPONDER, 1, 2);
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW);
        final Decision reply = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REPLY);
        EngineTestAccess.open(reply, Service.NOOP, StreamName.DATA, 1);
        long allocated = 1;
        for (int window = 0; window < 20 && allocated != 0; window++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                log.decided(packet, drop, i);
                log.decided(packet, reply, i);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }

        assertEquals(0, allocated);
    }

    @Test
    void shouldSayHowManyOfAFloodItDoesNotKnowByHost() {
        final DropLog log = new DropLog(facts, () -> 0, entry -> lines.add(entry.text()));
        final EventReader reader = new EventReader(List.of(log));
        final WorkerEvents events = reader.events();
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW);
        for (int i = 0; i < 1500; i++) {
            events.decided(udp(REQUESTER, RESPONDER, 1, 2), drop, i);
        }

        reader.start();
        reader.close();

        final List<String> said = taken();
        assertEquals(0, reader.lostDrops());
        assertEquals("drop no-flow: 511 more from 192.0.2.10", said.get(1));
        assertEquals("drop: 988 more in a flood, without their hosts", said.get(2));
        assertEquals(3, said.size());
    }

    @Test
    void shouldWriteWhatIsLeftAndTheLossesWhenClosed() {
        final EventReader[] self = new EventReader[1];
        final DropLog log =
                new DropLog(facts, () -> self[0].lostDrops() + self[0].lostOthers(), entry -> lines.add(entry.text()));
        final EventReader reader = new EventReader(List.of(log));
        self[0] = reader;
        final WorkerEvents events = reader.events();
        final PacketView packet = udp(REQUESTER, RESPONDER, 1, 2);
        final Decision drop = EngineTestAccess.decision(Verdict.DROP, Reason.NO_FLOW);
        final int fits = EventRing.CAPACITY - EventRing.RESERVED;
        final Decision request = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REQUEST);
        for (int i = 0; i < fits + 3; i++) {
            events.decided(packet, i < fits - 2 ? request : drop, i);
        }
        events.decided(packet, request, 0);

        reader.start();
        reader.close();

        assertEquals(3, reader.lostDrops());
        assertEquals(0, reader.lostOthers());
        assertEquals(
                List.of(
                        "drop no-flow: udp 192.0.2.10 port 1 > 198.51.100.7 port 2: it belongs to no connection that was"
                                + " let in; flows.adopt: true takes up connections that began before the program",
                        "drop no-flow: 1 more from 192.0.2.10",
                        "log: 3 decisions not shown, it could not keep up; the metrics have them all"),
                taken());
    }
}
