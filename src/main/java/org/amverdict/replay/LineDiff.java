package org.amverdict.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * The lines in which two texts differ, in the format of {@code diff -u}. The diff is the shortest one as long as the
 * differing middle parts have at most 4 million pairs of lines; beyond that it replaces the whole middle.
 */
public final class LineDiff {
    private static final int CONTEXT = 3;
    private static final int PAIRS_MAX = 4_000_000;

    private final List<String> old;
    private final List<String> current;
    /** One entry per line of the result: ' ' in both, '-' only old, '+' only new. */
    private final StringBuilder script = new StringBuilder();

    private LineDiff(final List<String> old, final List<String> current) {
        this.old = old;
        this.current = current;
    }

    /** The differing lines with three lines around them, under {@code @@} lines; empty when there are none. */
    public static List<String> unified(final List<String> old, final List<String> current) {
        final LineDiff diff = new LineDiff(old, current);
        diff.compare();
        return diff.hunks();
    }

    private void compare() {
        final int shorter = Math.min(old.size(), current.size());
        int head = 0;
        while (head < shorter && old.get(head).equals(current.get(head))) {
            head++;
        }
        int tail = 0;
        while (tail < shorter - head && old.get(old.size() - 1 - tail).equals(current.get(current.size() - 1 - tail))) {
            tail++;
        }
        script.append(" ".repeat(head));
        compareMiddle(old.subList(head, old.size() - tail), current.subList(head, current.size() - tail));
        script.append(" ".repeat(tail));
    }

    private void compareMiddle(final List<String> left, final List<String> right) {
        if ((long) left.size() * right.size() > PAIRS_MAX) {
            script.append("-".repeat(left.size())).append("+".repeat(right.size()));
            return;
        }
        // common[i][j]: length of the longest common subsequence of what follows i and j
        final int[][] common = new int[left.size() + 1][right.size() + 1];
        for (int i = left.size() - 1; i >= 0; i--) {
            for (int j = right.size() - 1; j >= 0; j--) {
                common[i][j] = left.get(i).equals(right.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < left.size() || j < right.size()) {
            if (i < left.size() && j < right.size() && left.get(i).equals(right.get(j))) {
                script.append(' ');
                i++;
                j++;
            } else if (j == right.size() || (i < left.size() && common[i + 1][j] >= common[i][j + 1])) {
                script.append('-');
                i++;
            } else {
                script.append('+');
                j++;
            }
        }
    }

    private List<String> hunks() {
        final List<String> result = new ArrayList<>();
        int at = nextChange(0);
        int oldLine = 0;
        int newLine = 0;
        int consumed = 0;
        while (at < script.length()) {
            final int start = Math.max(consumed, at - CONTEXT);
            int end = at + 1;
            // Changes with at most two contexts between them share a hunk.
            for (int next = nextChange(end); next < script.length() && next - end <= 2 * CONTEXT; ) {
                end = next + 1;
                next = nextChange(end);
            }
            end = Math.min(script.length(), end + CONTEXT);
            oldLine += start - consumed;
            newLine += start - consumed;
            final List<String> lines = lines(start, end, oldLine, newLine);
            final int oldCount = count(start, end, '+');
            final int newCount = count(start, end, '-');
            result.add("@@ -" + range(oldLine, oldCount) + " +" + range(newLine, newCount) + " @@");
            result.addAll(lines);
            oldLine += oldCount;
            newLine += newCount;
            consumed = end;
            at = nextChange(end);
        }
        return result;
    }

    private int nextChange(final int from) {
        int at = from;
        while (at < script.length() && script.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    private List<String> lines(final int start, final int end, final int oldLine, final int newLine) {
        final List<String> lines = new ArrayList<>();
        int i = oldLine;
        int j = newLine;
        for (int at = start; at < end; at++) {
            final char kind = script.charAt(at);
            lines.add(kind + (kind == '+' ? current.get(j) : old.get(i)));
            i += kind == '+' ? 0 : 1;
            j += kind == '-' ? 0 : 1;
        }
        return lines;
    }

    /** Lines of the script that are not {@code without}. */
    private int count(final int start, final int end, final char without) {
        int count = 0;
        for (int at = start; at < end; at++) {
            count += script.charAt(at) == without ? 0 : 1;
        }
        return count;
    }

    private static String range(final int first, final int count) {
        return (count == 0 ? first : first + 1) + (count == 1 ? "" : "," + count);
    }
}
