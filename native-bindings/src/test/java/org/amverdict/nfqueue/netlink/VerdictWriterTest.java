package org.amverdict.nfqueue.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class VerdictWriterTest {
    @Test
    void shouldWriteKnownBytes() {
        final ByteBuf buffer = Unpooled.buffer(72, 72).setByte(8, 0xff);
        final VerdictWriter writer = new VerdictWriter(buffer);

        assertTrue(writer.verdict(0x1234, 0x01020304, NfqueueProtocol.NF_ACCEPT, VerdictWriter.NO_MARK));
        assertTrue(writer.verdictBatch(65_535, -1, NfqueueProtocol.NF_DROP, 0xcafe0001L));

        assertEquals(
                "20000000" + "0103" + "0100" + "0000000000000000" + "00001234" + "0c000200" + "00000001" + "01020304"
                        + "28000000" + "0303" + "0100" + "0000000000000000" + "0000ffff" + "0c000200" + "00000000"
                        + "ffffffff" + "08000300" + "cafe0001",
                ByteBufUtil.hexDump(buffer, 0, writer.length()));
    }

    @Test
    void shouldAskTheKernelToListenInEveryMessage() {
        // Without NLM_F_REQUEST the kernel ignores a verdict and says nothing.
        final ByteBuf buffer = Unpooled.buffer(80, 80);
        final VerdictWriter writer = new VerdictWriter(buffer);
        writer.verdict(0, 1, NfqueueProtocol.NF_ACCEPT, 0);
        writer.verdictBatch(0, 1, NfqueueProtocol.NF_ACCEPT, 0);

        assertEquals(NfqueueProtocol.NLM_F_REQUEST, buffer.getUnsignedShortLE(6));
        assertEquals(NfqueueProtocol.NLM_F_REQUEST, buffer.getUnsignedShortLE(46));
    }

    @Test
    void shouldRefuseAMessageThatDoesNotFit() {
        final VerdictWriter writer = new VerdictWriter(Unpooled.buffer(79, 79));
        assertEquals(1, writer.remainingMessages());

        assertTrue(writer.verdict(0, 1, 1, 5));
        assertEquals(39, writer.remaining());
        assertFalse(writer.verdict(0, 1, 1, 5));
        assertEquals(40, writer.length());
        assertTrue(writer.verdict(0, 1, 1, VerdictWriter.NO_MARK));
        assertFalse(writer.verdictBatch(0, 1, 1, VerdictWriter.NO_MARK));

        writer.begin();
        assertEquals(79, writer.remaining());
        assertEquals(0, writer.length());
    }

    @Test
    void shouldWriteKnownConfiguration() {
        final ByteBuf buffer = Unpooled.buffer(ConfigWriter.MESSAGE_MAX_BYTES, ConfigWriter.MESSAGE_MAX_BYTES);
        final ConfigWriter writer = new ConfigWriter(buffer);

        assertEquals(32, writer.mode(5, NfqueueProtocol.COPY_PACKET, 128));
        assertEquals(
                "20000000" + "0203" + "0100" + "0000000000000000" + "00000005" + "09000200" + "00000080" + "02000000",
                ByteBufUtil.hexDump(buffer, 0, 32));
        assertEquals(28, writer.maxLength(5, 0));
        assertEquals(
                "1c000000" + "0203" + "0100" + "0000000000000000" + "00000005" + "08000300" + "00000000",
                ByteBufUtil.hexDump(buffer, 0, 28));
    }
}
