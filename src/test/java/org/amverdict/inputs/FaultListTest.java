package org.amverdict.inputs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the list of faults in src/docs/threats.md against the tests that it names: each must be there. */
final class FaultListTest {
    private static final int COUNT = 29;
    private static final Path LIST = Path.of(System.getProperty("basedir", "."), "docs/threats.md");
    private static final Pattern ROW = Pattern.compile("\\| (F[A-D]\\d) \\| .+ \\| .+ \\| (`.+`) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+)(?:#(\\w+))?`");

    private static final Map<String, String> CLASSES = classes();

    private static Map<String, String> classes() {
        final Map<String, String> names = new TreeMap<>();
        try {
            final Path root = Path.of(FaultListTest.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            try (Stream<Path> walk = Files.walk(root)) {
                walk.map(file -> root.relativize(file).toString())
                        .filter(file -> file.endsWith(".class") && !file.contains("$"))
                        .map(file -> file.substring(0, file.length() - ".class".length())
                                .replace('/', '.'))
                        .forEach(name -> names.put(name.substring(name.lastIndexOf('.') + 1), name));
            }
        } catch (final IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return names;
    }

    @Test
    void shouldNameATestOfEveryFault() throws IOException, ClassNotFoundException {
        int rows = 0;
        final List<String> missing = new ArrayList<>();
        for (final String line : Files.readAllLines(LIST)) {
            final Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows++;
                final Matcher name = NAME.matcher(row.group(2));
                while (name.find()) {
                    if (!isThere(name.group(1), name.group(2))) {
                        missing.add(row.group(1) + ": " + name.group());
                    }
                }
            }
        }

        assertEquals(List.of(), missing);
        assertEquals(COUNT, rows);
    }

    /** @param method null for a whole class */
    private static boolean isThere(final String type, final String method) throws ClassNotFoundException {
        final String name = CLASSES.get(type);
        if (name == null) {
            return false;
        }
        return method == null
                || Arrays.stream(Class.forName(name, false, FaultListTest.class.getClassLoader())
                                .getDeclaredMethods())
                        .anyMatch(found -> found.getName().equals(method));
    }
}
