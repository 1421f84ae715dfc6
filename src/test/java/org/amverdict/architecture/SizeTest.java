package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** No class of main code is longer than 450 lines, and no package has more than a tenth of its lines. */
final class SizeTest {
    private static final int CLASS_LINES_MAX = 450;
    private static final int PACKAGE_PERCENT_MAX = 10;

    /** A reviewed one is a generated or a declared table: add it with that reason. */
    private static final Exceptions LONG_CLASSES = new Exceptions(Map.of(), """
            """);

    private static final Exceptions LARGE_PACKAGES = new Exceptions(Map.of(), "");

    @Test
    void shouldHaveNoLongClass() {
        final List<String> found = MainSource.all().stream()
                .filter(source -> source.lines() > CLASS_LINES_MAX)
                .map(source -> source.className() + " has " + source.lines() + " lines")
                .toList();

        LONG_CLASSES.hold("a class has at most " + CLASS_LINES_MAX + " lines", found);
    }

    @Test
    void shouldHaveNoLargePackage() {
        final Map<String, Integer> lines = new TreeMap<>();
        MainSource.all().forEach(source -> lines.merge(source.packageName(), source.lines(), Integer::sum));
        final int all = lines.values().stream().mapToInt(Integer::intValue).sum();
        final List<String> found = lines.entrySet().stream()
                .filter(entry -> entry.getValue() * 100 > all * PACKAGE_PERCENT_MAX)
                .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1) + " has " + entry.getValue()
                        + " of " + all + " lines")
                .toList();

        assertTrue(all > 10_000, "all were read: " + all);
        LARGE_PACKAGES.hold("a package has at most " + PACKAGE_PERCENT_MAX + " % of the lines", found);
    }
}
