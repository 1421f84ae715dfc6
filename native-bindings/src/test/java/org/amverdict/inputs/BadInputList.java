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

/**
 * Holds the list of bad inputs in src/docs/threats.md against the tests of one module that say they feed them: each module
 * has a test that extends this.
 */
public abstract class BadInputList {
    private static final int COUNT = 73;
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .+ \\| .+ \\| (.+) \\|");

    private final String module;
    private final Map<Integer, String> places;
    private final Map<Integer, List<String>> tests = new TreeMap<>();
    private final List<String> noTests = new ArrayList<>();

    /**
     * @param module name in the list
     * @param list threats.md, from the folder of the module
     */
    protected BadInputList(final String module, final String list)
            throws IOException, URISyntaxException, ReflectiveOperationException {
        this.module = module;
        places = places(Path.of(System.getProperty("basedir", "."), list));
        final Path classes = Path.of(
                getClass().getProtectionDomain().getCodeSource().getLocation().toURI());
        final List<Path> files;
        try (Stream<Path> walk = Files.walk(classes)) {
            files = walk.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (final Path file : files) {
            final String name = classes.relativize(file).toString();
            collect(Class.forName(
                    name.substring(0, name.length() - ".class".length()).replace('/', '.'),
                    false,
                    getClass().getClassLoader()));
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
    private static Map<Integer, String> places(final Path list) {
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
    public void shouldListEveryNumberOnce() {
        final SortedSet<Integer> all = new TreeSet<>();
        for (int number = 1; number <= COUNT; number++) {
            all.add(number);
        }
        assertEquals(all, places.keySet());
        assertTrue(Set.of("native-bindings", "engine").containsAll(places.values()), places::toString);
    }

    @Test
    public void shouldFeedEveryInputOfThisModule() {
        final List<Integer> missing = new ArrayList<>();
        places.forEach((number, place) -> {
            if (place.equals(module) && !tests.containsKey(number)) {
                missing.add(number);
            }
        });
        assertEquals(List.of(), missing, "without a test that has the number in @BadInput");
    }

    @Test
    public void shouldFeedNothingThatIsNotListed() {
        final Map<Integer, List<String>> unlisted = new TreeMap<>(tests);
        unlisted.keySet().removeAll(places.keySet());
        assertEquals(Map.of(), unlisted);
    }

    @Test
    public void shouldMarkOnlyTestsThatRun() {
        assertEquals(List.of(), noTests);
    }
}
