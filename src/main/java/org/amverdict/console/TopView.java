package org.amverdict.console;

import java.util.Locale;

/** How the reader of {@code amverdict top} wants to see it: order, filter, pause. Changed by keys. For one thread. */
public final class TopView {
    private static final int FILTER_MAX = 60;
    private static final int ESCAPE = 27;
    private static final int DELETE = 127;

    private Sort sort = Sort.NEWEST;
    private String filter = "";
    private boolean typing;
    private boolean paused;

    /** The order of the streams. */
    enum Sort {
        NEWEST("newest first"),
        OLDEST("oldest first"),
        BYTES("most bytes first"),
        HOST("by host");

        private final String label;

        Sort(final String label) {
            this.label = label;
        }
    }

    /**
     * Takes a key: s changes the order, p or the space bar pauses, a slash begins a filter, which Enter ends and Escape
     * clears.
     *
     * @param key the character
     * @return false if it ends the screen
     */
    public boolean press(final int key) {
        if (typing) {
            type(key);
            return true;
        }
        switch (key) {
            case 'q', 'Q' -> {
                return false;
            }
            case 's', 'S' -> sort = Sort.values()[(sort.ordinal() + 1) % Sort.values().length];
            case 'p', 'P', ' ' -> paused = !paused;
            case '/' -> typing = true;
            case ESCAPE -> filter = "";
            default -> {
                // Not a key of this screen.
            }
        }
        return true;
    }

    private void type(final int key) {
        if (key == '\n' || key == '\r') {
            typing = false;
        } else if (key == ESCAPE) {
            typing = false;
            filter = "";
        } else if (key == DELETE || key == '\b') {
            filter = filter.substring(0, Math.max(0, filter.length() - 1));
        } else if (key >= ' ' && key < DELETE && filter.length() < FILTER_MAX) {
            filter += (char) key;
        }
    }

    /** Whether the screen stands still. */
    public boolean paused() {
        return paused;
    }

    Sort sort() {
        return sort;
    }

    /** Whether the filter lets that line through: it has every word, in upper or lower case. */
    boolean shows(final String line) {
        final String searched = line.toLowerCase(Locale.ROOT);
        for (final String word : filter.toLowerCase(Locale.ROOT).split(" ", -1)) {
            if (!searched.contains(word)) {
                return false;
            }
        }
        return true;
    }

    boolean filters() {
        return !filter.isBlank();
    }

    /** The last line of the screen: the keys, and what they have done. */
    String footer() {
        if (typing) {
            return "filter: " + filter + "_   (Enter keeps it, Escape clears it)";
        }
        return (paused ? "PAUSED, p goes on" : "p pause") + "   s sort: " + sort.label + "   / filter"
                + (filters() ? ": " + filter + " (Escape clears it)" : "") + "   q quit";
    }
}
