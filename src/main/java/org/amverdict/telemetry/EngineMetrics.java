package org.amverdict.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineCounters;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventLoss;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.TableCounters;
import org.amverdict.track.TableName;
import org.jspecify.annotations.Nullable;

/**
 * The engine's counters and gauges as meters that read them at a scrape; nothing is looked up or counted twice. Every
 * label is a queue number or comes from an enum. What Micrometer cannot express is in {@link SnapshotCollectors}.
 *
 * <p>A function counter holds its state object weakly, so whoever binds this must keep it, as {@link Metrics} does.
 */
public final class EngineMetrics implements MeterBinder {
    /** Label of messages whose service is none of {@link Service}. */
    static final String OTHER_SERVICE = "other";

    private final TelemetrySources sources;

    public EngineMetrics(final TelemetrySources sources) {
        this.sources = sources;
    }

    @Override
    public void bindTo(final MeterRegistry registry) {
        for (final TelemetrySources.Queue queue : sources.queues()) {
            bindQueue(registry, queue);
        }
        bindControl(registry);
        bindTable(registry, TableName.TRANSACTIONS, sources.transactions());
        bindTable(registry, TableName.EXPECTATIONS, sources.expectations());
        bindTable(registry, TableName.FLOWS, sources.flows());
        bindTableCounters(registry, sources.tableCounters());
        bindStreams(registry);
        bindProgram(registry);
    }

    private void bindQueue(final MeterRegistry registry, final TelemetrySources.Queue queue) {
        final Tags tags = Tags.of("queue", Integer.toString(queue.number()));
        final EngineCounters counters = queue.counters();
        for (final Verdict verdict : Verdict.values()) {
            final Tags withVerdict = tags.and("verdict", verdict.label());
            for (final Reason reason : Reason.values()) {
                counter(
                        registry,
                        "amverdict.packets",
                        "Packets judged, by the verdict that the kernel was told.",
                        withVerdict.and("reason", reason.label()),
                        () -> counters.packets(verdict, reason));
            }
            counter(
                    registry,
                    "amverdict.bytes",
                    "IP bytes of the packets judged.",
                    withVerdict,
                    () -> counters.bytes(verdict));
        }
        counter(
                registry,
                "amverdict.netlink.overruns",
                "Receives that failed because the socket buffer had overflowed (ENOBUFS).",
                tags,
                queue.netlinkOverruns());
        counter(
                registry,
                "amverdict.packet.id.gaps",
                "Packet ids that never came: the socket had no room. The kernel dropped the packets, or let them pass.",
                tags,
                queue.packetIdGaps());
        counter(
                registry,
                "amverdict.uninspected.packets",
                "Packets that the kernel let pass unjudged because the socket could not take them.",
                tags,
                queue.uninspectedPackets());
        counter(
                registry,
                "amverdict.netlink.malformed",
                "Messages of the kernel that are no well-formed packets; what can be told apart in them is dropped.",
                tags,
                queue.malformedMessages());
        counter(
                registry,
                "amverdict.netlink.errors",
                "Errors that the kernel answered, such as for a verdict on a packet that is gone.",
                tags,
                queue.kernelErrors());
        counter(
                registry,
                "amverdict.batches.failed",
                "Batches dropped, or housekeeping given up, because the engine failed; never in a correct program.",
                tags,
                queue.failedBatches());
        gauge(
                registry,
                "amverdict.queue.ready",
                "1 while the queue is bound and its worker comes round.",
                tags,
                () -> number(queue.ready()));
        gauge(
                registry,
                "amverdict.queue.length.limit",
                "Most packets that the kernel holds in this queue.",
                tags,
                queue::lengthLimit);
    }

    private void bindControl(final MeterRegistry registry) {
        for (final Reason reason : Reason.values()) {
            counter(
                    registry,
                    "amverdict.would.drop",
                    "Packets that monitor mode let pass and enforce mode would have dropped.",
                    Tags.of("reason", reason.label()),
                    () -> sources.sum(counters -> counters.wouldDrop(reason)));
        }
        for (final MessageType type : MessageType.values()) {
            for (final Service service : Service.values()) {
                bindControlMessage(registry, type, service);
            }
            bindControlMessage(registry, type, null);
        }
        for (final Refusal refusal : Refusal.values()) {
            if (refusal != Refusal.NONE) {
                counter(
                        registry,
                        "amverdict.replies.refused",
                        "Replies that opened nothing, by the check they failed.",
                        Tags.of("why", refusal.label()),
                        () -> sources.sum(counters -> counters.refused(refusal)));
            }
        }
    }

    private void bindControlMessage(
            final MeterRegistry registry, final MessageType type, final @Nullable Service service) {
        counter(
                registry,
                "amverdict.control.messages",
                "Control datagrams with a valid header.",
                Tags.of(
                        "type",
                        type.name().toLowerCase(Locale.ROOT),
                        "service",
                        service == null ? OTHER_SERVICE : service.label()),
                () -> sources.sum(counters -> counters.controlMessages(type, service)));
    }

