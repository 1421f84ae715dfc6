package org.amverdict.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.amverdict.amanda.StreamName;
import org.amverdict.console.Units;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Admission;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.Tables;

/**
 * Answers from the sessions, the drops, the connections, the policy in force and the tables: first what went wrong
 * within the last day, then what happened, then what went wrong earlier, and finally what would happen now. Any thread.
 */
public final class WhyAnswers implements Why {
    /** Most sentences of one kind; the number of further ones is added. */
    private static final int LINES_MAX = 5;

    /** Older problems come after the events. */
    private static final long OLD_NANOS = 86_400_000_000_000L;

    private final SessionLog sessions;
    private final RecentDrops drops;
    private final RecentDrops left;
    private final RecentDrops refused;
    private final Connections connections;
    private final PastExchanges history;
    private final Tables tables;
    private final Supplier<EngineSettings> settings;
    private final LongSupplier nanoTime;
    private final long startNanos;

    /**
     * What is on record.
     *
     * @param drops packets that were dropped, or would have been
     * @param left packets that were left to other rules
     * @param refused REPs that were passed on, but opened nothing
     */
    public record Recorded(
            SessionLog sessions,
            RecentDrops drops,
            RecentDrops left,
            RecentDrops refused,
            Connections connections,
            PastExchanges exchanges) {}

    /** Answers from these sources. */
    public WhyAnswers(
            final Recorded recorded,
            final Tables tables,
            final Supplier<EngineSettings> settings,
            final LongSupplier nanoTime) {
        sessions = recorded.sessions();
        drops = recorded.drops();
        left = recorded.left();
        refused = recorded.refused();
        connections = recorded.connections();
        history = recorded.exchanges();
        this.tables = tables;
        this.settings = settings;
        this.nanoTime = nanoTime;
        startNanos = nanoTime.getAsLong();
    }

    /** A question: two hosts, perhaps a port, and when it was asked. */
    private record Question(IpAddress source, IpAddress destination, int port, long nowNanos) {
        boolean isAbout(final IpAddress from, final IpAddress to, final int toPort) {
            return from.equals(source) && to.equals(destination) && (port == ANY_PORT || port == toPort);
        }

        /** Whether it is about these two hosts, in either order, and no port. */
        boolean isAboutHosts(final IpAddress one, final IpAddress other) {
            return port == ANY_PORT && (isAbout(one, other, ANY_PORT) || isAbout(other, one, ANY_PORT));
        }

        Question withoutPort() {
            return new Question(source, destination, ANY_PORT, nowNanos);
        }

        Question reversed() {
            return new Question(/* source= */ destination, /* destination= */ source, ANY_PORT, nowNanos);
        }

        /** The SYN in question. */
        Ends syn() {
            return new Ends(source, Admission.ANY_SOURCE_PORT, destination, port);
        }
    }

    @Override
    public List<String> answer(final IpAddress source, final IpAddress destination, final int port) {
        HostPrefix.refuseUnusable(source);
        HostPrefix.refuseUnusable(destination);
        if (port != ANY_PORT && !PortSet.isPort(port)) {
            throw new IllegalArgumentException(port + " is no port (1-65535)");
        }
        final Question question = new Question(source, destination, port, nanoTime.getAsLong());
        final List<String> answer = history(question);
        if (answer.isEmpty()) {
            answer.add(nothing(question));
        }
        if (port != ANY_PORT) {
            answer.add("A SYN from " + question.source() + " to " + question.destination() + " port " + port
                    + " now would be " + now(question) + ".");
        }
        return answer;
    }

    private List<String> history(final Question question) {
        final List<String> answer = new ArrayList<>();
        final List<DropRecord> troubles = troubles(question);
        addTroubles(
                answer, troubles.stream().filter(drop -> !isOld(drop, question)).toList(), question);
        addSessions(answer, question);
        addConnections(answer, question);
        addTroubles(
                answer, troubles.stream().filter(drop -> isOld(drop, question)).toList(), question);
        return answer;
    }

    private static boolean isOld(final DropRecord drop, final Question question) {
        return question.nowNanos() - drop.lastNanos > OLD_NANOS;
    }

    /** What was dropped, or opened nothing: strays of connections last, else the newest first. */
    private List<DropRecord> troubles(final Question question) {
        final List<DropRecord> found = new ArrayList<>(drops.copy());
        found.addAll(left.copy());
        found.addAll(refused.copy());
        found.removeIf(drop -> !isAbout(drop, question));
        found.sort(
                Comparator.comparing(WhyAnswers::isStray).thenComparing(drop -> question.nowNanos() - drop.lastNanos));
        return found;
    }

