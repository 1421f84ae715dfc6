package org.amverdict.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a rule lets pass, by names of classes without their package, so that a move changes none; {@code *} stands for any
 * letters. Reviewed ones have a reason; what was there before the rule is a list of names that only shrinks.
 */
final class Exceptions {
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private final Map<String, String> reasons = new HashMap<>();

    /** @param before names with spaces between them */
    Exceptions(final Map<String, String> reviewed, final String before) {
        reasons.putAll(reviewed);
        SPACE.splitAsStream(before)
                .filter(name -> !name.isEmpty())
                .forEach(name -> reasons.put(name, "before the rule"));
    }

    /**
     * Fails on what no exception covers, and on an exception that covers nothing: it is to be taken out of the list.
     *
     * @param found each "CLASS what is wrong" or "CLASS.MEMBER what is wrong"
     */
    void hold(final String rule, final Collection<String> found) {
        final List<String> wrong = new ArrayList<>();
        final Set<String> unused = new TreeSet<>(reasons.keySet());
        for (final String line : found) {
            final String name = line.substring(0, line.indexOf(' '));
            final List<String> covering =
                    reasons.keySet().stream().filter(one -> covers(one, name)).toList();
            unused.removeAll(covering);
            if (covering.isEmpty()) {
                wrong.add(line);
            }
        }
        unused.forEach(one -> wrong.add(one + " is an exception that nothing needs"));
        assertEquals("", String.join("\n", wrong), rule);
    }

    /** A class covers its members. */
    private static boolean covers(final String exception, final String name) {
        return name.matches(exception.replace(".", "\\.").replace("*", "\\w*") + "(\\.\\w+)?");
    }
}
