package org.amverdict.report;

import java.util.EnumMap;
import java.util.Map;

/** What became of one client in the span. For one thread. */
final class ClientLine {
    final String client;
    /** Dumps that were asked for, and of these the answered ones. */
    int dumps;

    int answered;
    int recoveries;
    /** Streams that were announced, and of these the ones that were answered or let through. */
    int announced;

    int connected;
    long bytes;
    int failed;
    /** Other connections to it, such as those of auth bsdtcp. */
    long others;

    final Map<Kind, Integer> kinds = new EnumMap<>(Kind.class);

    ClientLine(final String client) {
        this.client = client;
    }

    void add(final PastExchange exchange) {
        if (PastExchange.isDump(exchange.service)) {
            dumps++;
            answered += exchange.replies > 0 ? 1 : 0;
        }
        recoveries += exchange.service.equals("amidxtaped") ? 1 : 0;
        for (final PastStream stream : exchange.streams) {
            announced++;
            connected += stream.connectorPort != 0 && !stream.wrong.any() ? 1 : 0;
            bytes += stream.bytes();
        }
    }

    /** A request that was dropped began no exchange; it counts as a dump if it was read so far that it is known as one. */
    void addDropped(final Failure failure) {
        dumps += failure.wrong().kind() == Kind.REQUEST_DROPPED
                        && PastExchange.isDump(failure.work().service())
                ? 1
                : 0;
        add(failure);
    }

    void add(final Failure failure) {
        failed++;
        kinds.merge(failure.wrong().kind(), 1, Integer::sum);
    }
}
