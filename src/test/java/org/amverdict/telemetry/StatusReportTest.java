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

final class StatusReportTest {
    private static final String SCHEMA = "/org/amverdict/control/status.schema.json";

    private final SampleSources sample = new SampleSources();
    private final StatusReports reports = new StatusReports(sample.sources());

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

        final StatusReport report = reports.now();

        assertEquals(
                List.of(
                        new StatusReport.Verdicts("drop", "unexpected", 1),
                        new StatusReport.Verdicts("accept", "request", 2)),
                report.verdicts());
        assertEquals(3, report.packets());
        assertEquals(300, report.acceptedBytes());
        assertEquals(60, report.droppedBytes());
        assertEquals(List.of(new StatusReport.Count("no-flow", 1)), report.wouldDrop());
        assertEquals(
                List.of(
                        new StatusReport.Queue(10, true, 3, 4, 5, 7, 8, 9, 1, 0, 100_000, 100_000_000, 3_000_000_000L),
                        new StatusReport.Queue(11, true, 0, 0, 0, 7, 8, 9, 2, 1, 100_000, 100_000_000, -1)),
                report.queues());
        assertEquals(2, report.queues().get(1).batchMean());
        assertEquals(
                List.of(
                        new StatusReport.Table("transactions", 21, 100),
                        new StatusReport.Table("expectations", 22, 200),
                        new StatusReport.Table("flows", 23, 300)),
                report.tables());
        assertEquals(List.of(new StatusReport.Limit("flows", "global", 1)), report.limitsReached());
        assertEquals(1, report.expectations().created());
        assertTrue(report.expectations().removed().contains(new StatusReport.Count("matched", 1)));
        assertTrue(report.exchanges().messages().contains(new StatusReport.Count("req", 2)));
        assertEquals(
                List.of(new StatusReport.Count("port-not-allowed", 1)),
                report.exchanges().repliesRefused());
        assertEquals(new StatusReport.Losses(6, 13), report.losses());
        assertEquals(
                new StatusReport.Config(true, "/etc/amverdict/amverdict.yaml", 1_700_000_000L, true, "nothing changed"),
                report.config());
    }

    @Test
    void shouldWriteWhatTheSchemaSays() throws IOException {
        EngineTestAccess.countPacket(sample.first, Verdict.DROP, Reason.UNEXPECTED, 60);
        EngineTestAccess.countWouldDrop(sample.first, Reason.NO_FLOW);
        EngineTestAccess.countRefusal(sample.first, Refusal.PORT_NOT_ALLOWED);
        TrackTestAccess.countLimit(sample.tables, TableName.FLOWS, LimitScope.GLOBAL);

        final String json = reports.now().toJson();

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

        final StatusReport report = reports.now();

        assertFalse(report.program().ready());
        assertFalse(report.queues().get(1).bound());
        assertEquals(StatusReport.UNKNOWN, report.queues().get(0).length());
        assertFalse(report.toJson().contains("kernel_dropped"), report.toJson());
        assertEquals(List.of(), JsonSchemas.problems(SCHEMA, report.toJson()));
    }

    /** So that the test above can fail. */
    @Test
    void shouldFindWhatTheSchemaDoesNotKnow() throws IOException {
        final String json = reports.now().toJson().replace("\"pid\":", "\"process\":");
        assertEquals(2, JsonSchemas.problems(SCHEMA, json).size());
    }
}
