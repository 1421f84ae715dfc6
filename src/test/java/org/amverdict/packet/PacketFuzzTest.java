package org.amverdict.packet;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.replay.CapturedPackets;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * P7: whatever the bytes, decoding never throws and never reads outside the packet.
 *
 * <p>Input: how much longer than its bytes the packet is said to be (16 bits, signed), then its bytes.
 */
@ExtendWith(LiveSet.class)
final class PacketFuzzTest {
    private static final int HEADER = 2;
    private static final int BEFORE = 5;
    /** Of one capture; the later ones are like them. */
    private static final int PACKETS_MAX = 10;
    /** Headers and some of the payload; the rest is never looked at here. */
    private static final int SEED_MAX = 200;

    private final BoundedDecoding decoding = new BoundedDecoding();

    static Stream<byte[]> packets() {
        final Stream<byte[]> captured = CapturedPackets.CAPTURES.stream()
                .map(CapturedPackets::of)
                .flatMap(packets -> packets.stream().limit(PACKETS_MAX));
        return Stream.concat(PacketViewPropertyTest.samples().stream(), captured)
                .map(packet -> Arrays.copyOf(packet, Math.min(packet.length, SEED_MAX)))
                .map(PacketFuzzTest::whole);
    }

    private static byte[] whole(final byte[] packet) {
        final byte[] input = new byte[HEADER + packet.length];
        System.arraycopy(packet, 0, input, HEADER, packet.length);
        return input;
    }

    @MethodSource("packets")
    @FuzzTest
    void packet(final byte[] input) {
        if (input.length < HEADER) {
            return;
        }
        final byte[] packet = Arrays.copyOfRange(input, HEADER, input.length);
        final int longer = (short) ((input[0] & 0xff) << 8 | (input[1] & 0xff));
        decoding.check(packet, BEFORE, longer == Short.MAX_VALUE ? Integer.MAX_VALUE : packet.length + longer, "fuzz");
    }
}
