package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.events.EventLoss;
import org.amverdict.incidents.Incident;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.TableName;
import org.amverdict.track.TrackTestAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    /** Every metric, its type and its label keys. A name that is missing here or there is a change of the interface. */
    private static final String GOLDEN = """
            amverdict_batch_packets summary [queue]
            amverdict_batches_failed_total counter [queue]
            amverdict_build_info gauge [java, version]
            amverdict_bytes_total counter [queue, verdict]
            amverdict_config_last_reload_successful gauge []
            amverdict_config_last_reload_timestamp_seconds gauge []
            amverdict_conntrack_malformed_total counter []
            amverdict_conntrack_truncated_total counter []
            amverdict_control_cut_off_total counter []
            amverdict_control_messages_total counter [service, type]
            amverdict_control_refused_total counter []
            amverdict_enforcing gauge []
            amverdict_events_lost_total counter [cause]
            amverdict_expectation_wait_seconds histogram [stream]
            amverdict_expectations gauge []
            amverdict_expectations_created_total counter [stream]
            amverdict_expectations_limit gauge []
            amverdict_expectations_rearmed_total counter []
            amverdict_expectations_removed_total counter [cause]
            amverdict_expectations_restored_expired_total counter []
            amverdict_expectations_restored_total counter [stream]
            amverdict_flows gauge []
            amverdict_flows_limit gauge []
            amverdict_http_cut_off_total counter []
            amverdict_http_refused_total counter []
            amverdict_limit_reached_total counter [scope, table]
            amverdict_line_hits_total counter [kind, line]
            amverdict_log_events_lost_total counter []
            amverdict_netlink_errors_total counter [queue]
            amverdict_netlink_foreign_total counter [queue]
            amverdict_netlink_malformed_total counter [queue]
            amverdict_netlink_overruns_total counter [queue]
            amverdict_not_continued_total counter []
            amverdict_packet_id_gaps_total counter [queue]
            amverdict_packets_total counter [queue, reason, verdict]
            amverdict_queue_dropped_total counter [queue]
            amverdict_queue_length gauge [queue]
            amverdict_queue_length_limit gauge [queue]
            amverdict_queue_ready gauge [queue]
            amverdict_queue_user_dropped_total counter [queue]
            amverdict_replies_refused_total counter [why]
            amverdict_requests_unanswered_total counter [service]
            amverdict_rules_in_place gauge []
            amverdict_rules_restored_total counter []
            amverdict_sessions_forgotten_total counter []
            amverdict_stream_bytes_total counter [direction, stream]
            amverdict_stream_packets_total counter [direction, stream]
            amverdict_transactions gauge []
            amverdict_transactions_limit gauge []
            amverdict_unanswered_packets_total counter []
            amverdict_uninspected_packets_total counter [queue]
            amverdict_verdict_latency_seconds histogram [queue]
            amverdict_verdict_sends_repeated_total counter [queue]
            amverdict_watchers_refused_total counter []
            amverdict_would_drop_total counter [reason]
            """;

    private final SampleSources sample = new SampleSources();
    private final Metrics metrics = new Metrics(new SharedFigures(sample.sources()));

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void shouldExposeExactlyTheGoldenListOfNamesAndLabels() {
        final Exposition scrape = Exposition.of(metrics);

        final String own = scrape.families.entrySet().stream()
                .filter(family -> family.getKey().startsWith("amverdict_"))
                .map(family -> family.getKey() + " " + family.getValue().type() + " "
                        + family.getValue().labels() + "\n")
                .collect(Collectors.joining());

        assertEquals(GOLDEN, own);
        assertEquals(List.of(), scrape.repeated);
    }

    @Test
    void shouldExposeJvmAndProcessAndNothingElse() {
        final Exposition scrape = Exposition.of(metrics);

        for (final String name : List.of(
                "jvm_memory_used_bytes",
                "jvm_threads_live_threads",
                "jvm_classes_loaded_classes",
                "jvm_gc_memory_allocated_bytes_total",
                "process_cpu_usage",
                "process_cpu_seconds_total",
                "process_uptime_seconds",
                "process_start_time_seconds",
                "process_files_open_files")) {
            assertTrue(scrape.families.containsKey(name), name);
        }
        for (final String name : scrape.families.keySet()) {
            assertTrue(name.matches("(amverdict|jvm|process)_.*"), name);
        }
    }

    @Test
    void shouldShowTheFiguresOfEachQueueApart() {
        EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.EXPECTED, 60);
        EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.EXPECTED, 40);
        EngineTestAccess.countPacket(sample.second, Verdict.DROP, Reason.UNEXPECTED, 52);
        EngineTestAccess.countBatch(sample.first);

        final Exposition scrape = Exposition.of(metrics);

        assertEquals(2, scrape.value("amverdict_packets_total", "queue=10", "verdict=accept", "reason=expected"));
        assertEquals(0, scrape.value("amverdict_packets_total", "queue=11", "verdict=accept", "reason=expected"));
        assertEquals(1, scrape.value("amverdict_packets_total", "queue=11", "verdict=drop", "reason=unexpected"));
        assertEquals(100, scrape.value("amverdict_bytes_total", "queue=10", "verdict=accept"));
        assertEquals(1, scrape.value("amverdict_batch_packets_count", "queue=10"));
        assertEquals(2, scrape.value("amverdict_batch_packets_sum", "queue=10"));
        assertEquals(7, scrape.value("amverdict_netlink_overruns_total", "queue=10"));
        assertEquals(8, scrape.value("amverdict_packet_id_gaps_total", "queue=11"));
        assertEquals(9, scrape.value("amverdict_uninspected_packets_total", "queue=11"));
        assertEquals(10, scrape.value("amverdict_netlink_malformed_total", "queue=11"));
        assertEquals(11, scrape.value("amverdict_netlink_errors_total", "queue=11"));
        assertEquals(16, scrape.value("amverdict_netlink_foreign_total", "queue=11"));
        assertEquals(12, scrape.value("amverdict_batches_failed_total", "queue=11"));
        assertEquals(1, scrape.value("amverdict_queue_ready", "queue=10"));
        assertEquals(0, scrape.value("amverdict_queue_ready", "queue=11"));
        assertEquals(4096, scrape.value("amverdict_queue_length_limit", "queue=10"));
    }

    @Test
    void shouldAddUpTheFiguresOfAllQueuesWhereThereIsNoQueueLabel() {
        EngineTestAccess.countWouldDrop(sample.first, Reason.NO_FLOW);
        EngineTestAccess.countWouldDrop(sample.second, Reason.NO_FLOW);
        EngineTestAccess.countControlMessage(sample.first, MessageType.REQ, Service.SENDBACKUP);
        EngineTestAccess.countControlMessage(sample.second, MessageType.REQ, Service.SENDBACKUP);
        EngineTestAccess.countControlMessage(sample.second, MessageType.NAK, null);
        EngineTestAccess.countRefusal(sample.second, Refusal.PORT);

        final Exposition scrape = Exposition.of(metrics);

        assertEquals(2, scrape.value("amverdict_would_drop_total", "reason=no-flow"));
        assertEquals(2, scrape.value("amverdict_control_messages_total", "type=req", "service=sendbackup"));
        assertEquals(1, scrape.value("amverdict_control_messages_total", "type=nak", "service=other"));
        assertEquals(1, scrape.value("amverdict_replies_refused_total", "why=port"));
    }

    @Test
    void shouldShowTablesAndConfiguration() {
        EngineTestAccess.countStream(sample.first, StreamName.MESG, true, 100);
        EngineTestAccess.countStream(sample.first, StreamName.INDEX, true, 20);
        EngineTestAccess.countStream(sample.second, StreamName.INDEX, true, 11);
        TrackTestAccess.countCreated(sample.tables, StreamName.DATA);
        TrackTestAccess.countRemoved(sample.tables, Removal.EXPIRED);
        TrackTestAccess.countLimit(sample.tables, TableName.FLOWS, LimitScope.GLOBAL);
        TrackTestAccess.countUnanswered(sample.tables, Service.SENDSIZE, Removal.EXPIRED);
        TrackTestAccess.countUnanswered(sample.tables, Service.SENDSIZE, Removal.QUOTA);
        sample.enforcing = false;

        final Exposition scrape = Exposition.of(metrics);

        assertEquals(1, scrape.value("amverdict_requests_unanswered_total", "service=sendsize"));
        assertEquals(31, scrape.value("amverdict_line_hits_total", "line=nightly backup", "kind=request"));
        assertEquals(62, scrape.value("amverdict_line_hits_total", "line=nightly backup", "kind=stream"));
        assertEquals(0, scrape.value("amverdict_line_hits_total", "line=recovery", "kind=connection"));
        assertEquals(21, scrape.value("amverdict_transactions"));
        assertEquals(100, scrape.value("amverdict_transactions_limit"));
        assertEquals(22, scrape.value("amverdict_expectations"));
        assertEquals(23, scrape.value("amverdict_flows"));
        assertEquals(300, scrape.value("amverdict_flows_limit"));
        assertEquals(1, scrape.value("amverdict_expectations_created_total", "stream=data"));
        assertEquals(1, scrape.value("amverdict_expectations_removed_total", "cause=expired"));
        assertEquals(1, scrape.value("amverdict_limit_reached_total", "table=flows", "scope=global"));
        assertEquals(0, scrape.value("amverdict_enforcing"));
        assertEquals(1, scrape.value("amverdict_config_last_reload_successful"));
        assertEquals(1_700_000_000, scrape.value("amverdict_config_last_reload_timestamp_seconds"));
        assertEquals(6, scrape.value("amverdict_log_events_lost_total"));
        assertEquals(17, scrape.value("amverdict_sessions_forgotten_total"));
        assertEquals(18, scrape.value("amverdict_control_cut_off_total"));
        assertEquals(19, scrape.value("amverdict_conntrack_malformed_total"));
        for (final Incident incident : Incident.values()) {
            assertEquals(18 + incident.ordinal(), scrape.value(incident.metric()));
        }
        for (final EventLoss loss : EventLoss.values()) {
            assertEquals(50 + loss.ordinal(), scrape.value("amverdict_events_lost_total", "cause=" + loss.label()));
        }
        assertEquals(
                1, scrape.value("amverdict_build_info", "version=1.2.3", "java=" + System.getProperty("java.version")));
        assertEquals(31, scrape.value("amverdict_stream_bytes_total", "stream=index", "direction=reply"));
        assertEquals(1, scrape.value("amverdict_stream_packets_total", "stream=mesg", "direction=reply"));
        assertEquals(0, scrape.value("amverdict_stream_packets_total", "stream=mesg", "direction=original"));
    }

    @Test
    void shouldCumulateTheBucketsOfAHistogram() {
        for (int i = 0; i < 6; i++) {
            TrackTestAccess.countWait(sample.tables, StreamName.DATA, 4_000);
        }

        final Exposition scrape = Exposition.of(metrics);

        final String name = "amverdict_verdict_latency_seconds";
        assertEquals(2, scrape.value(name + "_bucket", "queue=10", "le=5.0E-6"));
        assertEquals(3, scrape.value(name + "_bucket", "queue=10", "le=1.0E-4"));
        assertEquals(3, scrape.value(name + "_bucket", "queue=10", "le=0.1"));
        assertEquals(6, scrape.value(name + "_bucket", "queue=10", "le=+Inf"));
        assertEquals(6, scrape.value(name + "_count", "queue=10"));
        assertEquals(1.5, scrape.value(name + "_sum", "queue=10"));
        assertEquals(6, scrape.value("amverdict_expectation_wait_seconds_count", "stream=data"));
        assertEquals(0, scrape.value("amverdict_expectation_wait_seconds_count", "stream=mesg"));
    }

    @Test
    void shouldShowOfTheKernelsQueuesOnlyItsOwn() {
        final Exposition known = Exposition.of(metrics);
        sample.kernel = List.of();
        final Exposition unknown = Exposition.of(metrics);

        assertEquals(3, known.value("amverdict_queue_length", "queue=10"));
        assertEquals(4, known.value("amverdict_queue_dropped_total", "queue=10"));
        assertEquals(5, known.value("amverdict_queue_user_dropped_total", "queue=10"));
        assertFalse(known.samples.containsKey("amverdict_queue_length{queue=\"99\"}"));
        assertFalse(unknown.samples.containsKey("amverdict_queue_length{queue=\"10\"}"));
    }

    @Test
    @SuppressWarnings("System.gc") // The point: a meter's weak reference must not be the only one.
    void shouldKeepItsFiguresThroughACollection() {
        Exposition.of(metrics);
        System.gc();
        EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.STATIC, 60);
        System.gc();

        final Exposition scrape = Exposition.of(metrics);

        assertEquals(1, scrape.value("amverdict_packets_total", "queue=10", "verdict=accept", "reason=static"));
    }

    @Test
    void shouldSpeakOpenMetrics() throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        metrics.scrape(out, Metrics.OPEN_METRICS);

        final String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.endsWith("# EOF\n"), text);
        assertTrue(text.contains("# TYPE amverdict_packets counter\n"), text);
    }

    @Test
    void shouldRefuseAScrapeAfterClose() {
        metrics.close();

        assertThrows(IllegalStateException.class, () -> metrics.scrape(new ByteArrayOutputStream(), Metrics.TEXT));
    }

    @Test
    void shouldAgreeWithTheDocumentation() throws IOException {
        final Exposition scrape = Exposition.of(metrics);

        final String expected = scrape.families.entrySet().stream()
                .filter(family -> family.getKey().startsWith("amverdict_"))
                .map(family -> "| `" + family.getKey() + "` | "
                        + family.getValue().type() + " | "
                        + String.join(", ", family.getValue().labels()) + " | "
                        + family.getValue().help() + " |\n")
                .collect(Collectors.joining());
        final String documented = Files.readAllLines(Path.of("docs", "metrics.md"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.startsWith("| `amverdict_"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());

        assertEquals(expected, documented, "the table of src/docs/metrics.md");
    }
}
