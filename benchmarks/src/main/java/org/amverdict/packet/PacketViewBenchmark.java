package org.amverdict.packet;

import java.nio.ByteBuffer;
import org.amverdict.Draw;
import org.amverdict.NanosecondsPerOperation;
import org.amverdict.Slab;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Cost of checking and parsing the headers of a packet. 4096 different packets of each kind (headers and 24 bytes, as a
 * queue that copies headers only gets them) in random order; {@code mixed} is a quarter of each.
 */
public class PacketViewBenchmark extends NanosecondsPerOperation {
    private static final int PACKETS = 4096;
    private static final int COPIED_PAYLOAD = 24;
    private static final int PAYLOAD = 1400;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final String[] KINDS = {"tcp4", "udp4", "tcp6", "udp6"};

    @Param({"tcp4", "udp4", "tcp6", "udp6", "mixed"})
    private String kind = "";

    private final Slab slab = new Slab(PACKETS, PACKETS * 128);
    private final PacketView packet = new PacketView();

    @Setup(Level.Trial)
    public void setUp() {
        for (int i = 0; i < PACKETS; i++) {
            slab.add(packet("mixed".equals(kind) ? KINDS[i % KINDS.length] : kind, i));
        }
    }

    private static byte[] packet(final String kind, final int number) {
        final int protocol = kind.startsWith("tcp") ? TCP : UDP;
        final int transport = protocol == TCP ? TcpView.HEADER_LENGTH_MIN + 12 : 8;
        final boolean v4 = kind.endsWith("4");
        final int header = v4 ? Ipv4View.HEADER_LENGTH_MIN : 40;
        final ByteBuffer bytes = ByteBuffer.allocate(header + transport + COPIED_PAYLOAD);
        if (v4) {
            bytes.putShort((short) 0x4500).putShort((short) (header + transport + PAYLOAD));
            bytes.putShort((short) number).putShort((short) 0).put((byte) 64).put((byte) protocol);
            bytes.putShort((short) 0).putInt(0x0A00_0000 | address(number)).putInt(0x0A00_0000 | address(~number));
        } else {
            bytes.putInt(0x6000_0000)
                    .putShort((short) (transport + PAYLOAD))
                    .put((byte) protocol)
                    .put((byte) 64);
            bytes.putLong(0x2001_0DB8_0000_0001L).putLong(1 + address(number));
            bytes.putLong(0x2001_0DB8_0000_0002L).putLong(1 + address(~number));
        }
        bytes.putShort((short) (1024 + number)).putShort((short) (20_000 + number / 3));
        if (protocol == TCP) {
            bytes.putInt((int) Draw.mixed(number)).putInt((int) Draw.mixed(~number));
            bytes.put((byte) (transport / 4 << 4)).put((byte) (number % 5 == 0 ? 0x18 : 0x10));
        } else {
            bytes.putShort((short) (8 + PAYLOAD));
        }
        return bytes.array();
    }

    private static int address(final int number) {
        return (int) (Draw.mixed(number) >>> 44);
    }

    @Benchmark
    public int decode() {
        final int i = slab.some();
        return packet.decode(slab.bytes(), slab.offset(i), slab.length(i), slab.length(i) + PAYLOAD - COPIED_PAYLOAD);
    }
}
