package org.amverdict.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reports from event files; needs no running daemon. Stateless; reads as much as the files hold of the span. */
public final class Reports {
    private Reports() {}

    /**
     * Where the events are.
     *
     * @param log the file of the event log, with whose rotated parts it is read; ignored if there are others
     * @param named these files and no other
     */
    public record Source(Path log, List<Path> named) {
        public Source {
            named = List.copyOf(named);
        }
    }

    /**
     * A report, as one line of JSON.
     *
     * @param hosts addresses as text: only what one of these has part in; empty for all
     * @param failedOnly without the clients that had no failure
     * @throws IOException if the directory of the event log cannot be read
     * @throws NoEventsException if there is no event file, or none that can be read
     */
    public static String of(final Source source, final Span span, final Set<String> hosts, final boolean failedOnly)
            throws IOException {
        final EventHistory history = history(source, span, hosts);
        return ReportJson.write(new NightReport(history, hosts), span, failedOnly);
    }

    /**
     * What the files have of a span.
     *
     * @param hosts what none of these has part in may be missing; empty for all
     */
    static EventHistory history(final Source source, final Span span, final Set<String> hosts) throws IOException {
        final EventHistory history = new EventHistory(span, hosts);
        final List<String> problems = new ArrayList<>();
        final List<EventFiles.Part> parts = source.named().isEmpty()
                ? EventFiles.of(source.log(), problems::add)
                : EventFiles.ordered(source.named(), problems::add);
        if (parts.isEmpty()) {
            throw new NoEventsException(
                    problems.isEmpty()
                            ? "there are no events in " + source.log() + ", nor in files rotated from it"
                            : String.join("; ", problems));
        }
        problems.forEach(history::problem);
        history.read(parts);
        return history;
    }
}
