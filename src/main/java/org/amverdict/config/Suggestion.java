package org.amverdict.config;

import java.util.List;
import java.util.Locale;

/** What a mistyped word was probably meant to be. */
final class Suggestion {
    private static final int WORD_MAX = 64;

    private Suggestion() {}

    /** "did you mean ..." when one word is near, else all the words. */
    static String of(final String given, final List<String> words) {
        String nearest = "";
        int least = Math.max(1, Math.min(given.length(), WORD_MAX) / 3) + 1;
        for (final String word : words) {
            final int distance = distance(normal(given), normal(word));
            if (distance < least) {
                least = distance;
                nearest = word;
            }
        }
        return nearest.isEmpty() ? "known are " + String.join(", ", words) : "did you mean '" + nearest + "'?";
    }

    private static String normal(final String word) {
        final String lower = word.toLowerCase(Locale.ROOT).replace('_', '-');
        return lower.length() > WORD_MAX ? lower.substring(0, WORD_MAX) : lower;
    }

    /** Edits between two words; swapping neighbors is one edit. */
    private static int distance(final String a, final String b) {
        final int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                final int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                edits[i][j] = Math.min(Math.min(edits[i - 1][j], edits[i][j - 1]) + 1, edits[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
                }
            }
        }
        return edits[a.length()][b.length()];
    }
}