    private static boolean isStray(final DropRecord drop) {
        return switch (drop.fact.reason) {
            case NO_FLOW, LEGACY_RECOVERY, FRAGMENT, NOT_AMANDA -> true;
            case MALFORMED,
                    MERGED,
                    NOT_ALLOWED,
                    BAD_CONTROL,
                    BAD_REQUEST,
                    REQUEST,
                    SERVICE_NOT_ALLOWED,
                    ACK,
                    WRONG_DIRECTION,
                    UNSOLICITED,
                    REPLY,
                    REFUSED_REPLY,
                    ESTABLISHED,
                    CONTROL_TCP,
                    EXPECTED,
                    STATIC,
                    UNEXPECTED,
                    RELATED,
                    ERROR -> false;
        };
    }

    /**
     * Whether a packet took the path in question. Without a port, the answers count too, and so do packets from another
     * address of one of the two hosts.
     */
    private static boolean isAbout(final DropRecord drop, final Question question) {
        final Fact fact = drop.fact;
        if (question.isAbout(fact.source, fact.destination, fact.destinationPort)) {
            return true;
        }
        final boolean datagram = drop.protocol == PacketView.PROTOCOL_UDP;
        if (datagram && question.isAboutHosts(fact.source, fact.destination)) {
            return true;
        }
        if (fact.announces(question.port())
                && question.withoutPort().isAbout(/* from= */ fact.destination, /* to= */ fact.source, ANY_PORT)) {
            return true;
        }
        return fact.hasOther()
                && (question.isAbout(fact.other, fact.destination, fact.destinationPort)
                        || question.isAboutHosts(fact.other, fact.destination));
    }

    private String nothing(final Question question) {
        final String since = "since the start (" + Units.nanos(question.nowNanos() - startNanos) + ")";
        if (question.port() != ANY_PORT && !history(question.withoutPort()).isEmpty()) {
            return "Nothing to port " + question.port() + " " + since
                    + ", but other packets between these hosts came: ask without the port.";
        }
        if (!history(question.reversed()).isEmpty()) {
            return "Nothing from " + question.source() + " to " + question.destination()
                    + (question.port() == ANY_PORT ? " " : " port " + question.port() + " ") + since
                    + ", but packets of the other direction came: ask with the two hosts swapped.";
        }
        final long forgotten = sessions.forgotten()
                + drops.forgotten()
                + left.forgotten()
                + refused.forgotten()
                + connections.forgotten();
        if (forgotten > 0) {
            return "Nothing of these hosts is on record, but " + forgotten + " older records " + since
                    + " were forgotten to make room: look in the event log.";
        }
        return "Nothing seen between these hosts " + since
                + ": the packets do not reach the queue, or there were none; check with amverdict doctor.";
    }

    private static void addTroubles(
            final List<String> answer, final List<DropRecord> troubles, final Question question) {
        for (final DropRecord drop : troubles.subList(0, Math.min(LINES_MAX, troubles.size()))) {
            answer.add(verdict(drop) + Units.times(drop.count) + ", last "
                    + Units.nanos(question.nowNanos() - drop.lastNanos) + " ago: " + packet(drop, question)
                    + ", "
                    + drop.fact.reason.label() + ": " + DropExplanation.explain(drop.fact) + ".");
        }
        addMore(answer, troubles.size(), "kinds of packets that were not let through");
    }

    private static String verdict(final DropRecord drop) {
        return switch (drop.decided) {
            case ACCEPT -> "Passed on, but opened nothing, ";
            case CONTINUE ->
                drop.isEnforced() ? "Dropped (no rule for continue-mark) " : "Left to the host's other rules ";
            case DROP -> drop.isEnforced() ? "Dropped " : "Would have been dropped (mode monitor) ";
        };
    }

    /** {@code TCP to port 4000}, with its hosts if they differ from those in the question. */
    private static String packet(final DropRecord drop, final Question question) {
        final Fact fact = drop.fact;
        final boolean asked = question.withoutPort().isAbout(fact.source, fact.destination, ANY_PORT);
        return EventFields.protocolName(drop.protocol)
                + (asked ? "" : " from " + fact.source + " to " + fact.destination)
                + (fact.destinationPort == 0 ? "" : (asked ? " to port " : " port ") + fact.destinationPort);
    }

