package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Words that stop a native reader do not come back: in main code, documents, help texts and messages. */
final class ProseTest {
    /** A phrase and how many lines still have it. The number only falls. */
    private static final Map<String, Integer> PHRASES =
            Map.of("anew", 14, "of late", 7, "tells of", 1, "comes round", 2, "dearer", 0, "whoever", 10);

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
        return PHRASES.entrySet().stream()
                .map(phrase -> DynamicTest.dynamicTest(phrase.getKey(), () -> {
                    final List<String> found = linesWith(phrase.getKey());
                    assertTrue(
                            found.size() <= phrase.getValue(),
                            () -> found.size() + " lines instead of " + phrase.getValue() + ":\n"
                                    + String.join("\n", found));
                }));
    }

    @Test
    void shouldReadTheTexts() throws IOException {
        assertTrue(linesWith("the").size() > 1000);
    }
}
