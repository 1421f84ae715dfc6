package org.amverdict.report;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.amverdict.console.Remedies;
import org.amverdict.console.Units;
import org.amverdict.json.JsonLine;
import org.jspecify.annotations.Nullable;

/** Answers "was it the firewall?" from the event files, for a time that the daemon does not remember. Stateless. */
public final class PastAnswers {
    /** Stands for any port. */
    public static final int ANY_PORT = -1;

    private static final int SENTENCES_MAX = 100;

    private PastAnswers() {}

    /**
     * The question.
     *
     * @param from addresses of the host that connects or asks, as text
     * @param to addresses of the other host
     */
    public record Question(Set<String> from, Set<String> to, int port, ZoneId zone) {
        public Question {
            from = Set.copyOf(from);
            to = Set.copyOf(to);
        }

        private boolean isAbout(final String source, final String destination, final long destinationPort) {
            return from.contains(source) && to.contains(destination) && (port == ANY_PORT || port == destinationPort);
        }
    }

    /** One thing that happened. */
    private record Event(long atMillis, String sentence, Wrong wrong, boolean well) {}

    /**
     * The answer as why.schema.json says, or null if the files have nothing of these hosts.
     *
     * @throws IOException if the files cannot be read
     */
    public static @Nullable String of(final Reports.Source source, final Span span, final Question question)
            throws IOException {
        final Set<String> hosts = new HashSet<>(question.from());
        hosts.addAll(question.to());
        final EventHistory history = Reports.history(source, span, hosts);
        final List<Event> events = new ArrayList<>();
        final long endMillis = history.endMillis();
        for (final PastExchange exchange : history.exchanges()) {
            if (question.from().contains(exchange.requester) && question.to().contains(exchange.responder)) {
                add(events, exchange, question, endMillis);
            }
        }
        for (final PastDrop drop : history.drops()) {
            if (question.isAbout(
                    drop.key.source(), drop.key.destination(), drop.key.to().port())) {
                events.add(new Event(
                        drop.lastMillis,
                        fate(drop)
                                + Units.times(drop.count) + ": " + drop.key.to().protocol()
                                + (drop.key.to().port() > 0
                                        ? " to port " + drop.key.to().port()
                                        : "") + ", "
                                + drop.key.judged().reason() + ": " + drop.wrong.explanation(),
                        drop.wrong,
                        false));
            }
        }
        events.sort(Comparator.comparingLong(Event::atMillis).reversed());
        return events.isEmpty() ? null : answer(events, question);
    }

    private static String fate(final PastDrop drop) {
        return switch (drop.key.judged().verdict()) {
            case "drop" -> "Dropped ";
            case "continue" ->
                drop.wrong.monitored() ? "Would have been dropped (mode monitor) " : "Left to the host's other rules ";
            default -> "Would have been dropped (mode monitor) ";
        };
    }

    private static void add(
            final List<Event> events, final PastExchange exchange, final Question question, final long endMillis) {
        if (question.port() == ANY_PORT || question.port() == exchange.controlPort) {
            final Wrong wrong = exchange.failure(endMillis);
            events.add(new Event(
                    Math.max(exchange.lastMillis, exchange.askedMillis),
                    PastWords.what(exchange) + ", "
                            + (wrong.any() && !exchange.wrong.any() && exchange.replies > 0
                                    ? wrong.kind().words() + ": " + wrong.explanation()
                                    : PastWords.exchange(exchange, endMillis)),
                    wrong,
                    !wrong.any() && exchange.replies > 0));
            return;
        }
        for (final PastStream stream : exchange.streams) {
            if (stream.port == question.port()) {
                events.add(new Event(
                        Math.max(stream.openedMillis, stream.announcedMillis),
                        stream.name.toUpperCase(Locale.ROOT) + " stream of " + PastWords.what(exchange) + ", "
                                + PastWords.stream(stream),
                        stream.wrong,
                        stream.connected()));
            }
        }
    }

    /** The newest failure that no later success has mended, else the newest event. */
    private static Event decisive(final List<Event> newestFirst) {
        for (final Event event : newestFirst) {
            if (event.wrong().any()) {
                return event;
            }
            if (event.well()) {
                break;
            }
        }
        return newestFirst.get(0);
    }

    private static String answer(final List<Event> events, final Question question) {
        final Event decisive = decisive(events);
        final Wrong wrong = decisive.wrong();
        final JsonLine line = new JsonLine()
                .add("source", String.join(", ", question.from()))
                .add("destination", String.join(", ", question.to()));
        if (question.port() != ANY_PORT) {
            line.add("port", question.port());
        }
        line.add("was_it", wrong.here() ? "yes" : "no")
                .add("cause", Remedies.cause(dated(decisive, question), wrong.remedy()));
        if (!wrong.remedy().isEmpty()) {
            line.add("remedy", wrong.remedy());
        }
        return line.add(
                        "answer",
                        events.stream()
                                .limit(SENTENCES_MAX)
                                .map(event -> dated(event, question) + ".")
                                .toList())
                .end();
    }

    private static String dated(final Event event, final Question question) {
        return Units.date(Instant.ofEpochMilli(event.atMillis()).toString(), question.zone()) + ": " + event.sentence();
    }
}
