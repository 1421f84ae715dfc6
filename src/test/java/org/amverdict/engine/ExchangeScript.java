package org.amverdict.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One whole control exchange of {@code src/test/resources/amanda/exchanges.txt}; its format is described there.
 *
 * @param title what it is
 * @param lines of the script, definitions filled in
 */
record ExchangeScript(String title, List<Line> lines) {
    private static final String RESOURCE = "/amanda/exchanges.txt";

    /**
     * A line of a script.
     *
     * @param number in the file, from 1
     */
    record Line(int number, String text) {}

    /** All exchanges in the order of the file. */
    static List<ExchangeScript> all() {
        final List<ExchangeScript> scripts = new ArrayList<>();
        final Map<String, String> definitions = new HashMap<>();
        List<Line> lines = List.of();
        int number = 0;
        for (final String text : read()) {
            number++;
            if (text.startsWith("let ")) {
                final int equals = text.indexOf(" = ");
                definitions.put(text.substring(4, equals), filledIn(text.substring(equals + 3), definitions));
            } else if (text.startsWith("[")) {
                lines = new ArrayList<>();
                scripts.add(new ExchangeScript(text.substring(1, text.length() - 1), lines));
            } else if (!text.isEmpty() && !text.startsWith("#")) {
                lines.add(new Line(number, filledIn(text, definitions)));
            }
        }
        return scripts;
    }

    private static String filledIn(final String text, final Map<String, String> definitions) {
        String filled = text;
        for (final Map.Entry<String, String> definition : definitions.entrySet()) {
            filled = filled.replace("${" + definition.getKey() + "}", definition.getValue());
        }
        if (filled.contains("${")) {
            throw new IllegalArgumentException("undefined: " + filled);
        }
        return filled;
    }

    private static List<String> read() {
        try (InputStream in = ExchangeScript.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + RESOURCE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (final IOException e) {
            throw new IllegalStateException(RESOURCE, e);
        }
    }

    @Override
    public String toString() {
        return title;
    }
}
