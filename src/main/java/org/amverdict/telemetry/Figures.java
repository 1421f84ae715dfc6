package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventLoss;
import org.amverdict.incidents.Incident;
import org.amverdict.json.JsonLine;
import org.amverdict.track.LimitScope;
import org.amverdict.track.LineHits;
import org.amverdict.track.Removal;
import org.amverdict.track.TableCounters;
import org.amverdict.track.TableName;
import org.amverdict.track.Tally;

/**
 * The catalogue: every figure of the running program is declared here and nowhere else, except those of each queue, in
 * {@link QueueFigures}, and that an {@link Incident} and a {@link Tally} are their own declarations. The metrics, the status
 * (at the control socket and for the status page) and the event {@code stats}
 * read it. Every label is a queue number or comes from an enum. The JSON schemas describe the fields of status and stats, src/docs/metrics.md the metrics.
 *
 * <p>The order is that of the fields in JSON. Immutable; any thread, but each {@link Reading} belongs to one.
 */
final class Figures {
    /** Value of the label {@code service} for messages whose service is not in {@link Service}. */
    private static final String OTHER_SERVICE = "other";

    private final TelemetrySources sources;
    private final TableCounters inTables;
    private final List<Figure> all = new ArrayList<>();

    private final Label<TelemetrySources.Queue> queue;
    private final Label<Verdict> verdict = label("verdict", Verdict.values(), Verdict::label);
    private final Label<Reason> reason = label("reason", Reason.values(), Reason::label);
    private final Label<MessageType> type =
            label("type", MessageType.values(), each -> each.name().toLowerCase(Locale.ROOT));
    private final Label<Optional<Service>> service;
    private final Label<StreamName> stream = label("stream", StreamName.values(), StreamName::label);
    private final Label<LineHits.Hit> hit = label("kind", LineHits.Hit.values(), LineHits.Hit::label);
    /** A line of {@code allow}, by its place. */
    private final Label<Integer> line;

    /** Streams that a reply can announce. The others have flows, but no expectations. */
    private final Label<StreamName> announced = new Label<>(
            "stream",
            Arrays.stream(StreamName.values())
                    .filter(each ->
                            each != StreamName.CONTROL && each != StreamName.STATIC && each != StreamName.ADOPTED)
                    .toList(),
            StreamName::label);
    /** Whether a packet goes to the connecting side. */
    private final Label<Boolean> direction =
            new Label<>("direction", List.of(false, true), reply -> reply ? "reply" : "original");

    private final Label<TableName> table = label("table", TableName.values(), TableName::label);
    private final Label<LimitScope> scope = label("scope", LimitScope.values(), LimitScope::label);
    private final Label<Removal> removal = label("cause", Removal.values(), Removal::label);
    private final Label<EventLoss> loss = label("cause", EventLoss.values(), EventLoss::label);

    Figures(final TelemetrySources sources) {
        this.sources = sources;
        inTables = sources.tables().counters();
        queue = new Label<>("queue", sources.queues(), each -> (long) each.number());
        service = new Label<>(
                "service",
                Stream.concat(Arrays.stream(Service.values()).map(Optional::of), Stream.of(Optional.<Service>empty()))
                        .toList(),
                each -> each.map(Service::label).orElse(OTHER_SERVICE));
        line = Label.ofConfiguration(
                "line",
                () -> IntStream.range(0, sources.tables().lines().names().size())
                        .boxed()
                        .toList(),
                place -> sources.tables().lines().names().get(place));
        new QueueFigures(this, sources, queue).declare();
        declareVerdicts();
        declareLines();
        declareControl();
        Tally.all().forEach(this::declareTally);
        declareStreams();
        declareTables();
        declareExpectations();
        declareProgram();
        declareLosses();
    }

    private static <T> Label<T> label(final String key, final T[] values, final Function<T, Object> text) {
        return new Label<>(key, List.of(values), text);
    }

    Figure counter(final String name, final String help) {
        return add(Figure.of(Figure.Kind.COUNTER, name, help));
    }

    Figure gauge(final String name, final String help) {
        return add(Figure.of(Figure.Kind.GAUGE, name, help));
    }

    Figure add(final Figure figure) {
        all.add(figure);
        return figure;
    }

