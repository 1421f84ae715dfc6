package org.amverdict.history;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.amanda.Refusal;
import org.amverdict.engine.Cause;
import org.amverdict.engine.EngineSettings;
import org.amverdict.events.Ends;
import org.amverdict.events.EventListener;
import org.amverdict.events.EventRecord;
import org.amverdict.packet.IpAddress;
import org.amverdict.packet.Tuple;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;
import org.amverdict.track.Removal;
import org.amverdict.track.TableLimits;
import org.jspecify.annotations.Nullable;

/**
 * Turns each record of a drop, or of a REP that opened nothing, into a {@link Fact}: what the engine found, with what
 * the history and the settings of that moment add. For the reader's thread, where it is the first listener that looks
 * at packets; all others ask it, so that all report the same.
 */
public final class Facts implements EventListener {
    private static final int WINDOWS_CLIENT = AmandaPorts.KAMANDA;
    private static final int AMANDA_IDX = AmandaPorts.AMANDAIDX;
    private static final int AMIDXTAPE = AmandaPorts.AMIDXTAPE;
    /**
     * One record is looked up in this time, and this many at once after a quiet time; the rest of a flood has only its
     * reason.
     */
    private static final long EACH_NANOS = 1_000_000;

    private static final long AT_ONCE = 1000;
    /** Most hosts behind one public address to look at. */
    private static final int PUBLISHED_MAX = 8;

    private final PastExchanges history;
    private final TableLimits limits;
    private final Supplier<EngineSettings> settings;
    private final InterfaceNames interfaces;
    private long left = AT_ONCE;
    private long filledNanos;
    private boolean begun;
    /** The result for the last record, so that every caller gets the same. */
    private @Nullable Fact last;

    private @Nullable EventRecord lastEvent;
    private long lastTurn;

    /** @param settings in force now, for records without the settings that judged them */
    public Facts(
            final PastExchanges history,
            final TableLimits limits,
            final Supplier<EngineSettings> settings,
            final InterfaceNames interfaces) {
        this.history = history;
        this.limits = limits;
        this.settings = settings;
        this.interfaces = interfaces;
    }

    @Override
    public void event(final EventRecord event) {
        history.record(event, event.kind() == EventRecord.DECISION && event.refusedCount() > 0 ? of(event) : null);
    }

    /** The fact of a record that {@link EventRecord#isTrouble}. */
    public Fact of(final EventRecord event) {
        final Fact known = last;
        if (known != null && event == lastEvent && event.turn() == lastTurn) {
            return known;
        }
        final Fact fact = isDue(event.nanos()) ? find(event) : new Fact(event, event.cause(), Fact.Details.NONE);
        last = fact;
        lastEvent = event;
        lastTurn = event.turn();
        return fact;
    }

    private boolean isDue(final long nowNanos) {
        if (!begun) {
            begun = true;
            filledNanos = nowNanos;
        }
        final long more = Math.max(0, (nowNanos - filledNanos) / EACH_NANOS);
        filledNanos += more * EACH_NANOS;
        left = Math.min(AT_ONCE, left + more);
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }

    private Fact find(final EventRecord event) {
        final EngineSettings judgedBy = event.settings();
        final EngineSettings known = judgedBy == null ? settings.get() : judgedBy;
        final Policy policy = known.policy();
        if (event.cause() == Cause.OTHER_INTERFACE) {
            return new Fact(
                    event,
                    event.cause(),
                    new Fact.Details(
                            null,
                            null,
                            null,
                            null,
                            new Fact.Interfaces(
                                    interfaces.name((int) (event.causeNumber() >>> Integer.SIZE), event.nanos()),
                                    interfaces.name((int) event.causeNumber(), event.nanos())),
                            0));
        }
        return switch (event.reason()) {
            case SERVICE_NOT_ALLOWED ->
                new Fact(event, event.cause(), Fact.Details.of(name(line(policy, event, event.destination())), null));
            case BAD_REQUEST -> new Fact(event, event.cause(), Fact.Details.of((String) null, policy.requesterPorts()));
            case UNSOLICITED -> answer(event);
            case REFUSED_REPLY -> reply(event, policy);
            case UNEXPECTED -> syn(event, known);
            case MALFORMED,
                    FRAGMENT,
                    MERGED,
                    NOT_ALLOWED,
                    BAD_CONTROL,
                    REQUEST,
                    ACK,
                    WRONG_DIRECTION,
                    REPLY,
                    ESTABLISHED,
                    CONTROL_TCP,
                    LEGACY_RECOVERY,
                    EXPECTED,
                    STATIC,
                    NO_FLOW,
                    RELATED,
                    NOT_AMANDA,
                    ERROR -> new Fact(event, event.cause(), Fact.Details.NONE);
        };
    }

    private static @Nullable Allowance line(final Policy policy, final EventRecord event, final IpAddress responder) {
        return policy.find(new Ends(event.source(), 0, responder, 0).tuple());
    }

