package org.amverdict.suggest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.amverdict.amanda.Service;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.engine.EngineFixture;
import org.amverdict.eventfiles.EventFiles;
import org.amverdict.json.JsonLine;
import org.amverdict.json.JsonObject;
import org.amverdict.json.JsonSchemas;
import org.amverdict.packet.TcpView;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.telemetry.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From packets of a dump that nothing allows, through the real event log, to the line that would allow it. */
final class SuggestTest {
    private static final Policy NOTHING = Policy.of(List.of());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    private static JsonObject event(
            final String reason, final String source, final String destination, final int port, final String service) {
        final JsonLine line = new JsonLine()
                .add("timestamp", "2026-11-30T01:00:00.000Z")
                .add("event_type", "drop")
                .add("src_ip", source)
                .add("src_port", 850)
                .add("dest_ip", destination)
                .add("dest_port", port)
                .add("proto", reason.equals("unexpected") ? "TCP" : "UDP")
                .add("reason", reason);
        if (!service.isEmpty()) {
            line.openObject("amanda").add("type", "REQ").add("service", service).closeObject();
        }
        return JsonObject.parse(line.end());
    }

    private static JsonObject asks(final String source, final String destination, final String service) {
        return event("not-allowed", source, destination, 10_080, service);
    }

    private static JsonObject answers(final String source, final String destination) {
        return event("unsolicited", source, destination, 850, "");
    }

    private static JsonObject connects(final String source, final String destination, final int port) {
        return event("unexpected", source, destination, port, "");
    }

    private static Suggestion of(final Policy policy, final JsonObject... events) {
        final Sightings sightings = new Sightings(policy);
        List.of(events).forEach(sightings::add);
        return sightings.suggestion();
    }

    private static List<String> addresses(final List<Line.Host> hosts) {
        return hosts.stream().map(Line.Host::address).toList();
    }

    @Test
    void shouldSuggestTheLineThatADumpNeeds() throws IOException, ConfigurationException {
        final Path file = directory.resolve("events.json");
        final Stage stage = new Stage(file, EngineFixture.settings(NOTHING)).begin();
        stage.talk(1).dump("/home", "0", "DATA 50081 MESG 50082");
        stage.tcp(false, 50_081, TcpView.SYN, 1000, 0, 0);
        stage.tcp(false, 50_082, TcpView.SYN, 1000, 0, 0);
        stage.tcp(false, 22, TcpView.SYN, 1000, 0, 0);
        stage.later(2_000_000_000L);
        stage.settle();

        final Suggestion suggestion = read(file).suggestion();

        assertEquals(1, suggestion.lines().size(), suggestion.toString());
        final Line line = suggestion.lines().get(0);
        assertEquals(Set.of(Service.SENDBACKUP), line.services());
        assertFalse(line.guessed());
        assertEquals(1, line.requesters().get(0).requests());
        assertTrue(
                line.facts().get(0).startsWith("2 connections to ports 50081 to 50082"),
                line.facts().toString());
        assertEquals(1, suggestion.others().size(), suggestion.others().toString());
        assertTrue(
                suggestion.others().get(0).what().endsWith("port 22"),
                suggestion.others().toString());

        final String text = SuggestionText.of(suggestion);
        final Settings settings = SettingsLoader.load(text, "suggested.yaml");
        assertEquals(1, settings.allow().size(), text);
        assertEquals(
                HostSet.of(line.requesters().get(0).address()),
                settings.allow().get(0).requesters());
        assertTrue(text.contains("# 1 request\n"), text);
        assertTrue(text.contains("Not Amanda's: no line of allow lets it pass:\n#       1  TCP "), text);
        assertEquals(
                List.of(),
                JsonSchemas.problems("/org/amverdict/suggest/suggest.schema.json", SuggestionJson.of(suggestion)));
    }

    @Test
    void shouldMakeOneLineOfManyClientsAndOneOfTheirRecoveries() throws ConfigurationException {
        final Sightings sightings = new Sightings(NOTHING);
        for (int client = 1; client <= 50; client++) {
            final String address = "198.51.100." + client;
            sightings.add(asks("192.0.2.10", address, client % 2 == 0 ? "sendsize" : "sendbackup"));
            sightings.add(answers(address, "192.0.2.10"));
            sightings.add(asks(address, "192.0.2.10", "amindexd"));
            sightings.add(answers("192.0.2.10", address));
        }
        final Suggestion suggestion = sightings.suggestion();

        assertEquals(2, suggestion.lines().size(), suggestion.toString());
        final Line backup = suggestion.lines().get(0);
        assertEquals(List.of("192.0.2.10"), addresses(backup.requesters()));
        assertEquals(50, backup.responders().size());
        assertEquals("198.51.100.1", backup.responders().get(0).address());
        assertEquals(50, backup.requesters().get(0).requests());
        assertEquals(Set.of(Service.SENDSIZE, Service.SENDBACKUP), backup.services());
        final Line recovery = suggestion.lines().get(1);
        assertEquals(50, recovery.requesters().size());
        assertEquals(List.of("192.0.2.10"), addresses(recovery.responders()));
        assertEquals(Set.of(Service.AMINDEXD), recovery.services());

        // What was put into the configuration is not suggested again.
        final Settings settings = SettingsLoader.load(SuggestionText.of(suggestion), "suggested.yaml");
        final Sightings again = new Sightings(settings.policy());
        again.add(asks("192.0.2.10", "198.51.100.7", "sendsize"));
        again.add(answers("198.51.100.7", "192.0.2.10"));
        assertEquals(List.of(), again.suggestion().lines());
    }

