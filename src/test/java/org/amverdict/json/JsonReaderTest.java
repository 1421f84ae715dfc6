package org.amverdict.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonReaderTest {
    @Test
    void shouldReadEveryKindOfValue() {
        final Map<String, Object> read = JsonReader.object(
                " { \"i\" : -7 , \"l\":8000000000,\"b\":18446744073709551615,\"d\":1.5e3,\"t\":true,\"f\":false,\"n\":null,"
                        + "\"s\":\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\",\"a\":[1,[],{}],\"o\":{\"x\":\"y\"}}\r\n");

        assertEquals(-7, read.get("i"));
        assertEquals(8_000_000_000L, read.get("l"));
        assertEquals(new BigInteger("18446744073709551615"), read.get("b"));
        assertEquals(1500.0, read.get("d"));
        assertEquals(true, read.get("t"));
        assertEquals(false, read.get("f"));
        assertTrue(read.containsKey("n") && read.get("n") == null);
        assertEquals("a\"\\/\b\f\n\r\t\u00e9", read.get("s"));
        assertEquals(List.of(1, List.of(), Map.of()), read.get("a"));
        assertEquals(Map.of("x", "y"), read.get("o"));
        assertEquals(
                Long.MAX_VALUE, JsonReader.object("{\"m\":9223372036854775807}").get("m"));
    }

    @Test
    void shouldReadBackEveryCharacterThatALineCanHold() {
        final StringBuilder all = new StringBuilder();
        for (int c = 0; c <= 0xffff; c++) {
            all.append((char) c);
        }

        assertEquals(
                all.toString(),
                JsonReader.object(new JsonLine().add("k", all.toString()).end()).get("k"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "7",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,}",
                "{\"a\":\"x",
                "{\"a\":\"\\u00",
                "{\"a\":\"\\x\"}",
                "{\"a\":-}",
                "{\"a\":1.2.3}",
                "{\"a\":nul}",
                "{\"a\":1}{}",
                "{\"a\":1,\"a\":2}",
                "{a:1}",
                "{'a':1}"
            })
    void shouldRefuseWhatIsNoObject(final String text) {
        final String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> JsonReader.object(text))
                        .getMessage());

        assertTrue(message.startsWith("not JSON: "), message);
    }

    /** A line that the end of a disk cut anywhere is refused, and costs no exception of another kind. */
    @Test
    void shouldRefuseEveryBeginningOfALine() {
        final String line = "{\"a\":[1,{\"b\":\"\\u0041\\n\"}],\"c\":true,\"d\":-1.5}";
        for (int length = 0; length < line.length(); length++) {
            final String cut = line.substring(0, length);
            assertThrows(IllegalArgumentException.class, () -> JsonReader.object(cut), cut);
        }
    }

    @Test
    void shouldRefuseWhatIsTooDeep() {
        final char[] deep = new char[100_000];
        Arrays.fill(deep, '[');

        assertThrows(IllegalArgumentException.class, () -> JsonReader.object("{\"a\":" + new String(deep)));
    }
}
