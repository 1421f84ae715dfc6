package org.amverdict.control;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.amverdict.control.Request.BadRequestException;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFeed;
import org.amverdict.events.EventFilter;
import org.amverdict.history.DropJson;
import org.amverdict.history.Session;
import org.amverdict.history.SessionJson;
import org.amverdict.history.Why;
import org.amverdict.incidents.Incident;
import org.amverdict.incidents.Incidents;
import org.amverdict.json.JsonLine;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/** Turns requests into answers. For the server's thread. */
final class Answers {
    /** Most items in a list. */
    private static final int LIST_MAX = 65_536;

    private static final int DROPS_DEFAULT = 50;
    private static final int WATCH_CAPACITY = 4096;

    private final ControlSources sources;
    private final Incidents incidents;

    Answers(final ControlSources sources, final Incidents incidents) {
        this.sources = sources;
        this.incidents = incidents;
    }

    /** How a request is answered. */
    sealed interface Answer {
        /** With these lines, generated as they are sent. */
        record Lines(Iterator<String> lines) implements Answer {}

        /** With events, until one side ends it. */
        record Watch(EventFeed.Subscription events) implements Answer {}

        /** With the outcome of a reload. */
        record Reload() implements Answer {}
    }

    static String error(final String message) {
        return new JsonLine().add("error", message).end();
    }

    Answer answer(final Request request) throws BadRequestException {
        final String command = request.command();
        switch (command) {
            case "status" -> {
                request.allowOnly(Set.of());
                return one(sources.status().get());
            }
            case "sessions" -> {
                request.allowOnly(Set.of("host", "open", "max"));
                return sessions(request);
            }
            case "drops" -> {
                request.allowOnly(Set.of("max"));
                return list(sources.history().drops().recent(max(request, DROPS_DEFAULT)), DropJson::write);
            }
            case "expectations" -> {
                request.allowOnly(Set.of());
                return list(expectations(System.nanoTime()), Function.identity());
            }
            case "flush" -> {
                request.allowOnly(Set.of());
                return one(new JsonLine()
                        .add("flushed", sources.flush().getAsInt())
                        .end());
            }
            case "why" -> {
                request.allowOnly(Set.of("source", "destination", "port"));
                return why(request);
            }
            case "watch" -> {
                request.allowOnly(Set.of("drops", "host"));
                return watch(new EventFilter(request.flag("drops"), host(request)));
            }
            case "reload" -> {
                request.allowOnly(Set.of());
                return new Answer.Reload();
            }
            default -> throw new BadRequestException("no command \"" + Request.shown(command) + "\"");
        }
    }

    private Answer watch(final EventFilter filter) throws BadRequestException {
        try {
            return new Answer.Watch(sources.events().subscribe(WATCH_CAPACITY, filter));
        } catch (final IllegalStateException e) {
            incidents.add(Incident.WATCHER_REFUSED);
            throw new BadRequestException("too many clients watch: " + e.getMessage());
        }
    }

    private static Answer one(final String line) {
        return new Answer.Lines(List.of(line).iterator());
    }

    /** One line for each, and a last line with the count. */
    private static <T> Answer list(final List<T> items, final Function<T, String> json) {
        final Iterator<T> each = items.iterator();
        return new Answer.Lines(new Iterator<>() {
            private boolean ended;

            @Override
            public boolean hasNext() {
                return !ended;
            }

            @Override
            public String next() {
                if (each.hasNext()) {
                    return json.apply(each.next());
                }
                ended = true;
                return new JsonLine()
                        .add("end", true)
                        .add("count", items.size())
                        .end();
            }
        });
    }

    private static int max(final Request request, final int otherwise) throws BadRequestException {
        return Math.min(LIST_MAX, request.number("max", otherwise));
    }

    private static @Nullable IpAddress host(final Request request) throws BadRequestException {
        final String host = request.textOf("host");
        return host == null ? null : address(host);
    }

    private static IpAddress address(final String text) throws BadRequestException {
        final IpAddress address = IpAddress.parse(text);
        if (address == null) {
            throw new BadRequestException("not an IP address: \"" + Request.shown(text) + "\"");
        }
        return address;
    }

    private Answer sessions(final Request request) throws BadRequestException {
        final IpAddress asked = host(request);
        final String host = asked == null ? null : asked.toString();
        final boolean open = request.flag("open");
        final List<Session> found = sources.history()
                .sessions()
                .recent(
                        max(request, LIST_MAX),
                        session ->
                                (host == null || host.equals(session.requester()) || host.equals(session.responder()))
                                        && (!open || session.open()));
        return list(found, SessionJson::write);
    }

    private List<String> expectations(final long nowNanos) {
        final List<String> lines = new ArrayList<>();
        sources.expectations().forEach(expectation -> {
            // An expired one stays in the table until housekeeping removes it.
            if (expectation.deadlineNanos() - nowNanos > 0) {
                final Tuple tuple = expectation.tuple();
                lines.add(new JsonLine()
                        .add("requester", Ends.of(tuple).source().toString())
                        .add("responder", Ends.of(tuple).destination().toString())
                        .add("port", tuple.destinationPort())
                        .add("stream", expectation.stream().name())
                        .addSeconds("age_seconds", Math.max(0, nowNanos - expectation.createdNanos()))
                        .addSeconds("remaining_seconds", expectation.deadlineNanos() - nowNanos)
                        .end());
            }
        });
        return lines;
    }

    private Answer why(final Request request) throws BadRequestException {
        final String source = request.textOf("source");
        final String destination = request.textOf("destination");
        if (source == null || destination == null) {
            throw new BadRequestException("\"why\" needs \"source\" and \"destination\"");
        }
        final int port = request.number("port", Why.ANY_PORT);
        if (port != Why.ANY_PORT && !PortSet.isPort(port)) {
            throw new BadRequestException("not a port: " + port);
        }
        final IpAddress from = address(source);
        final IpAddress to = address(destination);
        final JsonLine line = new JsonLine().add("source", from.toString()).add("destination", to.toString());
        if (port != Why.ANY_PORT) {
            line.add("port", port);
        }
        final Why.Answer answer = sources.history().why().answer(from, to, port);
        line.add("was_it", answer.was().label()).add("cause", answer.cause());
        if (answer.remedy() != null) {
            line.add("remedy", answer.remedy());
        }
        return one(line.add("answer", answer.sentences()).end());
    }
}
