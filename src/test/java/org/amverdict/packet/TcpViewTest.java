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
}