    private static void addMore(final List<String> answer, final int found, final String what) {
        if (found > LINES_MAX) {
            answer.add("And " + (found - LINES_MAX) + " more " + what + ".");
        }
    }

    private void addSessions(final List<String> answer, final Question question) {
        final int[] found = new int[1];
        sessions.look(session -> {
            final boolean about = question.isAbout(session.requester, session.responder, session.controlPort);
            if (about) {
                add(answer, found, SessionExplanation.sentence(session, question.nowNanos()));
            }
            for (final StreamRecord stream : session.streams) {
                if (question.isAbout(session.requester, session.responder, stream.port)) {
                    sessions.lookAtFlow(session, stream);
                    add(answer, found, SessionExplanation.sentence(session, stream, question.nowNanos()));
                }
            }
            return true;
        });
        addMore(answer, found[0], "streams and requests");
    }

    private static void add(final List<String> answer, final int[] found, final String sentence) {
        found[0]++;
        if (found[0] <= LINES_MAX) {
            answer.add(sentence);
        }
    }

    private void addConnections(final List<String> answer, final Question question) {
        int found = 0;
        for (final Connections.Connection connection : connections.recent()) {
            if (!question.isAbout(
                    connection.ends().source(),
                    connection.ends().destination(),
                    connection.ends().destinationPort())) {
                continue;
            }
            found++;
            if (found <= LINES_MAX) {
                answer.add("Accepted: " + kind(connection.stream()) + " to port "
                        + connection.ends().destinationPort() + ", "
                        + Units.nanos(question.nowNanos() - connection.openedNanos()) + " ago"
                        + SessionExplanation.connection(connection) + ".");
            }
        }
        addMore(answer, found, "connections");
    }

    private static String kind(final StreamName stream) {
        return switch (stream) {
            case CONTROL -> "connection of auth bsdtcp";
            case LEGACY -> "connection of legacy recovery";
            case STATIC -> "connection to a static range";
            case ADOPTED -> "connection that was under way at start";
            default -> stream.name() + " stream that was announced before the start";
        };
    }

    /** The rows of the decision table for a SYN, in words. */
    private String now(final Question question) {
        final EngineSettings current = settings.get();
        final Policy policy = current.policy();
        if (isExpected(question)) {
            return "accepted, once: it is expected";
        }
        final Tuple tuple = question.syn().tuple();
        return switch (policy.admission(tuple)) {
            case CONTROL -> "accepted: it is a control port, and a line of `allow` has these hosts";
            case LEGACY -> "accepted from a privileged port: their line of `allow` has legacy-recovery";
            case STATIC -> "accepted: it is in a static range";
            case NONE -> notAdmitted(question, current, policy.permits(tuple));
        };
    }

    private String notAdmitted(final Question question, final EngineSettings current, final boolean permitted) {
        final String verdict = current.otherTraffic() == Verdict.CONTINUE
                ? "left to the host's other rules"
                : current.enforce()
                        ? "dropped"
                        : "reported as dropped, and left to the host's other rules (mode monitor)";
        final int port = question.port();
        if (!permitted && isPublished(current.published(), question)) {
            return "judged as one to the host behind " + question.destination() + "; ask for that host";
        }
        if (!permitted) {
            return verdict + " (" + Reason.UNEXPECTED.label()
                    + "): no line of `allow` has these hosts in this direction";
        }
        final Past nearest = history.nearest(question.source(), question.destination(), port, question.nowNanos());
        return verdict + " (" + Reason.UNEXPECTED.label() + "): "
                + (nearest == null
                        ? "no REP that is on record announced any port between these hosts"
                        : DropExplanation.past(nearest, nearest.port() == port));
    }

    private static boolean isPublished(final PublishedHosts published, final Question question) {
        return published.behind(
                                question.destination().high(),
                                question.destination().low())
                        .length
                > 0;
    }

    private boolean isExpected(final Question question) {
        final boolean[] found = new boolean[1];
        tables.expectations()
                .forEach(expectation -> found[0] |= expectation.deadlineNanos() - question.nowNanos() > 0
                        && question.syn().equals(fromAnyPort(Ends.of(expectation.tuple()))));
        return found[0];
    }

    private static Ends fromAnyPort(final Ends ends) {
        return new Ends(ends.source(), Admission.ANY_SOURCE_PORT, ends.destination(), ends.destinationPort());
    }
}
