package org.amverdict.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the engine should decide, written as naively as possible from amanda-protocol.md 9: maps of records, no limits, no
 * bytes. Time is in nanoseconds. Knows SYNs and errors about them, but no other TCP packets.
 */
final class ReferenceModel {
    private static final long SECOND = EngineFixture.SECOND;
    private static final long EXPECTATION = 180 * SECOND;
    private static final long SYN_SENT = 120 * SECOND;
    private static final long REPLY_WITHIN = 6 * 3600 * SECOND;
    private static final long REPLY_WINDOW = 300 * SECOND;
    private static final int REPLIES_MAX = 3;

    /** What a REP says, by what the test has written into it. */
    record Reply(boolean bad, List<Integer> ports) {}

    private static final class Transaction {
        final String service;
        long deadline;
        boolean replied;
        boolean closed;
        int replies;
        long announcedUntil;
        List<Integer> ports = List.of();

        Transaction(final String service, final long deadline) {
            this.service = service;
            this.deadline = deadline;
        }
    }

    private static final class Expectation {
        final Transaction owner;
        long deadline;

        Expectation(final Transaction owner, final long deadline) {
            this.owner = owner;
            this.deadline = deadline;
        }
    }

    /** A connection of which only SYNs are seen; repeating its SYN does not make it last longer. */
    private record Flow(int sequence, long deadline) {}

    private static final Flow NO_FLOW = new Flow(0, Long.MIN_VALUE);

    private final Map<String, Transaction> transactions = new HashMap<>();
    private final Map<String, Expectation> expectations = new HashMap<>();
    private final Map<String, Flow> flows = new HashMap<>();

    private static String nameOf(final Exchange exchange) {
        return exchange.requester() + " " + exchange.requesterPort() + " " + exchange.responder() + " "
                + exchange.handle() + " " + exchange.sequence();
    }

    private @Nullable Transaction live(final Exchange exchange, final long now) {
        final Transaction found = transactions.get(nameOf(exchange));
        return found == null || found.deadline <= now ? null : found;
    }

    private @Nullable Expectation live(final String key, final long now) {
        final Expectation found = expectations.get(key);
        return found == null || found.deadline <= now ? null : found;
    }

    private static String keyOf(final Exchange exchange, final int port) {
        return exchange.requester() + ">" + exchange.responder() + ":" + port;
    }

    String request(final Exchange exchange, final long now) {
        final Transaction found = live(exchange, now);
        if (found == null) {
            transactions.put(nameOf(exchange), new Transaction(exchange.service(), now + REPLY_WITHIN));
        } else if (!found.service.equals(exchange.service())) {
            return "drop bad-request";
        }
        return "accept request";
    }

    String acknowledgement(final Exchange exchange, final long now) {
        final Transaction found = live(exchange, now);
        if (found != null && found.replied && !found.closed) {
            close(found, now);
        }
        return "accept ack";
    }

    private static void close(final Transaction transaction, final long now) {
        transaction.closed = true;
        transaction.deadline = now + EXPECTATION;
    }

    String progress(final Exchange exchange, final long now) {
        return live(exchange, now) == null ? "drop unsolicited" : "accept reply";
    }

    String refusal(final Exchange exchange, final long now) {
        final Transaction found = live(exchange, now);
        if (found == null) {
            return "drop unsolicited";
        }
        revoke(exchange, found);
        close(found, now);
        return "accept reply";
    }

    private void revoke(final Exchange exchange, final Transaction owner) {
        for (final int port : owner.ports) {
            final Expectation expectation = expectations.get(keyOf(exchange, port));
            if (expectation != null && expectation.owner == owner) {
                expectations.remove(keyOf(exchange, port));
            }
        }
    }

