package org.amverdict.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.amverdict.events.TrackedConnection;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.netlink.ConntrackFilter;
import org.junit.jupiter.api.Test;

/** Messages of Linux 6.18, recorded at a router with nf_conntrack_acct, to what is told. */
final class EventReadingTest {
    /** 192.0.2.10 to 192.0.2.1:12001, which is 198.51.100.20:11001 behind the router: the SYN/ACK came. */
    static final String SYN_RECV =
            "d000000000010000000000000000000002000000340001801400018008000100c000020a08000200c00002011c00028005000100"
                    + "0600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c63364011c00028005000100"
                    + "06000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000001ba080007000000003c300004802c000180"
                    + "0500010002000000050002000a000000050003000a000000060004000300000006000500230000000c001b0018ecdcc06a98eda4";
    /** The handshake is done. */
    private static final String ESTABLISHED =
            "d000000000010000000000000000000002000000340001801400018008000100c000020a08000200c00002011c00028005000100"
                    + "0600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c63364011c00028005000100"
                    + "06000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000001be0800070000069780300004802c000180"
                    + "0500010003000000050002000a000000050003000a000000060004002300000006000500230000000c001b0018ecdcc06a996d73";
    /** Both sides have closed it. */
    static final String TIME_WAIT =
            "d000000000010000000000000000000002000000340001801400018008000100c000020a08000200c00002011c00028005000100"
                    + "0600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c63364011c00028005000100"
                    + "06000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000001be0800070000000002300004802c000180"
                    + "0500010007000000050002000a000000050003000a000000060004002700000006000500230000000c001b0018ecdcc06ab30959";
    /** It is forgotten. */
    static final String DESTROYED =
            "fc00000002010000000000000000000002000000340001801400018008000100c000020a08000200c00002011c00028005000100"
                    + "0600000006000200b3ee0000060003002ee10000340002801400018008000100c633641408000200c63364011c00028005000100"
                    + "06000000060002002af9000006000300b3ee000008000c009a7b90cd08000300000003be1c0009800c0001000000000000000006"
                    + "0c00020000000000000001451c000a800c00010000000000000000040c00020000000000000014601c0014800c00010018ecdcc0"
                    + "6a988ac80c00020018ecdcc0e1e336cb100004800c00018005000100070000000c001b0018ecdcc18c1e5310";
    /** 192.0.2.10 to 198.51.100.20:11004, where nobody listens. */
    static final String REFUSED =
            "0401000002010000000000000000000002000000340001801400018008000100c000020a08000200c63364141c00028005000100"
                    + "0600000006000200a95e0000060003002afc0000340002801400018008000100c633641408000200c000020a1c00028005000100"
                    + "06000000060002002afc000006000300a95e000008000c00be93daf8080003000000038808000700000000031c0009800c000100"
                    + "00000000000000010c000200000000000000003c1c000a800c00010000000000000000010c00020000000000000000281c001480"
                    + "0c00010018ecdcc082e9474e0c00020018ecdcc082e99849100004800c00018005000100080000000c001b0018ecdcc082e99885";
    /** 192.0.2.10 to 198.51.100.20:11005, whose host drops it. */
    static final String UNANSWERED =
            "fc00000002010000000000000000000002000000340001801400018008000100c000020a08000200c63364141c00028005000100"
                    + "0600000006000200df0a0000060003002afd0000340002801400018008000100c633641408000200c000020a1c00028005000100"
                    + "06000000060002002afd000006000300df0a000008000c00ba061cac08000300000003881c0009800c0001000000000000000001"
                    + "0c000200000000000000003c1c000a800c00010000000000000000000c00020000000000000000001c0014800c00010018ecdcc0"
                    + "82ebb3bb0c00020018ecdcc135d089ae100004800c00018005000100010000000c001b0018ecdcc18c5c4ce0";
    /** A connection to 198.51.100.20:11001 that was reset. */
    private static final String CLOSED =
            "d000000000010000000000000000000002000000340001801400018008000100c000020a08000200c63364141c00028005000100"
                    + "060000000600020086280000060003002af90000340002801400018008000100c633641408000200c63364011c00028005000100"
                    + "06000000060002002af90000060003008628000008000c005823f057080003000000019e0800070000000002300004802c000180"
                    + "0500010008000000050002000a000000050003000a000000060004002300000006000500230000000c001b0018ecdcc076eb0701";

    private static final long SERVER = 0xffff_c000_020aL;
    private static final long CLIENT = 0xffff_c633_6414L;

    private final List<String> told = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<Integer> asked = new ArrayList<>();
    private final Incidents incidents = new Incidents();
    private boolean interested = true;
    private final EventReading reading = new EventReading(
            (originatorHigh, originatorLow, responderHigh, responderLow, port) ->
                    interested && originatorLow == SERVER && responderLow == CLIENT,
            connection -> told.add(text(connection)),
            tuple -> refused.add(tuple.sourcePort() + ">" + tuple.destinationPort()),
            event -> asked.add(event.responderPort()),
            incidents);

    private static String text(final TrackedConnection connection) {
        return connection.kind() + " " + connection.originatorPort() + ">" + connection.responderPort() + " "
                + connection.originalPackets() + "/" + connection.originalBytes() + " " + connection.replyPackets()
                + "/" + connection.replyBytes();
    }

