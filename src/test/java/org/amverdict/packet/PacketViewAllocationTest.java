package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Rule 3: no allocation per packet once warm. */
class PacketViewAllocationTest {
    private static final int PACKETS = 80_000;

    @Test
    void shouldAllocateNothingPerPacket() {
        final byte[] request = PacketBuilder.udp4("192.0.2.10", 844, "198.51.100.20", 10_080, new byte[200]);
        final ByteBuf[] packets = {
            Unpooled.wrappedBuffer(request),
            Unpooled.wrappedBuffer(PacketBuilder.tcp6("2001:db8::1", 50_000, "2001:db8::2", 11_001, 2)),
            Unpooled.wrappedBuffer(PacketBuilder.icmpError("198.51.100.20", "192.0.2.10", 3, 3, request)),
            Unpooled.wrappedBuffer(Decoded.with(request, 0, 0x43))
        };
        final PacketView view = new PacketView();
        run(view, packets);
        run(view, packets);
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long thread = Thread.currentThread().getId();
        final long empty = threads.getThreadAllocatedBytes(thread);
        final long before = threads.getThreadAllocatedBytes(thread);

        final long sum = run(view, packets);

        final long after = threads.getThreadAllocatedBytes(thread);
        assertTrue(sum != 0);
        assertEquals(before - empty, after - before, "bytes for " + PACKETS + " packets");
    }

    private static long run(final PacketView view, final ByteBuf[] packets) {
        long sum = 0;
        for (int i = 0; i < PACKETS; i++) {
            final ByteBuf packet = packets[i % packets.length];
            sum += view.decode(packet, 0, packet.capacity(), packet.capacity());
            sum += view.sourcePort() + view.sourceLow();
            if (view.protocol() == PacketView.PROTOCOL_UDP && view.udp().verifyChecksum(view)) {
                sum++;
            } else if (view.protocol() == PacketView.PROTOCOL_ICMP) {
                sum += view.icmp().decodeQuoted() + view.icmp().quotedSourcePort();
            }
        }
        return sum;
    }
}
