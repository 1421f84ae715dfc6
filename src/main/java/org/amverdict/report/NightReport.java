package org.amverdict.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One line for each client, and each failure with its cause, from the history of a span. Made once; immutable after. */
final class NightReport {
    /** A dropped answer belongs to an exchange that was asked for at most this long before. */
    private static final long ANSWER_MILLIS = 6 * 3_600_000L;

    private final EventHistory history;
    private final Set<String> hosts;
    private final Map<String, ClientLine> clients = new LinkedHashMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Failure> monitored = new ArrayList<>();
    /** When each requester asked. */
    private final Map<String, NavigableSet<Long>> asked = new HashMap<>();

    private long otherDrops;
    private int waiting;

    /** @param hosts only what one of these has part in; empty for all */
    NightReport(final EventHistory history, final Set<String> hosts) {
        this.history = history;
        this.hosts = Set.copyOf(hosts);
        final long endMillis = history.endMillis();
        for (final PastExchange exchange : history.exchanges()) {
            if (concerns(exchange.requester, exchange.responder)) {
                noteAsked(exchange.requester, exchange.askedMillis);
                final ClientLine line = client(exchange.client());
                line.add(exchange);
                waiting += exchange.isWaiting(endMillis) ? 1 : 0;
                final Wrong wrong = exchange.failure(endMillis);
                if (wrong.monitored()) {
                    monitored.add(Failure.of(exchange, wrong));
                } else if (wrong.any()) {
                    fail(Failure.of(exchange, wrong));
                }
            }
        }
        for (final PastDrop drop : history.drops()) {
            if (concerns(drop.key.source(), drop.key.destination())) {
                dropped(drop);
            }
        }
        history.others().forEach((host, streams) -> {
            if (concerns(host, host)) {
                final ClientLine line = client(host);
                line.others += streams.connections;
                line.bytes += streams.bytes;
            }
        });
        failures.sort(Comparator.comparing(Failure::atMillis));
    }

    private boolean concerns(final String one, final String other) {
        return hosts.isEmpty() || hosts.contains(one) || hosts.contains(other);
    }

    private ClientLine client(final String client) {
        return clients.computeIfAbsent(client, ClientLine::new);
    }

    private void fail(final Failure failure) {
        failures.add(failure);
        client(failure.hosts().client()).add(failure);
    }

    /** A dropped request is a failure of its own; a dropped answer only if no failed exchange explains it already. */
    private void dropped(final PastDrop drop) {
        if (drop.key.isRequest()) {
            // In mode monitor its answers come, and are none that a request waits for.
            noteAsked(drop.key.source(), drop.firstMillis);
        }
        final boolean failure = drop.key.isRequest() || (drop.key.isAnswer() && !isExplained(drop));
        if (!failure) {
            otherDrops += drop.count;
        } else if (drop.wrong.monitored()) {
            monitored.add(Failure.of(drop));
        } else {
            final Failure dropped = Failure.of(drop);
            failures.add(dropped);
            client(dropped.hosts().client()).addDropped(dropped);
        }
    }

    private void noteAsked(final String requester, final long millis) {
        asked.computeIfAbsent(requester, key -> new TreeSet<>()).add(millis);
    }

    private boolean isExplained(final PastDrop drop) {
        final NavigableSet<Long> times = asked.get(drop.key.destination());
        final Long before = times == null ? null : times.floor(drop.lastMillis);
        return before != null && drop.lastMillis - before < ANSWER_MILLIS;
    }

    /** Those with failures first, then by address. */
    List<ClientLine> clients(final boolean failedOnly) {
        return clients.values().stream()
                .filter(line -> !failedOnly || line.failed > 0)
                .sorted(Comparator.comparing((ClientLine line) -> line.failed == 0)
                        .thenComparing(line -> Times.sortable(line.client)))
                .toList();
    }

    List<Failure> failures() {
        return List.copyOf(failures);
    }

    /** What mode enforce would have stopped, and monitor let pass. */
    List<Failure> monitored() {
        return List.copyOf(monitored);
    }

    /** Dropped packets that are no failure by themselves: strangers, strays, and what a failure explains. */
    long otherDrops() {
        return otherDrops;
    }

    /** Requests whose answer may still come, of which nobody knows yet whether they fail. */
    int waiting() {
        return waiting;
    }

    EventHistory history() {
        return history;
    }

    /** All dumps that were asked for. */
    int dumps() {
        return clients.values().stream().mapToInt(line -> line.dumps).sum();
    }

    long bytes() {
        return clients.values().stream().mapToLong(line -> line.bytes).sum();
    }

    @Nullable String firstHost() {
        return hosts.isEmpty() ? null : String.join(", ", hosts);
    }
}
