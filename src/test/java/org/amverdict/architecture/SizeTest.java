package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** No class of main code is longer than 450 lines, and no package has more than a tenth of its lines. */
final class SizeTest {
    private static final int CLASS_LINES_MAX = 450;
    private static final int PACKAGE_PERCENT_MAX = 10;

    /** A reviewed one is a generated or a declared table: add it with that reason. */
    private static final Exceptions LONG_CLASSES = new Exceptions(Map.of(), """
            ControlJudge ExpectationTable FlowTable Sessions SlotTable TcpTracker TransactionTable
            """);

    private static final Exceptions LARGE_PACKAGES = new Exceptions(Map.of(), "telemetry track");

    @Test
    void shouldHaveNoLongClass() {
        final List<String> found = MainSource.all().stream()
                .filter(source -> source.lines() > CLASS_LINES_MAX)
                .map(source -> source.className() + " has " + source.lines() + " lines")
                .toList();

        assertEquals("", String.join("\n", LONG_CLASSES.without(found)), "more than " + CLASS_LINES_MAX);
        assertEquals(Set.of(), LONG_CLASSES.unused(), "exceptions that nothing needs");
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
        assertEquals("", String.join("\n", LARGE_PACKAGES.without(found)), "more than " + PACKAGE_PERCENT_MAX + " %");
        assertEquals(Set.of(), LARGE_PACKAGES.unused(), "exceptions that nothing needs");
    }
}
