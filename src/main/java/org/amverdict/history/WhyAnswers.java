package org.amverdict.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.amverdict.console.Units;
import org.amverdict.engine.EngineSettings;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.Ends;
import org.amverdict.events.EventFields;
import org.amverdict.events.Fault;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.PacketView;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Admission;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.Tables;
import org.jspecify.annotations.Nullable;

/**
 * Answers from the sessions, the drops, the connections, the policy in force and the tables: first what went wrong
 * within the last day, then what happened, then what went wrong earlier, and finally what would happen now. Any thread.
 */
public final class WhyAnswers implements Why {
    /** Most sentences; the number of further ones is added. */
    private static final int LINES_MAX = 100;
    /** Most things of sessions that are looked at. */
    private static final int FOUND_MAX = 2000;

    private static final String SYN_NOW = "A SYN from ";

    /** Older problems do not answer the question if there is anything newer. */
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
    public Answer answer(final IpAddress source, final IpAddress destination, final int port) {
        HostPrefix.refuseUnusable(source);
        HostPrefix.refuseUnusable(destination);
        if (port != ANY_PORT && !PortSet.isPort(port)) {
            throw new IllegalArgumentException(port + " is no port (1-65535)");
        }
        final Question question = new Question(source, destination, port, nanoTime.getAsLong());
        final List<Finding> found = history(question);
        final List<String> sentences = new ArrayList<>();
        final Advice nothing = found.isEmpty() ? nothing(question) : Advice.of("");
        if (found.isEmpty()) {
            sentences.add(nothing.text() + ".");
        }
        found.stream().limit(LINES_MAX).map(Finding::sentence).forEach(sentences::add);
        if (found.size() > LINES_MAX) {
            sentences.add("And " + (found.size() - LINES_MAX) + " more.");
        }
        if (port != ANY_PORT) {
            sentences.add(SYN_NOW + question.source() + " to " + question.destination() + " port " + port
                    + " now would be " + now(question) + ".");
        }
        final Finding decisive = decisive(found, question);
        return decisive == null
                ? new Answer(Was.NOT_SEEN, nothing.cause(), nothing.remedy(), sentences)
                : new Answer(
                        decisive.here() ? Was.YES : Was.NO,
                        decisive.cause(),
                        decisive.advice().remedy(),
                        sentences);
    }

    /** Of the last day if there is any, else of all that is on record. */
    private static @Nullable Finding decisive(final List<Finding> found, final Question question) {
        final Finding recent = Finding.decisive(found.stream()
                .filter(finding -> question.nowNanos() - finding.atNanos() <= OLD_NANOS)
                .toList());
        return recent == null ? Finding.decisive(found) : recent;
    }

    /** Newest first; of those of one moment, what went wrong first. */
    private List<Finding> history(final Question question) {
        final List<Finding> found = new ArrayList<>();
        addTroubles(found, question);
        addSessions(found, question);
        addConnections(found, question);
        found.sort(Comparator.comparingLong((Finding finding) -> question.nowNanos() - finding.atNanos())
                .thenComparing(Finding::weight));
        return found;
    }

    /** What was dropped, or opened nothing. */
    private void addTroubles(final List<Finding> found, final Question question) {
        final List<DropRecord> all = new ArrayList<>(drops.copy());
        all.addAll(left.copy());
        all.addAll(refused.copy());
        for (final DropRecord drop : all) {
            if (isAbout(drop, question)) {
                found.add(new Finding(
                        drop.lastNanos,
                        isStray(drop) || isOfOthers(drop) ? Finding.Weight.STRAY : Finding.Weight.WRONG,
                        verdict(drop) + Units.times(drop.count) + ", last "
                                + Units.nanos(question.nowNanos() - drop.lastNanos) + " ago: " + packet(drop, question)
                                + ", " + drop.fact.reason.label() + ": ",
                        drop.advice(),
                        null));
            }
        }
    }

    /** Whether it was left to other rules, and no exchange has to do with it. */
    private static boolean isOfOthers(final DropRecord drop) {
        return drop.decided == Verdict.CONTINUE && drop.fault == Fault.ELSEWHERE;
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

    /** That nothing is on record, and where to look then. */
    private Advice nothing(final Question question) {
        final String since = "since the start (" + Units.nanos(question.nowNanos() - startNanos) + ")";
        if (question.port() != ANY_PORT && !history(question.withoutPort()).isEmpty()) {
            return Advice.of(
                    "Nothing to port " + question.port() + " " + since + ", but other packets between these hosts came",
                    ": ",
                    "ask without the port");
        }
        if (!history(question.reversed()).isEmpty()) {
            return Advice.of(
                    "Nothing from " + question.source() + " to " + question.destination()
                            + (question.port() == ANY_PORT ? " " : " port " + question.port() + " ") + since
                            + ", but packets in the other direction came",
                    ": ",
                    "ask with the two hosts swapped");
        }
        final long forgotten = sessions.forgotten()
                + drops.forgotten()
                + left.forgotten()
                + refused.forgotten()
                + connections.forgotten();
        if (forgotten > 0) {
            return Advice.of(
                    "Nothing of these hosts is on record, but " + forgotten + " older records " + since
                            + " were forgotten to make room",
                    ": ",
                    "look in the event log");
        }
        return Advice.of(
                "Nothing seen between these hosts " + since
                        + ": the packets do not reach the queue, or there were none",
                "; ",
                "check with amverdict doctor");
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

    private void addSessions(final List<Finding> found, final Question question) {
        sessions.look(session -> {
            if (question.isAbout(session.requester, session.responder, session.controlPort)) {
                found.add(SessionExplanation.finding(session, question.nowNanos()));
            }
            for (final StreamRecord stream : session.streams) {
                if (question.isAbout(session.requester, session.responder, stream.port)) {
                    sessions.lookAtFlow(session, stream);
                    found.add(SessionExplanation.finding(session, stream, question.nowNanos()));
                }
            }
            return found.size() < FOUND_MAX;
        });
    }

    private void addConnections(final List<Finding> found, final Question question) {
        for (final Connections.Connection connection : connections.recent()) {
            if (question.isAbout(
                    connection.ends().source(),
                    connection.ends().destination(),
                    connection.ends().destinationPort())) {
                found.add(ConnectionExplanation.finding(connection, question.nowNanos()));
            }
        }
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
