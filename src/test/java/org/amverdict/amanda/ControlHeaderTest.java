package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Header lines, good and bad: the inputs 57 to 62 of threats.md. */
final class ControlHeaderTest {
    private static final String LINE = "Amanda 3.5 REP HANDLE 000-0000000a SEQ 1795174338\n";

    private final ControlHeader header = new ControlHeader();

    private boolean wrap(final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        final ByteBuf buffer = Unpooled.wrappedBuffer(new byte[3], bytes, new byte[] {'\n', '1'});
        return header.wrap(buffer, 3, bytes.length);
    }

    @Test
    void shouldFindTheFieldsOfAHeader() {
        assertTrue(wrap(LINE + "body"));

        assertEquals(MessageType.REP, header.type());
        assertEquals(3 + LINE.indexOf("000-"), header.handleOffset());
        assertEquals(12, header.handleLength());
        assertEquals(3 + LINE.indexOf("1795"), header.sequenceOffset());
        assertEquals(10, header.sequenceLength());
        assertEquals(3 + LINE.length(), header.bodyOffset());
        assertEquals(4, header.bodyLength());
    }

    @ParameterizedTest
    @ValueSource(strings = {"REQ", "REP", "PREP", "ACK", "NAK"})
    void shouldKnowEveryType(final String type) {
        assertTrue(wrap(LINE.replace("REP", type)));
        assertEquals(type, header.type().name());
    }

    @Test
    void shouldRefuseEveryTruncation() {
        for (int length = 0; length < LINE.length(); length++) {
            assertFalse(wrap(LINE.substring(0, length)), "length " + length);
        }
        assertTrue(wrap(LINE));
        assertEquals(0, header.bodyLength());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.3", "2.4", "3.5", "4.0", "10.1", "999.999"})
    void shouldTakeAnyVersion(final String version) {
        assertTrue(wrap(LINE.replace("3.5", version)));
    }

    @Test
    @BadInput(57)
    void input57ShouldRefuseTextWithoutHeader() {
        assertFalse(wrap("CONNECT DATA 3306 \n"));
    }

    @ParameterizedTest
    @BadInput(58)
    @ValueSource(strings = {"amanda", "AMANDA", "Amanda ", " Amanda", "Amand"})
    void input58ShouldRefuseAnotherFirstWord(final String word) {
        assertFalse(wrap(LINE.replace("Amanda", word)));
    }

    @ParameterizedTest
    @BadInput(59)
    @ValueSource(strings = {"3", "3.", ".5", "3.5.1", "3.5x", "1000.5", "3.1000", "-3.5", "", "3 .5", "a.b"})
    void input59ShouldRefuseABadVersion(final String version) {
        assertFalse(wrap(LINE.replace("3.5", version)));
    }

    @ParameterizedTest
    @BadInput(60)
    @ValueSource(strings = {"rep", "Rep", "REPX", "RE", "", "REP  ", "CONNECT", "R\0P"})
    void input60ShouldRefuseAnUnknownType(final String type) {
        assertFalse(wrap(LINE.replace("REP", type)));
    }

    @ParameterizedTest
    @BadInput(61)
    @ValueSource(strings = {"", "a b", "a\0b", "caf\u00e9", "a\tb", "\u007f", "a\rb"})
    void input61ShouldRefuseABadHandle(final String handle) {
        assertFalse(wrap(LINE.replace("000-0000000a", handle)));
    }

    @Test
    @BadInput(61)
    void input61ShouldBoundTheHandle() {
        assertTrue(wrap(LINE.replace("000-0000000a", "h".repeat(64))));
        assertFalse(wrap(LINE.replace("000-0000000a", "h".repeat(65))));
        assertFalse(wrap(LINE.replace("000-0000000a", "h".repeat(4096))));
        assertFalse(wrap(LINE.replace("HANDLE ", "")));
    }

    @ParameterizedTest
    @BadInput(62)
    @ValueSource(
            strings = {"100000000000000000000", "1x", "", "-", "+1", "0x10", " 1", "1 ", "1\r", "--1", "12345678901"})
    void input62ShouldRefuseABadSequence(final String sequence) {
        assertFalse(wrap(LINE.replace("1795174338", sequence)));
    }

    @ParameterizedTest
    @BadInput(62)
    @ValueSource(strings = {"0", "-1", "-2147483648", "2147483647", "9999999999"})
    void input62ShouldTakeSignedNumbersAsText(final String sequence) {
        assertTrue(wrap(LINE.replace("1795174338", sequence)));
        assertEquals(sequence.length(), header.sequenceLength());
    }

    @Test
    void shouldRefuseOtherSpacing() {
        for (int i = 0; i < LINE.length(); i++) {
            if (LINE.charAt(i) == ' ') {
                assertFalse(wrap(LINE.substring(0, i) + " " + LINE.substring(i)), "doubled at " + i);
                assertFalse(wrap(LINE.substring(0, i) + "\t" + LINE.substring(i + 1)), "tab at " + i);
                assertFalse(wrap(LINE.substring(0, i) + LINE.substring(i + 1)), "none at " + i);
            }
        }
        assertFalse(wrap(LINE.replace("\n", "\r\n")));
        assertFalse(wrap("\n" + LINE));
    }

    @Test
    void shouldBoundTheLine() {
        final char[] line = new char[5000];
        Arrays.fill(line, 'x');
        assertFalse(wrap(new String(line)));
        assertFalse(wrap("Amanda 3.5 REP HANDLE " + new String(line) + " SEQ 1\n"));
    }
}
