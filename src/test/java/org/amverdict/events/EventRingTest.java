package org.amverdict.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.amverdict.amanda.ControlHeader;
import org.amverdict.amanda.DiskNames;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Cause;
import org.amverdict.engine.Decision;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.packet.DecodeStatus;
import org.amverdict.packet.PacketBuilder;
import org.amverdict.packet.PacketView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records come out as they went in, each whole, in their order, and none twice. */
@Timeout(60)
final class EventRingTest {
    private static final int RECORDS = 200_000;

    /** A REQ whose words all say the same number. */
    private static final class Request {
        private final ControlHeader header = new ControlHeader();
        private final DiskNames disks = new DiskNames();
        private final PacketView packet = new PacketView();
        private final Decision decision;

        Request(final long number) {
            final byte[] bytes = PacketBuilder.udp4(
                    "192.0.2.10",
                    600 + (int) (number % 400),
                    "198.51.100.7",
                    10_080,
                    ("Amanda 3.5 REQ HANDLE h" + number + "x".repeat((int) (number % 40)) + " SEQ " + number
                                    + "\nSECURITY USER a\nSERVICE sendbackup\nOPTIONS ;\n<dle><disk>/d" + number
                                    + "</disk><level>" + number % 10 + "</level></dle>\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            final ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
            assertEquals(DecodeStatus.OK, packet.decode(buffer, 0, bytes.length, bytes.length));
            assertTrue(header.wrap(
                    buffer, packet.udp().payloadOffset(), packet.udp().availablePayload()));
            disks.read(buffer, header.bodyOffset(), header.bodyLength());
            decision = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REQUEST);
            EngineTestAccess.describe(decision, header, number);
        }
    }

    /** Whether every word of the record is of the same number. */
    private static boolean isWhole(final EventRecord event, final long number) {
        return event.transaction() == number
                && event.openedNanos() == number
                && event.nanos() == number
                && event.sourcePort() == 600 + (int) (number % 400)
                && event.handle().equals("h" + number + "x".repeat((int) (number % 40)))
                && event.sequence().equals(Long.toString(number))
                && event.disks().equals(List.of("/d" + number))
                && Long.toString(number % 10).equals(event.level());
    }

    @Test
    void shouldNeitherTearNorReorderNorRepeatARecord() throws InterruptedException {
        final long seed = Long.getLong("seed", 20_261_127L);
        final EventRing ring = new EventRing();
        final List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            requests.add(new Request(i + 1));
        }
        final long[] offered = new long[1];
        final Thread worker = new Thread(() -> {
            final SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < RECORDS; i++) {
                final long number = i % 1000 + 1L;
                final Request request = requests.get(i % 1000);
                if (ring.offer(request.packet, request.decision, request.disks, number)) {
                    offered[0]++;
                }
                if (random.nextInt(500) == 0) {
                    Thread.onSpinWait();
                }
            }
        });
        final EventRecord event = new EventRecord();
        worker.start();
        long taken = 0;
        long torn = 0;
        long last = 0;
        long backwards = 0;
        while (worker.isAlive() || ring.isWaiting()) {
            if (!ring.poll(event)) {
                Thread.onSpinWait();
                continue;
            }
            taken++;
            torn += isWhole(event, event.transaction()) ? 0 : 1;
            // Losses leave gaps, the numbers go round: a step of less than half a round is forwards.
            final long step = Math.floorMod(event.transaction() - last, 1000L);
            backwards += step == 0 && last != 0 && ring.lost() == 0 ? 1 : 0;
            last = event.transaction();
        }
        worker.join();

