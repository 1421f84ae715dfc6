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
    private static final int WINDOWS_MAX = 5;

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
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = run(view, packets);
        // What the JVM does once on its own account, while it compiles, falls into the first windows.
        long allocated = 1;
        for (int window = 0; window < WINDOWS_MAX && allocated != 0; window++) {
            final long before = threads.getCurrentThreadAllocatedBytes();
            sum += run(view, packets);
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(sum != 0);
        assertEquals(0, allocated, "bytes for " + PACKETS + " packets");
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
