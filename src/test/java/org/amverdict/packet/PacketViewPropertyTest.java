package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** P7: whatever the bytes, decoding never throws and never reads outside the packet. Seed: -Dseed=. */
@Tag("property")
class PacketViewPropertyTest {
    private static final int ROUNDS = 200_000;
    private static final String A = "192.0.2.10";
    private static final String B = "198.51.100.20";
    private static final String C = "2001:db8::10";
    private static final String D = "2001:db8:1::20";

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final PacketView view = new PacketView();
    private final BoundedDecoding decoding = new BoundedDecoding();

    static List<byte[]> samples() {
        final byte[] text =
                "Amanda 2.6 REP HANDLE 1 SEQ 2\nCONNECT DATA 11001 MESG 11003\n".getBytes(StandardCharsets.US_ASCII);
        final List<byte[]> samples = new ArrayList<>();
        samples.add(PacketBuilder.udp4(A, 844, B, 10_080, text));
        samples.add(PacketBuilder.udp6(C, 844, D, 10_080, text));
        samples.add(PacketBuilder.ip(A, B).options(1, 7, 7, 4, 0, 0, 0, 0).udp(844, 10_080, text));
        samples.add(
                PacketBuilder.ip(C, D).extension(0, 1, 4).extension(43, 4, 0).udp(844, 10_080, text));
        samples.add(PacketBuilder.ip(C, D).fragment(0, false, 9).tcp(5000, 6000, 2, text));
        samples.add(PacketBuilder.tcp4(A, 50_000, B, 11_001, 2));
        samples.add(PacketBuilder.tcp6(C, 50_000, D, 11_001, 0x18, text));
        samples.addAll(PacketBuilder.fragments(samples.get(0), 60));
        samples.addAll(PacketBuilder.fragments(samples.get(1), 80));
        samples.add(PacketBuilder.icmpError(B, A, 3, 3, samples.get(2)));
        samples.add(PacketBuilder.icmpError(D, C, 1, 4, samples.get(3)));
        samples.add(PacketBuilder.icmpError(D, C, 3, 0, samples.get(6), 48));
        return samples;
    }

    private void check(final byte[] bytes, final int original) {
        decoding.check(bytes, random.nextInt(64), original, "seed " + seed);
    }

    private int originalLength(final int available) {
        return switch (random.nextInt(6)) {
            case 0 -> available + random.nextInt(2000);
            case 1 -> random.nextInt(available + 1);
            case 2 -> 65_536 + random.nextInt(100_000);
            case 3 -> random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt();
            default -> available;
        };
    }

    @Test
    void shouldStayInsideArbitraryBytes() {
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] bytes = new byte[random.nextInt(160)];
            random.nextBytes(bytes);
            if (bytes.length > 0 && random.nextInt(8) != 0) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x45 + random.nextInt(4) : 0x60);
            }
            check(bytes, originalLength(bytes.length));
        }
    }

    @Test
    void shouldStayInsideMutatedPackets() {
        final List<byte[]> samples = samples();
        final int[] seen = new int[DecodeStatus.COUNT];
        for (int round = 0; round < ROUNDS; round++) {
            final byte[] sample = samples.get(random.nextInt(samples.size()));
            final int length = random.nextInt(3) == 0 ? random.nextInt(sample.length + 20) : sample.length;
            final byte[] bytes = Arrays.copyOf(sample, length);
            for (int changes = random.nextInt(4); changes > 0 && length > 0; changes--) {
                final int at = random.nextInt(Math.min(length, random.nextBoolean() ? 80 : 8));
                switch (random.nextInt(3)) {
                    case 0 -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
                    case 1 -> bytes[at] = (byte) random.nextInt();
                    default -> Arrays.fill(bytes, at & ~1, Math.min((at & ~1) + 2, length), (byte) 0);
                }
            }
            final int original = random.nextInt(4) == 0 ? originalLength(length) : Math.max(length, sample.length);
            check(bytes, original);
            seen[view.decode(Unpooled.wrappedBuffer(bytes), 0, length, original)]++;
        }
        for (int status = 0; status < DecodeStatus.NO_QUOTE; status++) {
            assertTrue(seen[status] > 0, DecodeStatus.name(status) + " never seen, seed " + seed);
        }
    }

    @Test
    void shouldReadBackWhatTheBuilderWrote() {
        for (int round = 0; round < 20_000; round++) {
            final boolean four = random.nextBoolean();
            final int source = random.nextInt(1, 65_536);
            final int target = random.nextInt(1, 65_536);
            final byte[] payload = new byte[random.nextInt(300)];
            random.nextBytes(payload);
            final byte[] packet = PacketBuilder.ip(four ? A : C, four ? B : D).udp(source, target, payload);

            assertEquals("ok", Decoded.status(view, packet), "seed " + seed);

            assertEquals(source, view.sourcePort(), "seed " + seed);
            assertEquals(target, view.destinationPort(), "seed " + seed);
            assertEquals(payload.length, view.udp().payloadLength(), "seed " + seed);
            final int start = view.udp().payloadOffset();
            assertTrue(Arrays.equals(packet, start, packet.length, payload, 0, payload.length), "seed " + seed);
            assertTrue(view.udp().verifyChecksum(view), "seed " + seed);
        }
    }

    @Test
    void shouldGiveFragmentsThatCoverTheDatagramOnce() {
        for (int round = 0; round < 2000; round++) {
            final boolean four = random.nextBoolean();
            final byte[] payload = new byte[random.nextInt(1500, 9000)];
            final byte[] packet = PacketBuilder.ip(four ? A : C, four ? B : D).udp(844, 10_080, payload);
            int end = 0;
            for (final byte[] part : PacketBuilder.fragments(packet, random.nextInt(100, 1400))) {
                assertEquals("ok", Decoded.status(view, part), "seed " + seed);
                assertTrue(view.fragment(), "seed " + seed);
                assertEquals(end == 0, view.firstFragment(), "seed " + seed);
                assertEquals(end, view.fragmentOffsetBytes(), "seed " + seed);
                end = view.fragmentEndBytes();
            }
            assertEquals(payload.length + 8, end, "seed " + seed);
        }
    }
}