    private static ByteBuf bytes(final String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    private void read(final String... messages) {
        for (final String hex : messages) {
            read(bytes(hex));
        }
    }

    private void read(final ByteBuf bytes) {
        reading.read(bytes, 0, bytes.readableBytes());
    }

    /** What the kernel answers when it is asked about the connection: the last event with counters, as an update. */
    private static ByteBuf answer() {
        return bytes(DESTROYED).setByte(4, 0).setIntLE(8, 1);
    }

    @Test
    void shouldTellTheEndWithTheCountsThatTheKernelIsAskedFor() {
        read(SYN_RECV, ESTABLISHED);
        assertEquals(List.of("ANSWERED 46062>11001 -1/-1 -1/-1"), told);
        read(TIME_WAIT);
        assertEquals(List.of(11001), asked);
        assertEquals(1, told.size(), "not before the counts are known");

        read(answer());
        read(DESTROYED);

        assertEquals(List.of("ANSWERED 46062>11001 -1/-1 -1/-1", "FINISHED 46062>11001 6/325 4/5216"), told);
    }

    /** The answer is lost, or the connection was forgotten first. */
    @Test
    void shouldTellTheEndAtTheLatestWhenTheConnectionIsForgotten() {
        read(SYN_RECV, ESTABLISHED, TIME_WAIT, DESTROYED);

        assertEquals(List.of("ANSWERED 46062>11001 -1/-1 -1/-1", "FINISHED 46062>11001 6/325 4/5216"), told);
    }

    @Test
    void shouldTellWhatTheListenerRefusesAndWhatNobodyAnswers() {
        read(REFUSED, UNANSWERED);

        assertEquals(2, told.size());
        assertTrue(told.get(0).matches("RESET [0-9]+>11004 1/60 1/40"), told.toString());
        assertTrue(told.get(1).matches("TIMED_OUT [0-9]+>11005 1/60 0/0"), told.toString());
        assertEquals(List.of("43358>11004"), refused);
    }

    /** A SYN was forged: the listener answered it, and its source refused the answer. Status 0x1be is assured. */
    @Test
    void shouldTellAtOnceAndOnceOfAResetBeforeTheHandshakeWasComplete() {
        read(CLOSED);
        assertEquals(List.of(), refused, "it was assured");

        final String unassured = CLOSED.replace("080003000000019e", "080003000000019a");
        read(unassured, unassured);

        assertEquals(List.of("34344>11001"), refused);
    }

    @Test
    void shouldTellOfAResetAtOnce() {
        read(CLOSED);
        assertEquals(List.of(11001), asked);

        read(bytes(CLOSED).setIntLE(8, 1));

        assertEquals(1, told.size(), "answered is what it was not: " + told);
        assertTrue(told.get(0).matches("RESET [0-9]+>11001 -1/-1 -1/-1"), told.toString());
    }

    @Test
    void shouldFollowToTheEndWhatAReloadNoLongerWants() {
        read(SYN_RECV);
        interested = false;
        read(TIME_WAIT);
        read(answer());
        read(REFUSED);

        assertEquals(List.of("ANSWERED 46062>11001 -1/-1 -1/-1", "FINISHED 46062>11001 6/325 4/5216"), told);
    }

    @Test
    void shouldEstimateWhatTheFilterKeepsBack() {
        read(SYN_RECV);
        assertEquals(1, reading.kernelEvents());
        final ByteBuf udp = bytes(SYN_RECV);
        udp.setByte(52, 17);
        read(udp);
        assertEquals(1 + ConntrackFilter.SAMPLE, reading.kernelEvents());
        read("14000000020000000000000000000000feffffff");
        assertEquals(1 + ConntrackFilter.SAMPLE, reading.kernelEvents(), "ENOENT is no event");
        assertEquals(0, incidents.of(Incident.CONNTRACK_MALFORMED));
        read(bytes(SYN_RECV).setIntLE(0, 999));
        read(bytes(SYN_RECV).setShortLE(20, 3));
        assertEquals(2, incidents.of(Incident.CONNTRACK_MALFORMED));
    }

    /** The rest of the host must not cost the collector's time. */
    @Test
    void shouldAllocateNothingForWhatNobodyWants() {
        interested = false;
        final ByteBuf event = bytes(SYN_RECV);
        final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 1;
        for (int window = 0; window < 20 && allocated != 0; window++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                reading.read(event, 0, event.readableBytes());
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, allocated);
    }

    @Test
    void shouldRememberMoreConnectionsThanItHasPlacesForOnlyInPart() {
        final Told memory = new Told();
        for (long key = 1; key <= 3L * Told.CAPACITY; key++) {
            memory.add(key << 32, Told.ANSWERED);
            assertEquals(Told.ANSWERED, memory.of(key << 32), "the newest is always known");
        }
        final long last = (3L * Told.CAPACITY) << 32;
        memory.add(last, Told.ENDED);
        assertEquals(Told.ANSWERED | Told.ENDED, memory.of(last));
        memory.forget(last);
        assertEquals(0, memory.of(last));
        int known = 0;
        for (long key = 1; key <= 3L * Told.CAPACITY; key++) {
            known += memory.of(key << 32) == 0 ? 0 : 1;
        }
        assertTrue(known > Told.CAPACITY / 2 && known < Told.CAPACITY, known + " known");
    }

    @Test
    void shouldKnowARateThatIsTooHigh() {
        final RateLimit limit = new RateLimit(1000, 0);
        assertFalse(limit.exceeded(900_000, 999_999_999), "not yet a second");
        assertTrue(limit.exceeded(2_002, 2_000_000_000));
        assertFalse(limit.exceeded(3_002, 3_000_000_000L));
        assertTrue(limit.exceeded(4_003, 4_000_000_000L));
    }
}
