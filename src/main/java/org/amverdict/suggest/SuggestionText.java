package org.amverdict.suggest;

import java.util.List;
import java.util.Locale;
import org.amverdict.amanda.Service;
import org.amverdict.text.Printable;

/** A suggestion as YAML that can be pasted, with everything else as comments. Stateless. */
public final class SuggestionText {
    private static final int OTHERS_MAX = 40;
    private static final int COLUMN = 44;

    private SuggestionText() {}

    /** The text. */
    public static String of(final Suggestion suggestion) {
        final StringBuilder text = new StringBuilder(2048);
        final Suggestion.Span span = suggestion.span();
        text.append("# From ").append(count(span.events(), "event"));
        text.append(span.first().isEmpty() ? "" : ", " + span.first() + " to " + span.last())
                .append(".\n");
        suggestion
                .problems()
                .forEach(problem ->
                        text.append("# Note: ").append(Printable.of(problem)).append(".\n"));
        if (suggestion.lines().isEmpty()) {
            text.append("# No host asked another without a line that allows it")
                    .append(suggestion.unanswered().isEmpty() ? ".\n" : " and got an answer.\n");
        } else {
            text.append(
                    "# Only what you know belongs into the configuration: look at the addresses first.\n\nallow:\n");
            lines(text, suggestion.lines(), "  ", 1);
        }
        if (!suggestion.unanswered().isEmpty()) {
            text.append("\n# Asked, but never answered: a host that is down, or a scan.\n");
            lines(text, suggestion.unanswered(), "#   ", suggestion.lines().size() + 1);
        }
        others(text, "Replies that opened nothing although their request is allowed", suggestion.refused());
        others(text, "Not Amanda's: no line of allow lets it pass", suggestion.others());
        if (span.untold() > 0) {
            text.append("\n# ")
                    .append(span.untold())
                    .append(" more came too fast to be told apart; the metrics have them.\n");
        }
        return text.toString();
    }

    private static void lines(final StringBuilder text, final List<Line> lines, final String margin, final int from) {
        int number = from;
        for (final Line line : lines) {
            text.append(margin).append("- name: suggested ").append(number++).append('\n');
            hosts(text, margin, "requesters", line.requesters());
            hosts(text, margin, "responders", line.responders());
            if (!line.services().isEmpty()) {
                final List<String> services =
                        line.services().stream().sorted().map(Service::label).toList();
                text.append(margin)
                        .append("  services: [")
                        .append(String.join(", ", services))
                        .append("]\n");
            }
            if (line.legacyRecovery()) {
                text.append(margin).append("  legacy-recovery: true\n");
            }
            final String comment = margin.startsWith("#") ? margin + "  " : margin + "  # ";
            line.facts().forEach(fact -> text.append(comment).append(fact).append('\n'));
        }
    }

    private static void hosts(
            final StringBuilder text, final String margin, final String key, final List<Line.Host> hosts) {
        text.append(margin).append("  ").append(key).append(":\n");
        for (final Line.Host host : hosts) {
            final int start = text.length();
            text.append(margin).append("    - ");
            text.append(host.address().indexOf(':') < 0 ? host.address() : '"' + host.address() + '"');
            text.append(" ".repeat(Math.max(1, COLUMN - (text.length() - start))));
            text.append("# ").append(count(host.requests(), "request")).append('\n');
        }
    }

    private static void others(final StringBuilder text, final String title, final List<Other> others) {
        if (others.isEmpty()) {
            return;
        }
        text.append("\n# ").append(title).append(":\n");
        for (final Other other : others.subList(0, Math.min(OTHERS_MAX, others.size()))) {
            text.append(String.format(Locale.ROOT, "# %7d  ", other.count()))
                    .append(Printable.of(other.what()))
                    .append(" (")
                    .append(Printable.of(other.reason()))
                    .append(")\n");
        }
        if (others.size() > OTHERS_MAX) {
            text.append("#          and ").append(others.size() - OTHERS_MAX).append(" more kinds\n");
        }
    }

    private static String count(final long count, final String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
