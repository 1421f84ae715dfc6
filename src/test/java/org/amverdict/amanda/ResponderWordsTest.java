package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where an answer has what the responder says. */
final class ResponderWordsTest {
    private final ResponderWords words = new ResponderWords();

    private List<String> read(final MessageType type, final String body) {
        // Something before and behind it, which is not of it.
        final byte[] bytes = ("ERROR before\n" + body + "ERROR behind").getBytes(StandardCharsets.ISO_8859_1);
        final ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
        words.read(type, buffer, 13, body.length());
        final List<String> lines = new ArrayList<>();
        for (int i = 0; i < words.count(); i++) {
            lines.add(buffer.toString(words.offset(i), words.length(i), StandardCharsets.ISO_8859_1));
        }
        return lines;
    }

    @Test
    void shouldReadEveryLineOfANak() {
        assertEquals(List.of("ERROR busy"), read(MessageType.NAK, "ERROR busy\n"));
        assertEquals(List.of("ERROR busy"), read(MessageType.NAK, "ERROR busy"));
        assertEquals(List.of("access as x", "not allowed"), read(MessageType.NAK, "\naccess as x\n\nnot allowed\n"));
        assertEquals(List.of(), read(MessageType.NAK, ""));
    }

    @Test
    void shouldReadTheErrorLinesOfAReplyAlone() {
        assertEquals(
                List.of("ERROR [no tar]", "ERROR two"),
                read(MessageType.REP, "OPTIONS features=ff;\nERROR [no tar]\n ERROR indented\nERROR two\n"));
        assertEquals(List.of(), read(MessageType.REP, "CONNECT DATA 11001\n"));
    }

    @ParameterizedTest
    @EnumSource(
            value = MessageType.class,
            names = {"REQ", "ACK", "PREP"})
    void shouldReadNothingOfOtherMessages(final MessageType type) {
        assertEquals(List.of(), read(type, "ERROR busy\n"));
    }

    @Test
    void shouldSayThatThereWasMore() {
        assertEquals(List.of("1", "2", "3"), read(MessageType.NAK, "1\n2\n3\n"));
        assertTrue(!words.more());
        assertEquals(List.of("1", "2", "3"), read(MessageType.NAK, "1\n2\n3\n4"));
        assertTrue(words.more());
    }

    /** A hostile REP of 64 KiB costs no more than its first two. */
    @Test
    void shouldLookAtTheBeginningAlone() {
        assertEquals(List.of(), read(MessageType.REP, "OK\n".repeat(1000) + "ERROR far behind\n"));
        final List<String> cut = read(MessageType.NAK, "x".repeat(60_000));
        assertEquals(ResponderWords.READ_MAX, cut.get(0).length());
    }

    @Test
    void shouldStayInsideWhateverTheBodyIs() {
        final Random random = new Random(11);
        final String alphabet = "ERRO \n\n\0\u00ff1";
        for (int i = 0; i < 20_000; i++) {
            final StringBuilder body = new StringBuilder();
            for (int length = random.nextInt(40); length > 0; length--) {
                body.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            final MessageType type = random.nextBoolean() ? MessageType.NAK : MessageType.REP;
            for (final String line : read(type, body.toString())) {
                assertTrue(("\n" + body + "\n").contains("\n" + line + "\n"), "'" + line + "' of '" + body + "'");
                assertTrue(type == MessageType.NAK || line.startsWith("ERROR"), line);
            }
        }
    }
}
