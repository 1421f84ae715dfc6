package org.amverdict.console;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.json.JsonObject;
import org.amverdict.text.Printable;

/** What {@code amverdict why} prints: yes, no or not seen here, then the cause, then what to do. */
public final class WhyText {
    private static final String NOW = "A SYN from ";

    private WhyText() {}

    /**
     * The lines of an answer.
     *
     * @param all also everything else that is on record
     */
    public static List<String> lines(final JsonObject answer, final boolean all) {
        final List<String> lines = new ArrayList<>();
        lines.add(was(answer.text("was_it")) + ". " + Printable.ascii(answer.text("cause")) + ".");
        if (answer.has("remedy")) {
            lines.add("To do: " + Printable.ascii(answer.text("remedy")) + ".");
        }
        final List<String> sentences = answer.texts("answer");
        final String last = sentences.isEmpty() ? "" : sentences.get(sentences.size() - 1);
        final boolean now = last.startsWith(NOW);
        if (now) {
            lines.add(Printable.ascii(last));
        }
        final List<String> record = sentences.subList(0, sentences.size() - (now ? 1 : 0));
        if (all && !record.isEmpty()) {
            lines.add("");
            record.forEach(sentence -> lines.add(Printable.ascii(sentence)));
        } else if (record.size() > 1) {
            lines.add("(" + Units.count(record.size() - 1, "more record") + ": --all)");
        }
        return Printable.ascii(lines);
    }

    private static String was(final String label) {
        return switch (label) {
            case "yes" -> "Yes";
            case "no" -> "No";
            default -> "Not seen here";
        };
    }
}
