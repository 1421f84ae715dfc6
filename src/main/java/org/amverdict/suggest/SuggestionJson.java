package org.amverdict.suggest;

import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.json.JsonLine;

/** A suggestion as one JSON object, as suggest.schema.json says. Stateless. */
public final class SuggestionJson {
    private SuggestionJson() {}

    /** The line. */
    public static String of(final Suggestion suggestion) {
        final Suggestion.Span span = suggestion.span();
        final JsonLine line = new JsonLine().add("events", span.events());
        if (!span.first().isEmpty()) {
            line.add("first", span.first()).add("last", span.last());
        }
        line.add("untold", span.untold()).add("problems", suggestion.problems());
        lines(line, "allow", suggestion.lines());
        lines(line, "unanswered", suggestion.unanswered());
        others(line, "refused_replies", suggestion.refused());
        others(line, "others", suggestion.others());
        return line.end();
    }

    private static void lines(final JsonLine json, final String key, final List<Line> lines) {
        json.openArray(key);
        for (final Line line : lines) {
            json.openElement();
            hosts(json, "requesters", line.requesters());
            hosts(json, "responders", line.responders());
            json.add(
                            "services",
                            line.services().stream()
                                    .sorted()
                                    .map(Service::label)
                                    .toList())
                    .add("services_seen", !line.guessed())
                    .add("legacy_recovery", line.legacyRecovery())
                    .add("facts", line.facts())
                    .closeObject();
        }
        json.closeArray();
    }

    private static void hosts(final JsonLine json, final String key, final List<Line.Host> hosts) {
        json.openArray(key);
        hosts.forEach(host -> json.openElement()
                .add("address", host.address())
                .add("requests", host.requests())
                .closeObject());
        json.closeArray();
    }

    private static void others(final JsonLine json, final String key, final List<Other> others) {
        json.openArray(key);
        others.forEach(other -> json.openElement()
                .add("what", other.what())
                .add("reason", other.reason())
                .add("count", other.count())
                .closeObject());
        json.closeArray();
    }
}
