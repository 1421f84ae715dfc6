package org.amverdict.report;

import java.util.List;

/**
 * One failure: an exchange that came to nothing, or a request that was dropped. Immutable.
 *
 * @param atMillis when its request was seen first
 */
record Failure(long atMillis, Hosts hosts, Work work, Wrong wrong, Extent extent) {
    /** Who asked whom; the client is the one of them that is backed up. */
    record Hosts(String client, String requester, String responder) {}

    /** What was asked for, and by which line of the policy; the service is empty if the request was not read. */
    record Work(String service, List<String> disks, String level, String line) {}

    /**
     * What it befell.
     *
     * @param streams empty if it is about the exchange
     * @param text what the responder said, empty if it said nothing
     * @param packets how many were dropped, 0 if it is about an exchange
     */
    record Extent(List<String> streams, String text, long packets) {
        Extent {
            streams = List.copyOf(streams);
        }
    }

    static Failure of(final PastExchange exchange, final Wrong wrong) {
        return new Failure(
                exchange.askedMillis,
                new Hosts(exchange.client(), exchange.requester, exchange.responder),
                new Work(exchange.service, exchange.disks, exchange.level, exchange.line),
                wrong,
                new Extent(
                        exchange.streams(wrong.kind()),
                        wrong.explanation().contains(exchange.text) ? "" : exchange.text,
                        0));
    }

    /** Of a request the client is the host that was asked; of an answer the host that answered. */
    static Failure of(final PastDrop drop) {
        final boolean request = drop.key.isRequest();
        final String requester = request ? drop.key.source() : drop.key.destination();
        final String responder = request ? drop.key.destination() : drop.key.source();
        return new Failure(
                drop.firstMillis,
                new Hosts(responder, requester, responder),
                new Work(drop.key.of().service(), List.of(), "", drop.line),
                drop.wrong,
                new Extent(List.of(), "", drop.count));
    }
}
