package org.amverdict.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LineDiffTest {
    private static final Pattern HUNK = Pattern.compile("@@ -(\\d+)(?:,(\\d+))? \\+(\\d+)(?:,(\\d+))? @@");

    private static List<String> numbers(final int count) {
        return IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList();
    }

    @Test
    void shouldSayNothingOfEqualTexts() {
        assertEquals(List.of(), LineDiff.unified(List.of(), List.of()));
        assertEquals(List.of(), LineDiff.unified(numbers(9), numbers(9)));
    }

    @Test
    void shouldShowDifferencesAsDiffDoes() {
        final List<String> old = numbers(30);
        final List<String> current = new ArrayList<>(old);
        current.set(4, "five");
        current.remove(20);
        current.add(10, "new");

        assertEquals(
                List.of(
                        "@@ -2,12 +2,13 @@",
                        " 2",
                        " 3",
                        " 4",
                        "-5",
                        "+five",
                        " 6",
                        " 7",
                        " 8",
                        " 9",
                        " 10",
                        "+new",
                        " 11",
                        " 12",
                        " 13",
                        "@@ -18,7 +19,6 @@",
                        " 18",
                        " 19",
                        " 20",
                        "-21",
                        " 22",
                        " 23",
                        " 24"),
                LineDiff.unified(old, current));
        assertEquals(List.of("@@ -0,0 +1 @@", "+1"), LineDiff.unified(List.of(), numbers(1)));
        assertEquals(List.of("@@ -1,2 +0,0 @@", "-1", "-2"), LineDiff.unified(numbers(2), List.of()));
    }

    @Test
    void shouldReplaceTheMiddleOfTextsTooLongToCompare() {
        final List<String> current = new ArrayList<>(numbers(3000));
        current.replaceAll(line -> line + "x");

        assertEquals(6001, LineDiff.unified(numbers(3000), current).size());
    }

    @Test
    void shouldTurnTheOldTextIntoTheNew() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            final List<String> old = random(random);
            final List<String> current = random(random);

            assertEquals(
                    current,
                    patched(old, LineDiff.unified(old, current)),
                    "seed " + seed + " round " + round + " old " + old);
        }
    }

    private static List<String> random(final SplittableRandom random) {
        return random.ints(random.nextInt(30), 0, 4).mapToObj(Integer::toString).toList();
    }

    private static List<String> patched(final List<String> old, final List<String> diff) {
        final List<String> result = new ArrayList<>();
        int at = 0;
        for (final String line : diff) {
            final Matcher hunk = HUNK.matcher(line);
            if (hunk.matches()) {
                // A range of no lines is named by the line before it.
                final int start = Integer.parseInt(hunk.group(1)) - ("0".equals(hunk.group(2)) ? 0 : 1);
                result.addAll(old.subList(at, start));
                at = start;
                assertEquals(
                        result.size(), Integer.parseInt(hunk.group(3)) - ("0".equals(hunk.group(4)) ? 0 : 1), line);
                continue;
            }
            if (line.charAt(0) != '+') {
                assertEquals(old.get(at), line.substring(1));
                at++;
            }
            if (line.charAt(0) != '-') {
                result.add(line.substring(1));
            }
        }
        result.addAll(old.subList(at, old.size()));
        return result;
    }
}