        assertEquals(0, torn, "torn, seed " + seed);
        assertEquals(0, backwards, "repeated, seed " + seed);
        assertEquals(offered[0], taken, "all that was accepted came out");
        assertEquals(RECORDS - offered[0], ring.lost(), "all others were counted");
    }

    /** Causes and counts share a word with all else that is told of a decision. */
    @Test
    void shouldCarryEveryCauseWithEveryCountOfRefusedPorts() {
        final EventRing ring = new EventRing();
        final EventRecord event = new EventRecord();
        final Request request = new Request(1);
        for (final Cause cause : Cause.values()) {
            for (int count = 0; count <= Decision.STREAMS_MAX; count++) {
                final int[] ports =
                        IntStream.range(0, count).map(i -> 65_535 - i).toArray();
                final Decision decision = EngineTestAccess.decision(Verdict.DROP, Reason.REFUSED_REPLY);
                EngineTestAccess.because(decision, cause, Long.MIN_VALUE + count);
                EngineTestAccess.refusePorts(decision, ports);
                assertTrue(ring.offer(request.packet, decision, null, 5));
                assertTrue(ring.poll(event));

                assertEquals(cause, event.cause());
                assertEquals(count, event.refusedCount());
                assertEquals(0, event.streamCount());
                assertEquals(Reason.REFUSED_REPLY, event.reason());
                assertEquals(PacketView.PROTOCOL_UDP, event.protocol());
                if (cause != Cause.NONE) {
                    assertEquals(Long.MIN_VALUE + count, event.causeNumber());
                }
                assertEquals(~(Long.MIN_VALUE + count), event.other().high());
                assertEquals(Long.MIN_VALUE + count, event.other().low());
                for (int i = 0; i < count; i++) {
                    assertEquals(ports[i], event.streamPort(i));
                }
            }
        }
    }

    /** The same with a worker that tries again, so that nothing is lost and each record must follow the one before. */
    @Test
    void shouldHandOverEveryRecordInOrderWhenThereIsRoom() throws InterruptedException {
        final EventRing ring = new EventRing();
        final List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            requests.add(new Request(i + 1));
        }
        final Thread worker = new Thread(() -> {
            for (int i = 0; i < RECORDS; i++) {
                final Request request = requests.get(i % 1000);
                while (!ring.offer(request.packet, request.decision, request.disks, i % 1000 + 1L)) {
                    Thread.onSpinWait();
                }
            }
        });
        final EventRecord event = new EventRecord();
        worker.start();
        long wrong = 0;
        for (int i = 0; i < RECORDS; i++) {
            while (!ring.poll(event)) {
                Thread.onSpinWait();
            }
            wrong += isWhole(event, i % 1000 + 1L) ? 0 : 1;
        }
        worker.join();

        assertEquals(0, wrong);
    }

    @Test
    void shouldPassOnTheEffectAfterTheCauseWhicheverWorkerToldIt() {
        final List<Long> order = new ArrayList<>();
        final EventReader reader = new EventReader(List.of(event -> order.add(event.transaction())));
        final WorkerEvents first = reader.events();
        final WorkerEvents second = reader.events();
        final List<Request> requests = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            requests.add(new Request(i));
        }
        second.decided(requests.get(1).packet, requests.get(1).decision, 20);
        second.decided(requests.get(4).packet, requests.get(4).decision, 50);
        first.decided(requests.get(0).packet, requests.get(0).decision, 10);
        first.decided(requests.get(2).packet, requests.get(2).decision, 30);

        reader.round(40);
        assertEquals(List.of(1L, 2L, 3L), order, "what is of later waits, its cause may not be there yet");
        first.decided(requests.get(3).packet, requests.get(3).decision, 41);
        reader.round(60);

        assertEquals(List.of(1L, 2L, 3L, 4L, 5L), order);
    }

    @Test
    void shouldKeepTheOtherListenersWhenOneFails() {
        final List<Long> heard = new ArrayList<>();
        final EventReader reader = new EventReader(List.of(
                event -> {
                    throw new IllegalStateException("a listener's fault, on purpose");
                },
                event -> heard.add(event.transaction())));
        final Request request = new Request(1);
        reader.events().decided(request.packet, request.decision, 1);

        reader.round(2);

        assertEquals(List.of(1L), heard);
    }

    @Test
    void shouldCutLongNamesAndSayHowManyDisksThereAre() {
        final StringBuilder body = new StringBuilder("SECURITY USER a\nSERVICE sendsize\nOPTIONS ;\n");
        for (int i = 0; i < 40; i++) {
            body.append("<dle><disk>/").append("d".repeat(100)).append(i).append("</disk></dle>\n");
        }
        final Request request = new Request(1);
        final ByteBuf buffer = Unpooled.copiedBuffer(
                "Amanda 3.5 REQ HANDLE " + "h".repeat(64) + " SEQ -2147483648\n" + body, StandardCharsets.US_ASCII);
        final byte[] bytes = PacketBuilder.udp4("192.0.2.10", 600, "198.51.100.7", 10_080, buffer.array());
        final PacketView packet = new PacketView();
        packet.decode(Unpooled.wrappedBuffer(bytes), 0, bytes.length, bytes.length);
        assertTrue(request.header.wrap(
                packet.buffer(), packet.udp().payloadOffset(), packet.udp().availablePayload()));
        EngineTestAccess.describe(request.decision, request.header, 1);
        request.disks.read(packet.buffer(), request.header.bodyOffset(), request.header.bodyLength());
        final EventRing ring = new EventRing();
        final EventRecord event = new EventRecord();

        assertTrue(ring.offer(packet, request.decision, request.disks, 1));
        assertTrue(ring.poll(event));

        assertEquals("h".repeat(64), event.handle());
        assertEquals("-2147483648", event.sequence());
        assertEquals(40, event.diskCount());
        assertEquals(4, event.disks().size());
        assertEquals("/" + "d".repeat(63) + "...", event.disks().get(3));
    }

    @Test
    void shouldNameAllStreams() {
        final Decision reply = EngineTestAccess.decision(Verdict.ACCEPT, Reason.REPLY);
        for (int i = 0; i < 5; i++) {
            EngineTestAccess.open(reply, Service.SENDBACKUP, StreamName.values()[i], 65_535 - i);
        }
        final EventRing ring = new EventRing();
        final EventRecord event = new EventRecord();
        ring.offer(new Request(1).packet, reply, null, 1);
        ring.poll(event);

        for (int i = 0; i < 5; i++) {
            assertEquals(StreamName.values()[i], event.streamName(i));
            assertEquals(65_535 - i, event.streamPort(i));
        }
    }
}
