package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Words that stop a native reader do not come back: in main code, documents, help texts and messages. */
final class ProseTest {
    private static final List<String> PHRASES =
            List.of("anew", "of late", "tells of", "comes round", "dearer", "whoever");

    private static final List<String> PLACES =
            List.of("README.md", "dev", "src/docs", "src/main", "native-bindings/src/main", "benchmarks/src/main");

    /** Names the words as examples of what not to write. */
    private static final String GUIDE = "src/docs/contributing.md";

    private static final List<String> TEXTS =
            List.of("java", "md", "html", "json", "yml", "yaml", "service", "txt", "dev", "amverdict", "stage");

    private static List<Path> texts() throws IOException {
        final List<Path> texts = new ArrayList<>();
        for (final String place : PLACES) {
            try (Stream<Path> files = Files.walk(MainSource.CHECKOUT.resolve(place))) {
                files.filter(Files::isRegularFile)
                        .filter(file -> TEXTS.contains(ending(file)) && !file.endsWith(GUIDE))
                        .forEach(texts::add);
            }
        }
        return texts;
    }

    private static String ending(final Path file) {
        final String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Each "FILE:LINE: TEXT". */
    private static List<String> linesWith(final String phrase) throws IOException {
        final Pattern words = Pattern.compile("\\b" + phrase.replace(" ", "\\s+") + "\\b", Pattern.CASE_INSENSITIVE);
        final List<String> found = new ArrayList<>();
        for (final Path file : texts()) {
            final List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (words.matcher(lines.get(i)).find()) {
                    found.add(MainSource.CHECKOUT.relativize(file) + ":" + (i + 1) + ": "
                            + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    @TestFactory
    Stream<DynamicTest> shouldNotWrite() {
        return PHRASES.stream()
                .map(phrase ->
                        DynamicTest.dynamicTest(phrase, () -> assertEquals("", String.join("\n", linesWith(phrase)))));
    }

    @Test
    void shouldReadTheTexts() throws IOException {
        assertTrue(linesWith("the").size() > 1000);
    }
}