    private static void bindTable(
            final MeterRegistry registry, final TableName table, final TelemetrySources.Table source) {
        final String name = "amverdict." + table.label();
        gauge(
                registry,
                name,
                "Entries in use in the table of " + table.label() + ".",
                Tags.empty(),
                source.size()::getAsLong);
        gauge(
                registry,
                name + ".limit",
                "Most entries that the table of " + table.label() + " can hold.",
                Tags.empty(),
                source::limit);
    }

    private void bindTableCounters(final MeterRegistry registry, final TableCounters counters) {
        for (final Removal cause : Removal.values()) {
            counter(
                    registry,
                    "amverdict.expectations.removed",
                    "Expectations that ended, by how.",
                    Tags.of("cause", cause.label()),
                    () -> counters.removed(cause));
        }
        for (final StreamName stream : StreamName.values()) {
            if (SnapshotCollectors.announced(stream)) {
                counter(
                        registry,
                        "amverdict.expectations.restored",
                        "Expectations taken up from before a restart; the created ones do not count them.",
                        Tags.of("stream", stream.label()),
                        () -> counters.restored(stream));
            }
        }
        counter(
                registry,
                "amverdict.expectations.restored.expired",
                "Expectations taken up from before a restart that expired; the removed ones count them too.",
                Tags.empty(),
                counters::restoredExpired);
        counter(
                registry,
                "amverdict.expectations.rearmed",
                "Expectations made once more after a connection was refused; the created ones count them too.",
                Tags.empty(),
                counters::rearmed);
        for (final TableName table : TableName.values()) {
            for (final LimitScope scope : LimitScope.values()) {
                counter(
                        registry,
                        "amverdict.limit.reached",
                        "Times that a limit of a table kept something out.",
                        Tags.of("table", table.label(), "scope", scope.label()),
                        () -> counters.limitReached(table, scope));
            }
        }
    }

    private void bindStreams(final MeterRegistry registry) {
        for (final StreamName stream : StreamName.values()) {
            bindStream(registry, stream, "original", sources.originalBytes());
            bindStream(registry, stream, "reply", sources.replyBytes());
            bindStreamPackets(registry, stream, "original", false);
            bindStreamPackets(registry, stream, "reply", true);
        }
    }

    private void bindStreamPackets(
            final MeterRegistry registry, final StreamName stream, final String direction, final boolean reply) {
        counter(
                registry,
                "amverdict.stream.packets",
                "Packets of accepted streams, as far as they are queued; what the kernel merged counts as one.",
                Tags.of("stream", stream.label(), "direction", direction),
                () -> sources.sum(counters -> counters.streamPackets(stream, reply)));
    }

    private void bindStream(
            final MeterRegistry registry,
            final StreamName stream,
            final String direction,
            final ToLongFunction<StreamName> bytes) {
        counter(
                registry,
                "amverdict.stream.bytes",
                "IP bytes of accepted streams, as far as their packets are queued; original is towards the listener.",
                Tags.of("stream", stream.label(), "direction", direction),
                () -> bytes.applyAsLong(stream));
    }

    private void bindProgram(final MeterRegistry registry) {
        final TelemetrySources.Config config = sources.config();
        gauge(
                registry,
                "amverdict.enforcing",
                "1 in enforce mode, 0 in monitor mode.",
                Tags.empty(),
                () -> number(config.enforcing()));
        gauge(
                registry,
                "amverdict.config.last.reload.successful",
                "1 unless the last reload was refused; the earlier configuration is then still in force.",
                Tags.empty(),
                () -> number(config.lastReloadSuccessful()));
        gauge(
                registry,
                "amverdict.config.last.reload.timestamp.seconds",
                "When the configuration in force was loaded, in seconds since 1970.",
                Tags.empty(),
                config.lastReloadEpochSeconds()::getAsLong);
        gauge(
                registry,
                "amverdict.build.info",
                "Always 1; the labels say what runs.",
                Tags.of("version", sources.version(), "java", System.getProperty("java.version", "unknown")),
                () -> 1);
        counter(
                registry,
                "amverdict.log.events.lost",
                "Decisions that the human log did not show because it could not keep up; the verdicts were given.",
                Tags.empty(),
                sources.logEventsLost());
        for (final EventLoss loss : EventLoss.values()) {
            counter(
                    registry,
                    "amverdict.events.lost",
                    "Events that were lost on their way to the logs and to who watches, by where.",
                    Tags.of("cause", loss.label()),
                    () -> sources.eventsLost().applyAsLong(loss));
        }
    }

    private static double number(final BooleanSupplier condition) {
        return condition.getAsBoolean() ? 1 : 0;
    }

    private void counter(
            final MeterRegistry registry,
            final String name,
            final String help,
            final Tags tags,
            final LongSupplier value) {
        FunctionCounter.builder(name, this, self -> value.getAsLong())
                .description(help)
                .tags(tags)
                .register(registry);
    }

    private static void gauge(
            final MeterRegistry registry,
            final String name,
            final String help,
            final Tags tags,
            final DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble).description(help).tags(tags).register(registry);
    }
}
