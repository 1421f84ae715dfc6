package org.amverdict.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.nfqueue.netlink.ConntrackEventView;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A datagram of conntrack's to what is told: nothing is thrown, nothing behind the datagram is looked at, and what is told has
 * ports and counts in their ranges.
 */
@ExtendWith(LiveSet.class)
final class ConntrackFuzzTest {
    private static final int SLOT_BYTES = 1024;
    private static final int PORT_MAX = 65_535;

    static Stream<byte[]> datagrams() {
        return Stream.of(
                        EventReadingTest.SYN_RECV,
                        EventReadingTest.TIME_WAIT,
                        EventReadingTest.DESTROYED,
                        EventReadingTest.REFUSED,
                        EventReadingTest.SYN_RECV + EventReadingTest.UNANSWERED)
                .map(ByteBufUtil::decodeHexDump);
    }

    @MethodSource("datagrams")
    @FuzzTest
    void conntrack(final byte[] input) {
        assertEquals(told(input, 0), told(input, 0xff), "bytes behind the datagram were looked at");
    }

    private static String told(final byte[] input, final int poison) {
        final StringBuilder all = new StringBuilder();
        final byte[] slot = new byte[SLOT_BYTES];
        Arrays.fill(slot, (byte) poison);
        final int length = Math.min(input.length, SLOT_BYTES);
        System.arraycopy(input, 0, slot, 0, length);
        final ByteBuf query = Unpooled.buffer(ConntrackEventView.QUERY_MAX_BYTES, ConntrackEventView.QUERY_MAX_BYTES);
        final Incidents incidents = new Incidents();
        final EventReading reading = new EventReading(
                (originatorHigh, originatorLow, responderHigh, responderLow, port) -> true,
                connection -> {
                    assertTrue(connection.originatorPort() >= 0 && connection.originatorPort() <= PORT_MAX);
                    assertTrue(connection.responderPort() >= 0 && connection.responderPort() <= PORT_MAX);
                    assertTrue(connection.originalBytes() >= -1 && connection.replyPackets() >= -1);
                    all.append(connection).append('\n');
                },
                refused -> all.append(refused.destinationPort()),
                event -> all.append(ByteBufUtil.hexDump(query, 0, event.writeQuery(query, 1))),
                incidents);
        reading.read(Unpooled.wrappedBuffer(slot), 0, length);
        return all.append(reading.kernelEvents())
                .append(' ')
                .append(incidents.of(Incident.CONNTRACK_MALFORMED))
                .toString();
    }
}
