package org.amverdict.suggest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amverdict.amanda.AmandaPorts;
import org.amverdict.amanda.Service;
import org.amverdict.eventfiles.EventFiles;
import org.amverdict.eventfiles.Gaps;
import org.amverdict.json.JsonObject;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the events of a night one after the other and keeps what no line allowed: which hosts asked which others for
 * what, and everything else. Its memory is bounded; what does not fit is counted. For one thread.
 */
public final class Sightings {
    /** Pairs of hosts that asked. */
    static final int PAIRS_MAX = 16_384;
    /** Kinds of other traffic that are kept apart. */
    static final int OTHERS_MAX = 16_384;

    private final Policy policy;
    private final Gaps gaps = new Gaps();
    private final Map<HostPair, Asking> asking = new LinkedHashMap<>();
    private final Map<OtherKey, Long> others = new HashMap<>();
    private final Map<OtherKey, Long> refused = new HashMap<>();
    private long events;
    private long untold;
    private String first = "";
    private String last = "";

    /** Other traffic; the port is 0 where there is none. */
    private record OtherKey(String reason, String proto, HostPair pair, int port, String explanation) {}

    /** @param policy what the configuration allows by now, so that a line that was added is not suggested again */
    public Sightings(final Policy policy) {
        this.policy = policy;
    }

    /** Takes in the files of an event log, oldest first. */
    public void read(final List<EventFiles.Part> files) {
        files.forEach(file -> EventFiles.read(file, this::line, gaps));
    }

    /** What is missing from what was read. */
    public Gaps gaps() {
        return gaps;
    }

    private boolean line(final String line) {
        final JsonObject event;
        try {
            event = JsonObject.parse(line);
        } catch (final IllegalArgumentException e) {
            return false;
        }
        if (event.has("event_type")) {
            add(event);
            return true;
        }
        return false;
    }

    /** Takes in one event. */
    public void add(final JsonObject event) {
        events++;
        final String time = event.text("timestamp");
        first = first.isEmpty() ? time : first;
        last = time;
        final IpAddress source = IpAddress.parse(event.text("src_ip"));
        final IpAddress destination = IpAddress.parse(event.text("dest_ip"));
        switch (event.text("event_type")) {
            case "drop" -> {
                if (source == null || destination == null) {
                    untold += event.flag("folded") ? Math.max(1, event.number("count")) : 0;
                } else {
                    addDrop(event, new HostPair(source, destination));
                }
            }
            case "reply" -> {
                if (source != null
                        && destination != null
                        && event.text("reason").equals("refused-reply")) {
                    final HostPair pair = new HostPair(source, destination);
                    final String what = event.text("explanation");
                    count(refused, new OtherKey(event.text("refusal"), "UDP", pair, 0, what));
                }
            }
            default -> {}
        }
    }

    private void addDrop(final JsonObject event, final HostPair pair) {
        final String reason = event.text("reason");
        final int port = (int) event.number("dest_port");
        switch (reason) {
            case "not-allowed", "service-not-allowed" -> addRequest(event, pair);
            case "unsolicited" -> {
                final Asking asked = asking.get(pair.reversed());
                if (asked == null) {
                    addOther(event, pair, port);
                } else {
                    asked.answers++;
                }
            }
            case "unexpected" -> addConnection(event, pair, port);
            case "no-flow" -> {
                // Packets of connections that are counted by their SYN.
                if (!asking.containsKey(pair) && !asking.containsKey(pair.reversed())) {
                    addOther(event, pair, port);
                }
            }
            default -> addOther(event, pair, port);
        }
    }

    private void addRequest(final JsonObject event, final HostPair pair) {
        final JsonObject amanda = event.has("amanda") ? event.object("amanda") : JsonObject.EMPTY;
        final Service service = amanda.has("service") ? Service.ofLabel(amanda.text("service")) : null;
        if (!amanda.has("type") || amanda.text("type").equals("REQ")) {
            final Asking asked = ask(pair);
            if (asked == null) {
                return;
            }
            asked.requests++;
            asked.oddPorts += policy.isRequesterPort((int) event.number("src_port")) ? 0 : 1;
            if (service != null) {
                asked.services.add(service);
            }
        }
    }

    private @Nullable Asking ask(final HostPair pair) {
        final Asking known = asking.get(pair);
        if (known != null || asking.size() < PAIRS_MAX) {
            return asking.computeIfAbsent(pair, key -> new Asking());
        }
        untold++;
        return null;
    }

    private void addConnection(final JsonObject event, final HostPair pair, final int port) {
        final boolean privileged = event.number("src_port") <= PortSet.PRIVILEGED_MAX;
        if (policy.isControlPort(port)) {
            final Asking asked = ask(pair);
            if (asked != null) {
                asked.controlConnections++;
            }
        } else if (privileged && (port == AmandaPorts.AMANDAIDX || port == AmandaPorts.AMIDXTAPE)) {
            final Asking asked = ask(pair);
            if (asked != null) {
                asked.legacyConnections++;
            }
        } else if (asking.containsKey(pair) && port > PortSet.PRIVILEGED_MAX) {
            asking.get(pair).stream(port);
        } else {
            addOther(event, pair, port);
        }
    }

    private void addOther(final JsonObject event, final HostPair pair, final int port) {
        count(others, new OtherKey(event.text("reason"), event.text("proto"), pair, port, ""));
    }

    private void count(final Map<OtherKey, Long> counts, final OtherKey key) {
        if (counts.size() < OTHERS_MAX || counts.containsKey(key)) {
            counts.merge(key, 1L, Long::sum);
        } else {
            untold++;
        }
    }

    /** What all of it comes to. */
    public Suggestion suggestion() {
        final Map<HostPair, Asking> answered = new LinkedHashMap<>();
        final Map<HostPair, Asking> unanswered = new LinkedHashMap<>();
        asking.forEach((pair, asked) -> {
            if (!isAllowedByNow(pair, asked)) {
                (asked.answered() ? answered : unanswered).put(pair, asked);
            }
        });
        return new Suggestion(
                Lines.of(answered),
                Lines.of(unanswered),
                listed(refused),
                listed(others),
                new Suggestion.Span(events, first, last, untold),
                gaps.sentences());
    }

    private boolean isAllowedByNow(final HostPair pair, final Asking asked) {
        final boolean legacy = asked.legacyConnections == 0
                || policy.findLegacyRecovery(pair.tuple(PortSet.PRIVILEGED_MAX, AmandaPorts.AMIDXTAPE)) != null;
        final var tuple = pair.tuple(PortSet.PRIVILEGED_MAX, AmandaPorts.AMANDA);
        return legacy
                && policy.permits(tuple)
                && asked.services.stream().allMatch(service -> policy.find(tuple, service) != null);
    }

    private static List<Other> listed(final Map<OtherKey, Long> counts) {
        final List<Other> listed = new ArrayList<>();
        counts.forEach((key, count) -> listed.add(new Other(
                key.proto() + " " + key.pair().source() + " > " + key.pair().destination()
                        + (key.port() == 0 ? "" : " port " + key.port())
                        + (key.explanation().isEmpty() ? "" : ": " + key.explanation()),
                key.reason(),
                count)));
        listed.sort(Comparator.comparingLong(Other::count).reversed().thenComparing(Other::what));
        return listed;
    }
}
