package org.amverdict.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class JsonLineTest {
    @Test
    void shouldNestObjectsAndArrays() {
        final JsonLine line = new JsonLine().add("a", 1).openArray("list");
        for (int i = 0; i < 2; i++) {
            line.openElement().add("i", i).closeObject();
        }
        final String json = line.closeArray()
                .openObject("empty")
                .closeObject()
                .openObject("inner")
                .add("yes", true)
                .addNumber("time", "0.000001")
                .closeObject()
                .add("last", "x")
                .end();

        assertEquals(
                "{\"a\":1,\"list\":[{\"i\":0},{\"i\":1}],\"empty\":{},"
                        + "\"inner\":{\"yes\":true,\"time\":0.000001},\"last\":\"x\"}",
                json);
        assertEquals(
                Map.of(
                        "a",
                        1,
                        "list",
                        List.of(Map.of("i", 0), Map.of("i", 1)),
                        "empty",
                        Map.of(),
                        "inner",
                        Map.of("yes", true, "time", 0.000001),
                        "last",
                        "x"),
                JsonReader.object(json));
    }

    @Test
    void shouldEscapeEveryCharacter() {
        final StringBuilder all = new StringBuilder();
        for (int c = 0; c <= 0xffff; c++) {
            all.append((char) c);
        }

        final String json = new JsonLine().add("k\"\n", all.toString()).end();

        assertEquals(0, json.chars().filter(c -> c < ' ' || c > '~').count());
        assertEquals(
                "{\"k\":\"\\\"\\\\ \\u0000\\u000a\\u007f\\u00e9\\u2028\\ud83d\"}",
                new JsonLine().add("k", "\"\\ \0\n\u007f\u00e9\u2028\ud83d").end());
    }
}
