package org.amverdict.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amverdict.lab.AmandaMessages.Transaction;
import org.junit.jupiter.api.Test;

/** The texts against the examples of amanda-protocol.md, section 8, whose lengths are stated there. */
class AmandaMessagesTest {
    private static final Transaction OF = new Transaction("000-00000000", 1_795_174_338L);

    @Test
    void shouldWriteTheRequestsOfTheExamples() {
        assertEquals(147, AmandaMessages.noop(OF).length, "E1");
        assertEquals(404, AmandaMessages.sendbackup(OF, true).length, "E3");
        assertEquals(152, AmandaMessages.recovery(OF, "amindexd").length, "E18");
        assertEquals(154, AmandaMessages.recovery(OF, "amidxtaped").length, "E20");
    }

    @Test
    void shouldWriteTheRepliesOfTheExamples() {
        assertEquals(107, AmandaMessages.noopReply(OF).length, "E2");
        assertEquals(50, AmandaMessages.ack(OF).length, "E4");
        assertEquals(
                161, AmandaMessages.connectReply(OF, "DATA 50081 MESG 50082 INDEX 50083 STATE 50084").length, "E5");
        assertEquals(70, AmandaMessages.recoveryReply(OF, "MESG 50066").length, "E19");
        assertEquals(289, AmandaMessages.reflectingNak(OF, "CONNECT DATA 22 MESG 23 INDEX 25").length, "E33");
    }

    @Test
    void shouldStartWithTheHeaderLine() {
        final String text = new String(AmandaMessages.ack(Transaction.number(0x1f)), UTF_8);

        assertEquals("Amanda 3.5 ACK HANDLE 000-0000001f SEQ 1795174369\n", text);
    }
}
