package org.amverdict.inputs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Holds the list of bad inputs in src/docs/threats.md against the tests of this module that say they feed them. */
final class BadInputListTest {
    private static final int COUNT = 73;
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .+ \\| .+ \\| (.+) \\|");
    private static final String MODULE = "engine";

    private final Map<Integer, String> places = places();
    private final Map<Integer, List<String>> tests = new TreeMap<>();
    private final List<String> noTests = new ArrayList<>();

    BadInputListTest() throws IOException, URISyntaxException, ReflectiveOperationException {
        final Path classes = Path.of(BadInputListTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        final List<Path> files;
        try (Stream<Path> walk = Files.walk(classes)) {
            files = walk.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (final Path file : files) {
            final String name = classes.relativize(file).toString();
            collect(Class.forName(
                    name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                    false,
                    BadInputListTest.class.getClassLoader()));
        }
    }

    private void collect(final Class<?> type) {
        for (final Method method : type.getDeclaredMethods()) {
            final BadInput input = method.getAnnotation(BadInput.class);
            if (input == null) {
                continue;
            }
            final String name = type.getSimpleName() + "." + method.getName();
            final boolean runs =
                    method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class);
            if (!runs || method.isAnnotationPresent(Disabled.class) || type.isAnnotationPresent(Disabled.class)) {
                noTests.add(name);
            }
            for (final int number : input.value()) {
                tests.computeIfAbsent(number, key -> new ArrayList<>()).add(name);
            }
        }
    }

    /** Which module must test each number. */
    private static Map<Integer, String> places() {
        final Path list = Path.of(System.getProperty("basedir", "."), "docs/threats.md");
        final Map<Integer, String> places = new TreeMap<>();
        try {
            for (final String line : Files.readAllLines(list)) {
                final Matcher row = ROW.matcher(line);
                if (row.matches()) {
                    final Integer number = Integer.valueOf(row.group(1));
                    assertEquals(null, places.put(number, row.group(2)), () -> "twice: " + number);
                }
            }
        } catch (final IOException e) {
            throw new IllegalStateException(list.toString(), e);
        }
        return places;
    }

    @Test
    void shouldListEveryNumberOnce() {
        final SortedSet<Integer> all = new TreeSet<>();
        for (int number = 1; number <= COUNT; number++) {
            all.add(number);
        }
        assertEquals(all, places.keySet());
        assertTrue(Set.of("native-bindings", "engine").containsAll(places.values()), places::toString);
    }

    @Test
    void shouldFeedEveryInputOfThisModule() {
        final List<Integer> missing = new ArrayList<>();
        places.forEach((number, place) -> {
            if (place.equals(MODULE) && !tests.containsKey(number)) {
                missing.add(number);
            }
        });
        assertEquals(List.of(), missing, "without a test that has the number in @BadInput");
    }

    @Test
    void shouldFeedNothingThatIsNotListed() {
        final Map<Integer, List<String>> unlisted = new TreeMap<>(tests);
        unlisted.keySet().removeAll(places.keySet());
        assertEquals(Map.of(), unlisted);
    }

    @Test
    void shouldMarkOnlyTestsThatRun() {
        assertEquals(List.of(), noTests);
    }
}
