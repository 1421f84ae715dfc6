package org.amverdict.report;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.amverdict.eventfiles.EventFiles;
import org.amverdict.eventfiles.Gaps;

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

        private String words() {
            return named.isEmpty()
                    ? log + ", nor in files rotated from it"
                    : String.join(", ", named.stream().map(Path::toString).toList());
        }
    }

    /**
     * A report, as one line of JSON.
     *
     * @param hosts addresses as text: only what one of these has part in; empty for all
     * @param failedOnly without the clients that had no failure
     * @throws IOException if the directory of the event log cannot be read
     * @throws AccessDeniedException if there is nothing to read, and a file or the directory is not for this user; names it
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
        final Gaps gaps = new Gaps();
        final List<EventFiles.Part> parts =
                source.named().isEmpty() ? EventFiles.of(source.log(), gaps) : EventFiles.ordered(source.named(), gaps);
        if (parts.isEmpty()) {
            final Path denied = gaps.denied();
            if (denied != null) {
                throw new AccessDeniedException(denied.toString());
            }
            final String missing = String.join("; ", gaps.sentences());
            throw new NoEventsException(missing.isEmpty() ? "there are no events in " + source.words() : missing);
        }
        final EventHistory history = new EventHistory(span, hosts, gaps);
        history.read(parts);
        return history;
    }
}
