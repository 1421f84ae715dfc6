package org.amverdict.suggest;

import java.util.List;

/**
 * What a look at the events came to. Immutable.
 *
 * @param lines that what was seen would need
 * @param unanswered lines for requests that no host answered, which may be a scan
 * @param refused replies that opened nothing though their request was allowed, with what to do
 * @param others what is not Amanda's, most frequent first
 * @param span what was looked at
 * @param problems what is missing from the files, in sentences without a full stop
 */
public record Suggestion(
        List<Line> lines,
        List<Line> unanswered,
        List<Other> refused,
        List<Other> others,
        Span span,
        List<String> problems) {
    /**
     * What was looked at.
     *
     * @param events lines of the event log
     * @param first time of the first one; empty if there was none
     * @param last time of the last one
     * @param untold events that came too fast to be told apart, or were too many to be kept apart
     */
    public record Span(long events, String first, String last, long untold) {}

    public Suggestion {
        lines = List.copyOf(lines);
        unanswered = List.copyOf(unanswered);
        refused = List.copyOf(refused);
        others = List.copyOf(others);
        problems = List.copyOf(problems);
    }
}
