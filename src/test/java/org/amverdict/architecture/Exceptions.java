package org.amverdict.architecture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a rule lets pass, by names of classes without their package, so that a move changes none; {@code *} stands for any
 * letters. Reviewed ones have a reason; what was there before the rule is a list of names that only shrinks.
 */
final class Exceptions {
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private final Map<String, String> reasons = new HashMap<>();
    private final Set<String> used = new HashSet<>();

    /** @param before names with spaces between them */
    Exceptions(final Map<String, String> reviewed, final String before) {
        reasons.putAll(reviewed);
        SPACE.splitAsStream(before)
                .filter(name -> !name.isEmpty())
                .forEach(name -> reasons.put(name, "before the rule"));
    }

    /** Those of the found that no exception covers. Each is "CLASS what is wrong" or "CLASS.MEMBER what is wrong". */
    List<String> without(final Collection<String> found) {
        final List<String> wrong = new ArrayList<>();
        for (final String line : found) {
            if (!covers(line.substring(0, line.indexOf(' ')))) {
                wrong.add(line);
            }
        }
        return wrong;
    }

    private boolean covers(final String name) {
        boolean covered = false;
        for (final String pattern : reasons.keySet()) {
            final String expression = pattern.replace(".", "\\.").replace("*", "\\w*");
            // A class covers its members.
            if (name.matches(expression + "(\\.\\w+)?")) {
                used.add(pattern);
                covered = true;
            }
        }
        return covered;
    }

    /** Those that covered nothing of what was asked about: to be taken out of the list. */
    Set<String> unused() {
        final Set<String> unused = new HashSet<>(reasons.keySet());
        unused.removeAll(used);
        return unused;
    }
}
