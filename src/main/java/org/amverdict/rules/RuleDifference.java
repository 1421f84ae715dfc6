package org.amverdict.rules;

import java.util.List;

/**
 * What {@code rules --apply} would change. Immutable.
 *
 * @param standing how the installed rules stand to the wanted ones
 * @param lines one change each: {@code -} before what is taken out, {@code +} before what is put in
 */
public record RuleDifference(RuleStanding standing, List<String> lines) {
    private static final int SHOWN_MAX = 200;

    public RuleDifference {
        lines = List.copyOf(lines);
    }

    /** Whether nothing would change. */
    public boolean same() {
        return lines.isEmpty();
    }

    /** The number of changes and one of them, for one line of a log: a jump to our chain if there is one. */
    public String summary() {
        if (lines.isEmpty()) {
            return "";
        }
        final String first =
                lines.stream().filter(line -> line.contains(" -I ")).findFirst().orElse(lines.get(0));
        return (lines.size() == 1 ? "1 difference: " : lines.size() + " differences, such as: ")
                + (first.length() > SHOWN_MAX ? first.substring(0, SHOWN_MAX) + " ..." : first);
    }
}
