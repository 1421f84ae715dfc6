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
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amverdict.engine.EngineFixture;
import org.amverdict.packet.PacketBuilder;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Holds the list of bad inputs in src/docs/threats.md against the tests of this module that say they feed them. */
final class BadInputListTest {
    private static final int COUNT = 72;
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .+ \\| .+ \\| (.+) \\|");
    private static final String MODULE = "engine";
    private static final String NOT_BUILT = "not built yet: ";

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

    /** What the list says of each number: the module that must test it, or why nobody can yet. */
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
        places.forEach((number, place) -> assertTrue(
                place.equals("native-bindings") || place.equals("engine") || place.startsWith(NOT_BUILT),
                number + ": " + place));
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
    void shouldFeedNothingThatIsNotListedOrNotBuilt() {
        tests.forEach((number, names) -> {
            final String place = places.getOrDefault(number, "not in the list");
            assertTrue(
                    place.equals("native-bindings") || place.equals("engine"),
                    number + ": " + place + ", but " + names);
        });
    }

    @Test
    void shouldMarkOnlyTestsThatRun() {
        assertEquals(List.of(), noTests);
    }

    /** When this fails, 48 is built: give it a test of its own and change its row in the list. */
    @Test
    void shouldNotBeBuiltWhatIsListedSo() {
        final List<Integer> notBuilt = places.entrySet().stream()
                .filter(place -> place.getValue().startsWith(NOT_BUILT))
                .map(Map.Entry::getKey)
                .toList();
        final EngineFixture fixture = new EngineFixture();
        final byte[] request = EngineFixture.udp(
                EngineFixture.SERVER,
                EngineFixture.REQUESTER_PORT,
                EngineFixture.CLIENT,
                EngineFixture.CONTROL,
                EngineFixture.message("REQ", "000-00000000", "1", EngineFixture.requestBody("noop")));
        fixture.send(request, EngineFixture.SECOND);

        final boolean built48 = fixture.send(
                        PacketBuilder.icmpError(EngineFixture.CLIENT, EngineFixture.SERVER, 3, 3, request),
                        EngineFixture.SECOND)
                .accepted();

        assertEquals(built48 ? List.of() : List.of(48), notBuilt);
    }
}
