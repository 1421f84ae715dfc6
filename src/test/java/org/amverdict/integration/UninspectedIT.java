package org.amverdict.integration;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.MetricsPage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Packets that the program could not judge, made by stopping it with SIGSTOP under traffic: the metrics account for every
 * single one of the packets sent.
 */
@Tag("root")
@Timeout(90)
class UninspectedIT {
    /** Fewer than the default receive buffer of the last host takes. */
    private static final int SENT = 150;
    /** What the queue's buffer is made for, see the queue-length of the tests. */
    private static final int ROOM = 16;

    private static final int LARGE_BYTES = 60_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldCountEveryPacketThatPassesUnseenWhenTheQueueFailsOpen() throws IOException {
        try (EngineLab lab =
                        EngineLab.start(Setup.USUAL.with("overload: accept").with("queue-length: " + ROOM));
                Conversation udp = lab.dump(Family.IPV4)) {
            halt(lab);
            for (int i = 0; i < SENT; i++) {
                udp.requester().send(AmandaMessages.noop(lab.nextTransaction()));
            }
            final int passed = arrived(udp);
            assertTrue(passed > 0 && passed < SENT, passed + " of " + SENT + " passed while nobody judged");
            lab.signal("CONT");
            final int held = arrived(udp);
            assertEquals(SENT, passed + held, "nothing is lost");
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "shows the gap");

            final MetricsPage page = lab.metrics();

            assertEquals(passed, page.sum("amverdict_uninspected_packets_total"));
            assertEquals(passed, page.sum("amverdict_packet_id_gaps_total"));
            assertEquals(held + 1, page.sum("amverdict_packets_total", "verdict=\"accept\""));
            assertEquals(0, page.sum("amverdict_queue_dropped_total") + page.sum("amverdict_queue_user_dropped_total"));
            assertEquals(SENT + 1, lab.queued(), "ids that the kernel gave");
            assertTrue(page.sum("amverdict_netlink_overruns_total") > 0);
            assertTrue(page.sum("amverdict_queue_length_limit") > ROOM, "the buffer is the limit");
        }
    }

    /** Datagrams so large that the receive buffer is full before the queue is. */
    @Test
    void shouldCountAsGapsWhatTheSocketCouldNotTakeWhenTheQueueFailsClosed() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.with("queue-length: " + ROOM));
                Conversation udp = lab.dump(Family.IPV4)) {
            halt(lab);
            for (int i = 0; i < ROOM; i++) {
                udp.requester().send(large(lab));
            }
            assertEquals(0, arrived(udp));
            lab.signal("CONT");
            arrived(udp);
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())), "shows the gap");

            final MetricsPage page = lab.metrics();

            final double gaps = page.sum("amverdict_packet_id_gaps_total");
            assertTrue(gaps > 0 && gaps < ROOM, gaps + " gaps");
            assertEquals(gaps, page.sum("amverdict_queue_user_dropped_total"));
            assertEquals(ROOM + 1 - gaps, page.sum("amverdict_packets_total"));
            assertEquals(0, page.sum("amverdict_queue_dropped_total"));
            assertEquals(0, page.sum("amverdict_uninspected_packets_total"));
            assertEquals(ROOM, page.sum("amverdict_queue_length_limit"));
        }
    }

    /** Small packets: the queue is full first, and what it drops has no id. */
    @Test
    void shouldSeeNoGapsInWhatAFullQueueDropped() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.with("queue-length: " + ROOM));
                Conversation udp = lab.dump(Family.IPV4)) {
            halt(lab);
            for (int i = 0; i < SENT; i++) {
                udp.requester().send(AmandaMessages.noop(lab.nextTransaction()));
            }
            lab.signal("CONT");
            assertEquals(ROOM, arrived(udp));
            assertTrue(udp.ask(AmandaMessages.noop(lab.nextTransaction())));

            final MetricsPage page = lab.metrics();

            assertEquals(SENT - ROOM, page.sum("amverdict_queue_dropped_total"));
            assertEquals(ROOM + 1, page.sum("amverdict_packets_total"));
            assertEquals(0, page.sum("amverdict_packet_id_gaps_total"));
            assertEquals(0, page.sum("amverdict_uninspected_packets_total"));
        }
    }

    /** Stops the program where it is, and waits until its last thread has stopped. */
    private static void halt(final EngineLab lab) throws IOException {
        lab.signal("STOP");
        final Path tasks = Path.of("/proc", Long.toString(lab.daemon().pid()), "task");
        await().until(() -> {
            try (Stream<Path> each = Files.list(tasks)) {
                return each.allMatch(task -> state(task) == 'T');
            }
        });
    }

    /** proc_pid_stat(5): the state is behind the name, which is in brackets. */
    private static char state(final Path task) {
        try {
            final String stat = Files.readString(task.resolve("stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A noop request with a long tail of text. */
    private static byte[] large(final EngineLab lab) {
        final byte[] request = AmandaMessages.noop(lab.nextTransaction());
        final byte[] padded = Arrays.copyOf(request, LARGE_BYTES);
        Arrays.fill(padded, request.length, LARGE_BYTES, (byte) '\n');
        return padded;
    }

    private static int arrived(final Conversation udp) throws IOException {
        int count = 0;
        while (udp.responder().receive(EngineLab.SILENCE_MS) != null) {
            count++;
        }
        return count;
    }
}
