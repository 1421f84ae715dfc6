package org.amverdict.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Decodes arbitrary bytes and checks that nothing outside them was looked at. */
final class BoundedDecoding {
    private static final int[] POISONS = {0x00, 0x44, 0xff};
    private static final int POISONED_AFTER = 300;

    private final PacketView view = new PacketView();

    /**
     * Decodes the bytes at the end of a buffer and amid several kinds of neighbours; all must say the same.
     *
     * @param before bytes in front of them
     * @param original length of the packet on the wire, said to be
     * @param note for the message of a failure
     */
    void check(final byte[] bytes, final int before, final int original, final String note) {
        final byte[] exact = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, exact, before, bytes.length);
        final String expected = decode(Unpooled.wrappedBuffer(exact), before, bytes.length, original, note);
        for (final int poison : POISONS) {
            final byte[] amid = new byte[before + bytes.length + POISONED_AFTER];
            Arrays.fill(amid, (byte) poison);
            System.arraycopy(bytes, 0, amid, before, bytes.length);
            final String actual = decode(Unpooled.wrappedBuffer(amid), before, bytes.length, original, note);
            assertEquals(expected, actual, () -> "poison " + poison + ", " + note);
        }
    }

    /** Everything the view says, so that two decodes can be compared. */
    private String decode(
            final ByteBuf buffer, final int at, final int available, final int original, final String note) {
        final int status = view.decode(buffer, at, available, original);
        final StringBuilder all = new StringBuilder(DecodeStatus.name(status));
        all.append(' ')
                .append(view.protocol())
                .append(' ')
                .append(view.sourceHigh())
                .append(view.sourceLow());
        if (status != DecodeStatus.OK) {
            return all.toString();
        }
        PacketPrinter.append(all.append(' '), view);
        if (view.laterFragment()) {
            return all.toString();
        }
        if (view.protocol() == PacketView.PROTOCOL_UDP) {
            final UdpView udp = view.udp();
            all.append(udp.complete()).append(udp.verifyChecksum(view, true)).append(udp.checksum());
            checkPayload(udp.payloadOffset(), udp.availablePayload(), udp.payloadLength(), at + available, note);
        } else if (view.protocol() == PacketView.PROTOCOL_TCP) {
            final TcpView tcp = view.tcp();
            all.append(tcp.sequence()).append(tcp.acknowledgement()).append(tcp.window());
            checkPayload(tcp.payloadOffset(), tcp.availablePayload(), tcp.payloadLength(), at + available, note);
        } else if (view.protocol() == (view.ipv6() ? PacketView.PROTOCOL_ICMPV6 : PacketView.PROTOCOL_ICMP)) {
            final IcmpView icmp = view.icmp();
            all.append(DecodeStatus.name(icmp.decodeQuoted())).append(icmp.quotedProtocol());
            all.append(icmp.quotedSourcePort()).append(icmp.quotedDestinationPort());
            all.append(icmp.quotedSourceHigh()).append(icmp.quotedDestinationLow());
        }
        return all.toString();
    }

    private static void checkPayload(
            final int start, final int present, final int length, final int end, final String note) {
        assertTrue(present >= 0 && present <= length && start + present <= end, () -> "payload, " + note);
    }
}
