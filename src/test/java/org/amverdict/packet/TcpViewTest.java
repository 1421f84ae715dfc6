package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;

/** TCP headers; the header parts of bad input 72. */
class TcpViewTest {
    private static final String A = "192.0.2.10";
    private static final String B = "198.51.100.20";

    private final PacketView view = new PacketView();

    private String status(final int flags, final byte[] payload) {
        return Decoded.status(view, PacketBuilder.tcp4(A, 50_000, B, 11_001, flags, payload));
    }

    @Test
    void shouldReadWhatTheBuilderWrote() {
        final byte[] packet = PacketBuilder.ip(A, B)
                .tcp(65_535, 1, 0xd8, 0xfffffff0, 0x80000001, new byte[] {1, 1, 1, 1, 1}, new byte[77]);

        assertEquals("ok", Decoded.status(view, packet));

        assertEquals(65_535, view.tcp().sourcePort());
        assertEquals(65_535, view.sourcePort());
        assertEquals(1, view.tcp().destinationPort());
        assertEquals(1, view.destinationPort());
        assertEquals(0xfffffff0, view.tcp().sequence());
        assertEquals(0x80000001, view.tcp().acknowledgement());
        assertEquals(0xd8, view.tcp().flags());
        assertEquals(28, view.tcp().dataOffset());
        assertEquals(48, view.tcp().payloadOffset());
        assertEquals(77, view.tcp().payloadLength());
        assertEquals(77, view.tcp().availablePayload());
    }

    @Test
    @BadInput(72)
    void shouldRefuse72DataOffsetsThatCannotBe() {
        final byte[] packet = PacketBuilder.tcp4(A, 50_000, B, 11_001, 2, new byte[8]);
        for (int words = 0; words < 16; words++) {
            final String expected = words >= 5 && words <= 7 ? "ok" : "bad-header-length";
            assertEquals(expected, Decoded.status(view, Decoded.with(packet, 32, words << 4)), "words " + words);
        }
        for (int length = 0; length < 20; length++) {
            final byte[] stub = PacketBuilder.ip(A, B).payload(6, new byte[length]);
            assertEquals("bad-header-length", Decoded.status(view, stub), "length " + length);
        }
    }

    @Test
    @BadInput(72)
    void shouldAcceptOnly72TheFlagsThatConntrackCallsValid() {
        // SYN, SYN+URG, SYN+ACK, RST, RST+ACK, FIN+ACK, FIN+ACK+URG, ACK, ACK+URG
        final Set<Integer> valid = Set.of(0x02, 0x22, 0x12, 0x04, 0x14, 0x11, 0x31, 0x10, 0x30);
        for (int flags = 0; flags < 256; flags++) {
            final String expected = valid.contains(flags & 0x37) ? "ok" : "bad-flags";
            assertEquals(expected, status(flags, new byte[0]), "flags " + Integer.toHexString(flags));
        }
    }

    @Test
    @BadInput(72)
    void shouldTakeOnly72ASynWithNothingElseForAnOpening() {
        for (int flags = 0; flags < 256; flags++) {
            if (status(flags, new byte[0]).equals("ok")) {
                assertEquals((flags & 0x3f) == 0x02, view.tcp().plainSyn(), "flags " + Integer.toHexString(flags));
            }
        }
        assertEquals("ok", status(0x02, new byte[1]));
        assertFalse(view.tcp().plainSyn());
        assertEquals("ok", status(0xc2, new byte[0]));
        assertTrue(view.tcp().plainSyn());
    }

    @Test
    void shouldNotTakeASynWhoseDataTheCopyLacksForAnOpening() {
        final byte[] packet = PacketBuilder.tcp4(A, 50_000, B, 11_001, 2, new byte[10]);
        assertEquals("ok", Decoded.status(view, java.util.Arrays.copyOf(packet, 40), packet.length));
        assertEquals(0, view.tcp().availablePayload());
        assertFalse(view.tcp().plainSyn());
    }

    @Test
    void shouldTellARightChecksumFromAWrongOne() {
        for (final String[] ends : new String[][] {{A, B}, {"2001:db8::1", "2001:db8:ffff::2"}}) {
            final int header = ends[0].equals(A) ? 20 : 40;
            for (int length = 0; length < 70; length++) {
                final byte[] text = new byte[length];
                java.util.Arrays.fill(text, (byte) (0xff - length));
                final byte[] packet =
                        PacketBuilder.ip(ends[0], ends[1]).tcp(50_000, 11_001, 0x18, 1, 2, new byte[] {1, 1, 1}, text);
                assertEquals("ok", Decoded.status(view, packet));
                assertTrue(view.tcp().verifyChecksum(view, false), "length " + length);
                for (int at = header; at < packet.length; at++) {
                    final byte[] wrong = Decoded.with(packet, at, packet[at] ^ 4);
                    if (Decoded.status(view, wrong).equals("ok")) {
                        assertFalse(view.tcp().verifyChecksum(view, true), "byte " + at);
                    }
                }
            }
        }
    }

    @Test
    void shouldAcceptAChecksumOfThePseudoHeaderAloneWhereAskedTo() {
        final byte[] packet = PacketBuilder.tcp4(A, 50_000, B, 11_001, 0x18, new byte[] {1, 2, 3});
        // 192.0.2.10 + 198.51.100.20 + protocol 6 + 23 bytes, folded by hand
        final int partial = 0xc000 + 0x020a + 0xc633 + 0x6414 + 6 + 23;
        PacketBuilder.putShort(packet, 36, (partial & 0xffff) + (partial >>> 16));

        assertEquals("ok", Decoded.status(view, packet));

        assertTrue(view.tcp().verifyChecksum(view, true));
        assertFalse(view.tcp().verifyChecksum(view, false));
    }

    @Test
    void shouldNotVerifyWhatTheCopyLacks() {
        final byte[] packet = PacketBuilder.tcp4(A, 50_000, B, 11_001, 0x18, new byte[10]);
        for (int copied = 40; copied <= packet.length; copied++) {
            assertEquals("ok", Decoded.status(view, java.util.Arrays.copyOf(packet, copied), packet.length));
            assertEquals(copied == packet.length, view.tcp().complete());
            assertEquals(copied == packet.length, view.tcp().verifyChecksum(view, true));
        }
    }
}
