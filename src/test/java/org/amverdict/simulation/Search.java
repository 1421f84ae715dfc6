package org.amverdict.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Plays plans; a plan that violates a property is reduced to the fewest decisions that still do. */
final class Search {
    private static final int LINES_MAX = 120;
    private static final long SHRINK_NANOS = 60 * Simulation.SECOND;

    /** A violation, with the story of the smallest scenario that shows it. */
    static final class Violation extends AssertionError {
        private static final long serialVersionUID = 1;

        private final String property;
        private final int steps;

        Violation(final String story, final AssertionError cause, final int steps) {
            super(story, cause);
            this.steps = steps;
            property = Search.property(cause);
        }

        /** P1 to P9, or O1 to O3 for the orderings. */
        String property() {
            return property;
        }

        /** Lines of the smallest scenario: packets and events. */
        int steps() {
            return steps;
        }
    }

    private Search() {}

    /** Plays the plan whole. */
    static Play check(final Plan plan) {
        return check(plan, SHRINK_NANOS);
    }

    /** @param shrinkNanos longest time to look for a smaller scenario */
    static Play check(final Plan plan, final long shrinkNanos) {
        final Cut whole = Cut.nothing();
        try {
            return new Play(plan, whole, null).play();
        } catch (final AssertionError e) {
            throw told(plan, e, shrunk(plan, List.copyOf(whole.kept()), e, shrinkNanos));
        }
    }

    /** Plays again what a report named: these decisions of the plan only, or all of it if there are none. */
    static Play replay(final Plan plan, final List<Integer> kept) {
        if (kept.isEmpty()) {
            return check(plan);
        }
        try {
            return new Play(plan, Cut.allBut(kept), null).play();
        } catch (final AssertionError e) {
            throw told(plan, e, kept);
        }
    }

    private static Violation told(final Plan plan, final AssertionError first, final List<Integer> kept) {
        final List<String> journal = new ArrayList<>();
        final Cut cut = Cut.allBut(kept);
        final AssertionError last = failure(plan, cut, journal);
        final Set<Integer> used = cut.kept();
        final String ids = used.stream().map(String::valueOf).collect(Collectors.joining(","));
        final List<String> story = new ArrayList<>();
        story.add(String.valueOf((last == null ? first : last).getMessage()));
        story.addAll(plan.story(Cut.allBut(used)));
        story.addAll(shortened(journal));
        story.add("replay: ./dev simulate -Dreplay=" + plan.shape + ":" + plan.seed + ":" + ids
                + Kind.option(plan.kinds));
        return new Violation(String.join("\n", story), last == null ? first : last, journal.size());
    }

    /** Delta debugging (Zeller's ddmin): leaves out larger and then smaller parts of what is kept. */
    private static List<Integer> shrunk(
            final Plan plan, final List<Integer> all, final AssertionError first, final long nanos) {
        final long until = System.nanoTime() + nanos;
        List<Integer> kept = all;
        int parts = 2;
        while (kept.size() > 1 && System.nanoTime() < until) {
            final List<Integer> smaller = smaller(plan, kept, parts, first);
            if (smaller != null) {
                kept = smaller;
                parts = Math.max(2, parts - 1);
            } else if (parts >= kept.size()) {
                break;
            } else {
                parts = Math.min(kept.size(), 2 * parts);
            }
        }
        return kept;
    }

    /** What still fails of the kept without one of so many parts, null if every part is needed. */
    private static @Nullable List<Integer> smaller(
            final Plan plan, final List<Integer> kept, final int parts, final AssertionError first) {
        for (int i = 0; i < parts; i++) {
            final int from = (int) ((long) kept.size() * i / parts);
            final int to = (int) ((long) kept.size() * (i + 1) / parts);
            final List<Integer> rest = new ArrayList<>(kept.subList(0, from));
            rest.addAll(kept.subList(to, kept.size()));
            final Cut cut = Cut.allBut(rest);
            final AssertionError other = failure(plan, cut, null);
            if (other != null && property(other).equals(property(first))) {
                // What nobody asked for is not needed.
                rest.retainAll(cut.kept());
                return rest;
            }
        }
        return null;
    }

    private static String property(final AssertionError error) {
        final String message = String.valueOf(error.getMessage());
        return message.substring(0, Math.min(2, message.length()));
    }

    private static @Nullable AssertionError failure(
            final Plan plan, final Cut cut, final @Nullable List<String> journal) {
        try {
            new Play(plan, cut, journal).play();
            return null;
        } catch (final AssertionError e) {
            return e;
        }
    }

    private static List<String> shortened(final List<String> journal) {
        if (journal.size() <= LINES_MAX) {
            return journal;
        }
        final List<String> shortened = new ArrayList<>(journal.subList(0, LINES_MAX / 2));
        shortened.add("  ... " + (journal.size() - LINES_MAX) + " packets ...");
        shortened.addAll(journal.subList(journal.size() - LINES_MAX / 2, journal.size()));
        return shortened;
    }
}