    private void declareVerdicts() {
        counter("amverdict_packets_total", "Packets judged, by the verdict that the kernel received.")
                .by(queue, verdict, reason)
                .is(at -> at.get(queue).counters().packets(at.get(verdict), at.get(reason)))
                .status("verdicts[verdict,reason]?.packets")
                .stats("packets.{verdict}.{reason}?");
        counter(
                        "amverdict_would_drop_total",
                        "Packets that monitor mode left to the host's other rules and enforce mode would have dropped.")
                .by(reason)
                .is(at -> sources.sum(each -> each.counters().wouldDrop(at.get(reason))))
                .status("would_drop[reason]?.packets")
                .stats("would_drop.{reason}?");
        counter("amverdict_bytes_total", "IP bytes in the packets judged, by verdict.")
                .by(queue, verdict)
                .is(at -> at.get(queue).counters().bytes(at.get(verdict)))
                .status("verdict=accept: accepted_bytes")
                .status("verdict=drop: dropped_bytes")
                .status("verdict=continue: continued_bytes")
                .stats("bytes.{verdict}");
        counter(
                        "amverdict_not_continued_total",
                        "Packets that should have continued, but came with continue-mark already: no rule of ours for"
                                + " that mark was before the queue. Dropped, or in monitor mode accepted.")
                .is(at -> sources.sum(each -> each.counters().notContinued()))
                .status("not_continued")
                .stats("not_continued");
    }

    private void declareLines() {
        counter(
                        "amverdict_line_hits_total",
                        "What each line of allow let in: new requests, announced streams, and connections without an"
                                + " announcement.")
                .by(line, hit)
                .is(at -> sources.tables().lines().hits(at.get(line), at.get(hit)))
                .status("lines[line].{kind}s");
    }

    private void declareControl() {
        counter("amverdict_control_messages_total", "Control datagrams with a valid header.")
                .by(type, service)
                .is(at -> sources.sum(each -> each.counters()
                        .controlMessages(at.get(type), at.get(service).orElse(null))))
                .status("exchanges.messages[type].count")
                .stats("control_messages.{TYPE}?");
    }

    private <T extends Enum<T>> void declareTally(final Tally<T> tally) {
        final Tally.Label<T> declared = tally.label();
        final Label<T> label = new Label<>(declared.key(), declared.values(), declared.text()::apply);
        final Figure figure = counter(tally.metric(), tally.help())
                .by(label)
                .is(at -> inTables.of(tally, at.get(label))
                        + sources.sum(each -> each.counters().of(tally, at.get(label))));
        if (!tally.status().isEmpty()) {
            figure.status(tally.status());
        }
        if (!tally.stats().isEmpty()) {
            figure.stats(tally.stats());
        }
    }

    private void declareStreams() {
        counter(
                        "amverdict_stream_packets_total",
                        "Queued packets of accepted streams; packets that the kernel merged count as one.")
                .by(stream, direction)
                .is(at -> sources.sum(each -> each.counters().streamPackets(at.get(stream), at.get(direction))))
                .stats("streams.{stream}?.{direction}_packets");
        counter(
                        "amverdict_stream_bytes_total",
                        "IP bytes of the queued packets of accepted streams; direction original is toward the"
                                + " listener.")
                .by(stream, direction)
                .is(at -> sources.sum(each -> each.counters().streamBytes(at.get(stream), at.get(direction))))
                .stats("streams.{stream}?.{direction}_bytes");
    }

    private void declareTables() {
        declareTable(TableName.TRANSACTIONS, sources.tables().transactions());
        declareTable(TableName.EXPECTATIONS, sources.tables().expectations());
        declareTable(TableName.FLOWS, sources.tables().flows());
        counter("amverdict_limit_reached_total", "Times that a table's limit kept something out.")
                .by(table, scope)
                .is(at -> inTables.limitReached(at.get(table), at.get(scope)))
                .status("limits_reached[table,scope]?.count");
    }

    private void declareTable(final TableName name, final TelemetrySources.Table source) {
        final String label = name.label();
        gauge("amverdict_" + label, "Entries in use in the table of " + label + ".")
                .is(at -> source.size().getAsLong())
                .status("tables[table=" + label + "].entries")
                .stats("tables." + label + ".size");
        gauge("amverdict_" + label + "_limit", "Maximum number of entries in the table of " + label + ".")
                .is(at -> source.limit())
                .status("tables[table=" + label + "].limit")
                .stats("tables." + label + ".limit");
    }