    private static @Nullable String name(final @Nullable Allowance line) {
        return line == null ? null : line.name();
    }

    /** An answer to no waiting request: the state of the request. */
    private Fact answer(final EventRecord event) {
        final PastExchanges.PastExchange exchange =
                event.cause() == Cause.NONE && event.type() != null ? history.exchange(event) : null;
        if (exchange == null) {
            final Cause cause = event.cause() == Cause.NONE ? Cause.NO_REQUEST : event.cause();
            return new Fact(event, cause, Fact.Details.NONE);
        }
        final Removal removal = exchange.removal();
        if (removal == null) {
            return new Fact(event, exchange.answered() ? Cause.ANSWERED : Cause.NONE, Fact.Details.of(exchange, 0));
        }
        final int limit = removal == Removal.QUOTA
                ? limits.transactions().perRequester()
                : limits.transactions().capacity();
        return new Fact(event, cause(removal), Fact.Details.of(exchange, limit));
    }

    private Fact reply(final EventRecord event, final Policy policy) {
        final Tuple back = event.ends().reversed().tuple();
        final Allowance line =
                event.service() == null ? policy.findLegacyRecovery(back) : policy.find(back, event.service());
        final int limit = event.refusal() == Refusal.LIMIT
                ? limits.expectations().perRequester()
                : event.refusal() == Refusal.TOO_MANY ? limits.expectations().perReply() : 0;
        return new Fact(
                event,
                event.cause(),
                new Fact.Details(name(line), line == null ? null : line.streamPorts(), null, null, null, limit));
    }

    /** A SYN that was not expected: what the engine knew, else the state of that port, or of the nearest one. */
    private Fact syn(final EventRecord event, final EngineSettings judgedBy) {
        final Policy policy = judgedBy.policy();
        Past past = past(event, event.destination());
        Allowance line = line(policy, event, event.destination());
        // A SYN to a public address is meant for a host behind it.
        for (final IpAddress host : behind(event)) {
            final Past other = past(event, host);
            past = past == null || (other != null && isExact(other, event)) ? other : past;
            line = line == null ? line(policy, event, host) : line;
        }
        final boolean exact = past != null && isExact(past, event);
        if (event.cause() != Cause.NONE) {
            return new Fact(event, event.cause(), Fact.Details.of(exact ? past : null));
        }
        if (past != null && exact) {
            return new Fact(event, cause(past), Fact.Details.of(past));
        }
        if (line == null) {
            return new Fact(event, Cause.NO_LINE, Fact.Details.NONE);
        }
        if (event.destinationPort() == WINDOWS_CLIENT) {
            return new Fact(event, Cause.WINDOWS_CLIENT, Fact.Details.of(line.name(), null));
        }
        if (event.destinationPort() == AMANDA_IDX || event.destinationPort() == AMIDXTAPE) {
            return new Fact(event, Cause.OLD_RECOVERY, Fact.Details.of(line.name(), null));
        }
        final boolean near = past != null || event.nearestPort() != 0;
        return new Fact(event, near ? Cause.OTHER_PORT : Cause.NOT_ANNOUNCED, Fact.Details.of(past));
    }

    /** The hosts that a packet to a public address may be meant for. */
    List<IpAddress> behind(final EventRecord event) {
        final EngineSettings judgedBy = event.settings();
        final PublishedHosts published = (judgedBy == null ? settings.get() : judgedBy).published();
        final int[] behind =
                published.behind(event.destination().high(), event.destination().low());
        if (behind.length == 0) {
            return List.of();
        }
        final List<IpAddress> hosts = new ArrayList<>();
        for (int i = 0; i < Math.min(behind.length, PUBLISHED_MAX); i++) {
            hosts.add(published.entry(behind[i]).host());
        }
        return hosts;
    }

    private static boolean isExact(final Past past, final EventRecord event) {
        return past.port() == event.destinationPort();
    }

    private @Nullable Past past(final EventRecord event, final IpAddress responder) {
        return history.nearest(event.source(), responder, event.destinationPort(), event.nanos());
    }

    private static Cause cause(final Past past) {
        return switch (past.state()) {
            // Taken or revoked between the verdict and the look-up; the history will show it for the next one.
            case WAITING -> Cause.NONE;
            case TAKEN -> Cause.ALREADY_TAKEN;
            case REFUSED -> Cause.REPLY_REFUSED;
            case ENDED -> cause(past.outcome().removal());
        };
    }

    private static Cause cause(final Removal removal) {
        return switch (removal) {
            case EXPIRED -> Cause.EXPIRED;
            case RELOADED -> Cause.RELOADED;
            case QUOTA -> Cause.QUOTA;
            case EVICTED -> Cause.TABLE_FULL;
            case FLUSHED -> Cause.FLUSHED;
            case NAK -> Cause.REFUSED_BY_RESPONDER;
            case REVOKED -> Cause.NEW_REPLY;
            case MATCHED -> Cause.ALREADY_TAKEN;
        };
    }
}
