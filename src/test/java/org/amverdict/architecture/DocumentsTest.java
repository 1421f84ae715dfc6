package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents for developers name what is there: each room, each decision, each file that they link to. */
final class DocumentsTest {
    private static final Path DOCUMENTS = MainSource.CHECKOUT.resolve("src/docs");
    private static final Path DECISIONS = DOCUMENTS.resolve("decisions");
    private static final String ROOT = "org.amverdict.";
    private static final Pattern ROOM_ROW = Pattern.compile("^\\| `([a-z.]+)` \\| \\S.* \\|$", Pattern.MULTILINE);
    private static final Pattern DECISION_ROW = Pattern.compile(
            "^\\| (?:\\[(\\d{3})]\\((\\1-[a-z0-9-]+\\.md)\\)|(\\d{3})) \\| (\\S.*) \\|$", Pattern.MULTILINE);
    private static final Pattern LINK = Pattern.compile("]\\(([^)#: ]+)(?:#[^)]*)?\\)");
    private static final String UNUSED = "Never used.";

    private static String read(final Path file) throws IOException {
        return Files.readString(file);
    }

    private static Stream<String> groups(final Pattern pattern, final String text, final int group) {
        return pattern.matcher(text).results().map(found -> found.group(group)).filter(one -> one != null);
    }

    /** Names of the pages, without the index. */
    private static Set<String> pages() throws IOException {
        try (Stream<Path> files = Files.list(DECISIONS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void shouldNameEachRoom() throws IOException {
        final Set<String> rooms = MainSource.all().stream()
                .map(MainSource::packageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(
                String.join("\n", rooms),
                groups(ROOM_ROW, read(DOCUMENTS.resolve("architecture.md")), 1)
                        .sorted()
                        .collect(Collectors.joining("\n")));
    }

    @Test
    void shouldListEachDecision() throws IOException {
        assertEquals(
                String.join("\n", pages()),
                groups(DECISION_ROW, read(DECISIONS.resolve("README.md")), 2).collect(Collectors.joining("\n")));
    }

    /** A number that no page has says so, so that nobody looks for it. */
    @Test
    void shouldListEachNumberOnce() throws IOException {
        final List<String> numbers = new ArrayList<>();
        final Matcher rows = DECISION_ROW.matcher(read(DECISIONS.resolve("README.md")));
        while (rows.find()) {
            numbers.add(rows.group(1) == null ? rows.group(3) : rows.group(1));
            assertEquals(rows.group(1) == null, rows.group(4).equals(UNUSED), rows.group());
        }

        assertEquals(
                IntStream.rangeClosed(1, numbers.size())
                        .mapToObj("%03d"::formatted)
                        .toList(),
                numbers);
    }

    /** Other sections may stand between them. */
    @Test
    void shouldGiveEachDecisionOneLayout() throws IOException {
        final List<String> wrong = new ArrayList<>();
        for (final String page : pages()) {
            final String text = read(DECISIONS.resolve(page));
            final List<String> sections = text.lines()
                    .filter(line -> line.startsWith("## "))
                    .map(line -> line.substring("## ".length()))
                    .filter(Set.of("Context", "Choice", "Rejected", "Consequence")::contains)
                    .toList();
            if (!text.startsWith("# " + page.substring(0, 3) + " ")
                    || !sections.equals(List.of("Context", "Choice", "Rejected", "Consequence"))) {
                wrong.add(page + " " + sections);
            }
        }

        assertEquals("", String.join("\n", wrong));
    }

    @Test
    void shouldLinkToFilesThatAreThere() throws IOException {
        final List<Path> documents = new ArrayList<>(List.of(MainSource.CHECKOUT.resolve("README.md")));
        try (Stream<Path> files = Files.walk(DOCUMENTS)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        final Set<String> wrong = new TreeSet<>();
        final Set<String> links = new HashSet<>();
        for (final Path document : documents) {
            groups(LINK, read(document), 1).forEach(link -> {
                links.add(link);
                if (!Files.exists(document.resolveSibling(link))) {
                    wrong.add(MainSource.CHECKOUT.relativize(document) + " links to " + link);
                }
            });
        }

        assertEquals("", String.join("\n", wrong));
        assertTrue(links.size() > 20, links.toString());
    }
}