    private void declareExpectations() {
        counter(
                        "amverdict_expectations_created_total",
                        "Expectations that replies announced; a repeated reply is not counted again.")
                .by(announced)
                .is(at -> inTables.created(at.get(announced)))
                .status("expectations.created")
                .stats("expectations.created");
        counter(
                        "amverdict_expectations_restored_total",
                        "Expectations restored after a restart; not counted as created.")
                .by(announced)
                .is(at -> inTables.restored(at.get(announced)))
                .status("expectations.restored")
                .stats("expectations.restored");
        counter(
                        "amverdict_expectations_restored_expired_total",
                        "Restored expectations that expired; also counted as removed.")
                .is(at -> inTables.restoredExpired());
        counter(
                        "amverdict_expectations_rearmed_total",
                        "Expectations created again after a connection was refused; also counted as created.")
                .is(at -> inTables.rearmed())
                .status("expectations.rearmed")
                .stats("expectations.rearmed");
        counter("amverdict_expectations_removed_total", "Expectations that ended, by cause.")
                .by(removal)
                .is(at -> inTables.removed(at.get(removal)))
                .status("expectations.removed[cause].count")
                .stats("expectations.{cause}");
        add(Figure.of(
                        Figure.Kind.HISTOGRAM,
                        "amverdict_expectation_wait_seconds",
                        "Time from the announcement of a stream to its first SYN."))
                .by(announced)
                .histogram(at -> HistogramSource.waits(inTables, at.get(announced)));
    }

    private void declareProgram() {
        final TelemetrySources.Config config = sources.program().config();
        add(Figure.shown(at -> (long) at.reading().dumps().running())).status("dumps.running");
        add(Figure.shown(at -> (long) at.reading().dumps().unseen())).status("dumps.unseen");
        gauge("amverdict_enforcing", "1 in enforce mode, 0 in monitor mode.")
                .is(at -> config.enforcing().getAsBoolean() ? 1 : 0);
        gauge(
                        "amverdict_config_last_reload_successful",
                        "1 unless the last reload was refused; the earlier configuration is then still in force.")
                .is(at -> config.lastReloadSuccessful().getAsBoolean() ? 1 : 0);
        gauge(
                        "amverdict_config_last_reload_timestamp_seconds",
                        "When the configuration in force was loaded, in seconds since 1970.")
                .is(at -> config.lastReloadEpochSeconds().getAsLong());
        final TelemetrySources.Rules rules = sources.program().rules();
        gauge(
                        "amverdict_rules_in_place",
                        "1 if the firewall's rules that lead to the queues are all there and first, 0 if not; no sample"
                                + " while that is not known.")
                .is(at -> {
                    final Boolean inPlace = rules.seen().get().inPlace();
                    return inPlace == null ? Figure.UNKNOWN : inPlace ? 1 : 0;
                });
        counter("amverdict_rules_restored_total", "Times that the program has put the firewall's rules back.")
                .is(at -> rules.restored().getAsLong());
        add(Figure.of(
                        Figure.Kind.INFO,
                        "amverdict_build_info",
                        "Always 1; the labels are the versions of the program and of Java."))
                .by(
                        new Label<>("version", List.of(sources.program().version()), each -> each),
                        new Label<>("java", List.of(System.getProperty("java.version", "unknown")), each -> each));
    }

    private void declareLosses() {
        counter(
                        "amverdict_log_events_lost_total",
                        "Decisions missing from the human log because it could not keep up; the packets still got their"
                                + " verdicts.")
                .is(at -> sources.reports().logEventsLost().getAsLong())
                .status("losses.log_lines");
        counter("amverdict_events_lost_total", "Events lost on their way to the logs and to watchers, by cause.")
                .by(loss)
                .is(at -> sources.reports().eventsLost().applyAsLong(at.get(loss)))
                .status("losses.events")
                .stats("events_lost.{cause}");
        counter("amverdict_sessions_forgotten_total", "Sessions forgotten to make room for newer ones.")
                .is(at -> sources.reports().sessionsForgotten().getAsLong())
                .status("losses.sessions");
        for (final Incident incident : Incident.values()) {
            counter(incident.metric(), incident.help())
                    .is(at -> sources.incidents().of(incident))
                    .status("losses." + incident.field());
        }
    }

    /** Those that are metrics. */
    List<Figure> published() {
        return all.stream()
                .filter(each -> each.kind() != Figure.Kind.UNPUBLISHED)
                .toList();
    }

    /** Adds the figures of the status to the open object of the line. */
    void addStatus(final Reading reading, final JsonLine line) {
        final Document document = new Document();
        all.forEach(each -> each.addStatus(reading, document));
        document.writeTo(line);
    }

    /** Adds the figures of the event {@code stats} to the line. */
    void addStats(final Reading reading, final JsonLine line) {
        final Document document = new Document();
        all.forEach(each -> each.addStats(reading, document));
        document.writeTo(line);
    }
}
