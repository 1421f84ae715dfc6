package org.amverdict.report;

import java.util.EnumMap;
import java.util.Map;

/** What became of one client in the span. For one thread. */
final class ClientLine {
    final String client;
    /** Dumps that were asked for, answered, and went well to their end as far as it was seen. */
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
        if (exchange.isDump()) {
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

    void add(final Failure failure) {
        failed++;
        kinds.merge(failure.wrong().kind(), 1, Integer::sum);
    }
}
