package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.amverdict.amanda.MessageType;
import org.amverdict.amanda.Refusal;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.engine.EngineTestAccess;
import org.amverdict.engine.Reason;
import org.amverdict.engine.Verdict;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.track.LimitScope;
import org.amverdict.track.Removal;
import org.amverdict.track.TableName;
import org.amverdict.track.TrackTestAccess;
import org.junit.jupiter.api.Test;

final class StatusReportsTest {
    private static final String SCHEMA = "/org/amverdict/control/status.schema.json";

    private final SampleSources sample = new SampleSources();
    private final StatusReports reports = new StatusReports(new SharedFigures(sample.sources()));

    @Test
    void shouldSayEverythingThatTheSourcesKnow() {
        EngineTestAccess.countPacket(sample.first, Verdict.ACCEPT, Reason.REQUEST, 100);
        EngineTestAccess.countPacket(sample.second, Verdict.ACCEPT, Reason.REQUEST, 200);
        EngineTestAccess.countPacket(sample.second, Verdict.DROP, Reason.UNEXPECTED, 60);
        EngineTestAccess.countWouldDrop(sample.first, Reason.NO_FLOW);
        EngineTestAccess.countBatch(sample.second);
        EngineTestAccess.countControlMessage(sample.first, MessageType.REQ, Service.SENDBACKUP);
        EngineTestAccess.countControlMessage(sample.second, MessageType.REQ, null);
        EngineTestAccess.countRefusal(sample.first, Refusal.PORT_NOT_ALLOWED);
        TrackTestAccess.countCreated(sample.tables, StreamName.DATA);
        TrackTestAccess.countRemoved(sample.tables, Removal.MATCHED);
        TrackTestAccess.countLimit(sample.tables, TableName.FLOWS, LimitScope.GLOBAL);

        final String report = reports.now();

        for (final String part :
                List.of("""
                "config":{"file":"/etc/amverdict/amverdict.yaml","loaded":"2023-11-14T22:13:20.000Z",\
                "last_reload_successful":true,"last_reload_message":"nothing changed"}""", """
                "queues":[\
                {"queue":10,"bound":true,"length":3,"kernel_dropped":4,"user_dropped":5,"overruns":7,"id_gaps":8,\
                "uninspected":9,"foreign":16,"packets":1,"batches":0,"batch_mean":0.00,"latency_p50_seconds":0.0001,\
                "latency_p99_seconds":0.1,"idle_seconds":3},\
                {"queue":11,"bound":true,"length":0,"kernel_dropped":0,"user_dropped":0,"overruns":7,"id_gaps":8,\
                "uninspected":9,"foreign":16,"packets":2,"batches":1,"batch_mean":2.00,"latency_p50_seconds":0.0001,\
                "latency_p99_seconds":0.1}]""", """
                "verdicts":[{"verdict":"drop","reason":"unexpected","packets":1},\
                {"verdict":"accept","reason":"request","packets":2}]""", """
                "accepted_bytes":300,""", """
                "dropped_bytes":60,""", """
                "continued_bytes":0,""", """
                "not_continued":0""", """
                "would_drop":[{"reason":"no-flow","packets":1}]""", """
                "tables":[{"table":"transactions","entries":21,"limit":100},\
                {"table":"expectations","entries":22,"limit":200},{"table":"flows","entries":23,"limit":300}]""", """
                "lines":[{"line":"nightly backup","requests":31,"streams":62,"connections":0},\
                {"line":"recovery","requests":0,"streams":0,"connections":0}]""", """
                "limits_reached":[{"table":"flows","scope":"global","count":1}]""", """
                "expectations":{"created":1,""", """
                {"cause":"matched","count":1}""", """
                "dumps":{"running":14,"unseen":15}""", """
                {"type":"req","count":2}""", """
                "replies_refused":[{"why":"port-not-allowed","count":1}]""", """
                "losses":{"log_lines":6,"events":260,"sessions":17,"control_connections":18,"conntrack_messages":19,\
                "conntrack_truncated":20,"watchers":21,"http_connections":22,"http_requests":23,"control_requests":24,\
                "unanswered_packets":25}""")) {
            assertTrue(report.contains(part), part + " in " + report);
        }
    }

    @Test
    void shouldWriteWhatTheSchemaSays() throws IOException {
        EngineTestAccess.countPacket(sample.first, Verdict.DROP, Reason.UNEXPECTED, 60);
        EngineTestAccess.countWouldDrop(sample.first, Reason.NO_FLOW);
        EngineTestAccess.countRefusal(sample.first, Refusal.PORT_NOT_ALLOWED);
        TrackTestAccess.countLimit(sample.tables, TableName.FLOWS, LimitScope.GLOBAL);

        final String json = reports.now();

        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, json));
        final JsonObject read = JsonObject.parse(json);
        assertEquals("enforce", read.text("mode"));
        assertEquals(0.1, read.objects("queues").get(0).decimal("latency_p99_seconds"));
        assertEquals("2023-11-14T22:13:20.000Z", read.object("config").text("loaded"));
    }

    @Test
    void shouldLeaveOutWhatIsNotKnown() throws IOException {
        sample.kernel = List.of();
        sample.missing = List.of(11);

        final String report = reports.now();

        final JsonObject read = JsonObject.parse(report);
        assertFalse(read.flag("ready"));
        assertFalse(read.objects("queues").get(1).flag("bound"));
        assertFalse(read.objects("queues").get(0).has("length"));
        assertFalse(report.contains("kernel_dropped"), report);
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, report));
    }

    /** So that the test above can fail. */
    @Test
    void shouldFindWhatTheSchemaDoesNotKnow() throws IOException {
        final String json = reports.now().replace("\"pid\":", "\"process\":");
        assertEquals(2, JsonSchemas.problems(SCHEMA, json).size());
    }
}