    String reply(final Exchange exchange, final Reply reply, final long now) {
        final Transaction found = live(exchange, now);
        if (found == null) {
            return "drop unsolicited";
        }
        final boolean refused = reply.bad()
                || (!reply.ports().isEmpty()
                        && (!found.service.equals("sendbackup") || !opens(exchange, found, reply, now)));
        if ((reply.bad() || reply.ports().isEmpty()) && !found.closed && !found.ports.isEmpty()) {
            withdraw(exchange, found, now);
        }
        found.replied = true;
        return refused ? "accept refused-reply" : "accept reply";
    }

    private boolean opens(final Exchange exchange, final Transaction found, final Reply reply, final long now) {
        final boolean same = found.replies > 0 && found.ports.equals(reply.ports());
        if (found.closed) {
            return same;
        }
        if (same) {
            found.announcedUntil = now + EXPECTATION;
            for (final int port : found.ports) {
                final Expectation expectation = live(keyOf(exchange, port), now);
                if (expectation != null && expectation.owner == found) {
                    expectation.deadline = now + EXPECTATION;
                }
            }
            return true;
        }
        if (found.replies > 0) {
            if (isTaken(exchange, found, now) || found.replies >= REPLIES_MAX) {
                return false;
            }
            revoke(exchange, found);
        } else {
            found.deadline = now + REPLY_WINDOW;
        }
        found.replies++;
        found.announcedUntil = now + EXPECTATION;
        found.ports = List.copyOf(reply.ports());
        for (final int port : found.ports) {
            expectations.put(keyOf(exchange, port), new Expectation(found, now + EXPECTATION));
        }
        return true;
    }

    private boolean isTaken(final Exchange exchange, final Transaction found, final long now) {
        for (final int port : found.ports) {
            final Expectation expectation = live(keyOf(exchange, port), now);
            if (now < found.announcedUntil && (expectation == null || expectation.owner != found)) {
                return true;
            }
        }
        return false;
    }

    /** The requester gets a REP without ports in the place of the one with these. */
    private void withdraw(final Exchange exchange, final Transaction found, final long now) {
        if (!isTaken(exchange, found, now)) {
            revoke(exchange, found);
            found.replies++;
            found.announcedUntil = now;
            found.ports = List.of();
        }
    }

    String syn(final Exchange exchange, final int sourcePort, final int port, final int sequence, final long now) {
        final String key = keyOf(exchange, port);
        final String flow = sourcePort + " " + key;
        if (sourcePort >= 1024 && live(key, now) != null) {
            expectations.remove(key);
            flows.put(flow, new Flow(sequence, now + SYN_SENT));
            return "accept expected";
        }
        return isKnown(flow, sequence, now) ? "accept established" : "drop unexpected";
    }

    private boolean isKnown(final String flow, final int sequence, final long now) {
        final Flow known = flows.getOrDefault(flow, NO_FLOW);
        return known.deadline() > now && known.sequence() == sequence;
    }

    /** An ICMP error about a SYN, to the one who sent it. */
    String errorAboutSyn(
            final Exchange exchange, final int sourcePort, final int port, final int sequence, final long now) {
        final String key = keyOf(exchange, port);
        final boolean expected = sourcePort >= 1024 && live(key, now) != null;
        return expected || isKnown(sourcePort + " " + key, sequence, now) ? "accept related" : "drop not-amanda";
    }

    /** An ICMP error about a control datagram of either side. */
    String errorAboutDatagram(final Exchange exchange, final long now) {
        final String ends = exchange.requester() + " " + exchange.requesterPort() + " " + exchange.responder() + " ";
        final boolean known = transactions.entrySet().stream()
                .anyMatch(entry -> entry.getKey().startsWith(ends) && entry.getValue().deadline > now);
        return known ? "accept related" : "drop not-amanda";
    }

    /** The expectations that have not ended, as {@link #keyOf} names them. */
    List<String> pending(final long now) {
        final List<String> pending = new ArrayList<>();
        expectations.forEach((key, expectation) -> {
            if (expectation.deadline > now) {
                pending.add(key);
            }
        });
        return pending;
    }
}