    @Test
    void shouldKeepApartWhatNoHostAnswered() {
        final Suggestion suggestion = of(
                NOTHING,
                asks("203.0.113.66", "198.51.100.7", "noop"),
                asks("192.0.2.10", "198.51.100.7", ""),
                connects("192.0.2.10", "198.51.100.7", 11_001));
        final String text = SuggestionText.of(suggestion);

        assertEquals(1, suggestion.lines().size());
        assertTrue(suggestion.lines().get(0).guessed());
        assertEquals(
                List.of("203.0.113.66"),
                addresses(suggestion.unanswered().get(0).requesters()));
        assertTrue(text.contains("#   - name: suggested 2\n#     requesters:\n#       - 203.0.113.66 "), text);
        assertTrue(text.contains("which services were asked for was not seen"), text);
    }

    @Test
    void shouldKnowTcpOfBsdtcpAndOfLegacyRecovery() throws ConfigurationException {
        final Suggestion suggestion = of(
                NOTHING,
                connects("192.0.2.10", "198.51.100.7", 10_080),
                connects("198.51.100.9", "192.0.2.10", 10_082),
                connects("198.51.100.9", "192.0.2.10", 10_083));
        final Settings settings = SettingsLoader.load(SuggestionText.of(suggestion), "suggested.yaml");

        assertEquals(2, settings.allow().size());
        assertTrue(suggestion.lines().get(0).facts().toString().contains("auth bsdtcp"));
        assertTrue(settings.allow().get(1).legacyRecovery());
        assertEquals(List.of(), suggestion.others());
    }

    @Test
    void shouldCountRefusedRepliesAndWhatItCannotTell() {
        final JsonObject refused = JsonObject.parse(
                "{\"timestamp\":\"2026-11-30T01:00:00.000Z\",\"event_type\":\"reply\",\"reason\":\"refused-reply\","
                        + "\"refusal\":\"port-not-allowed\",\"src_ip\":\"198.51.100.7\",\"dest_ip\":\"192.0.2.10\","
                        + "\"explanation\":\"port 50012 is outside stream-ports\"}");
        final JsonObject folded =
                JsonObject.parse("{\"timestamp\":\"2026-11-30T02:00:00.000Z\",\"event_type\":\"drop\","
                        + "\"folded\":true,\"count\":77,\"reason\":\"unexpected\"}");
        final Suggestion suggestion = of(NOTHING, refused, refused, folded);

        assertEquals(2, suggestion.refused().get(0).count());
        assertTrue(SuggestionText.of(suggestion).contains("outside stream-ports (port-not-allowed)"));
        assertEquals(77, suggestion.span().untold());
        assertEquals("2026-11-30T02:00:00.000Z", suggestion.span().last());
    }

    @Test
    void shouldKeepNoMoreThanItsLimits() {
        final Sightings sightings = new Sightings(NOTHING);
        for (int i = 0; i < Sightings.PAIRS_MAX + 10; i++) {
            sightings.add(asks("10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255), "198.51.100.7", "noop"));
        }
        assertEquals(10, sightings.suggestion().span().untold());
    }

    private Sightings read(final Path... files) {
        final Sightings sightings = new Sightings(NOTHING);
        sightings.read(EventFiles.ordered(List.of(files), sightings.gaps()));
        return sightings;
    }

    @Test
    void shouldSayWhatIsMissingFromTheFiles() throws IOException {
        final Path log = directory.resolve("events.json");
        Files.writeString(
                log, asksAsLine() + "x".repeat(300_000) + "\n{\"timestamp\":\"2026-11-30T02:00:00.000Z\",\"ev");

        final Suggestion suggestion = read(log, directory.resolve("none")).suggestion();

        assertEquals(1, suggestion.span().events());
        assertEquals(3, suggestion.problems().size(), suggestion.problems().toString());
        final String text = SuggestionText.of(suggestion);
        assertTrue(text.contains("none: no such file or directory"), text);
        assertTrue(text.contains("# Note: 1 line is longer than 256 KiB, which no event is, and left out.\n"), text);
        assertTrue(text.contains("# Note: 1 line is no event"), text);
        assertEquals(
                List.of(),
                JsonSchemas.problems("/org/amverdict/suggest/suggest.schema.json", SuggestionJson.of(suggestion)));
    }

    private static String asksAsLine() {
        return "{\"timestamp\":\"2026-11-30T01:00:00.000Z\",\"event_type\":\"drop\",\"src_ip\":\"192.0.2.10\","
                + "\"src_port\":850,\"dest_ip\":\"198.51.100.7\",\"dest_port\":10080,\"proto\":\"UDP\","
                + "\"reason\":\"not-allowed\"}\n";
    }
}
