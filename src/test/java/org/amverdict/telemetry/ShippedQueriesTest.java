package org.amverdict.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The Grafana dashboard and the Prometheus rules read nothing that a scrape does not have. */
final class ShippedQueriesTest {
    private static final Path DIST = Path.of("main", "dist");
    private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");
    private static final Pattern ANNOTATION_LABEL = Pattern.compile("\\$labels\\.(\\w+)");
    private static final Pattern RUNBOOK =
            Pattern.compile("file:///usr/share/doc/amverdict/(?<page>[a-z-]+\\.md)#(?<anchor>[a-z0-9-]+)");
    private static final int GRID_COLUMNS = 24;

    private final Metrics metrics = new Metrics(new SharedFigures(new SampleSources().sources()));
    private final Exposition scrape = Exposition.of(metrics);

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void shouldReadInTheDashboardOnlyWhatTheScrapeHas() throws IOException {
        final List<String> faults = new ArrayList<>();
        int queries = 0;
        for (final Map<String, Object> panel : panels()) {
            for (final Map<String, Object> target : maps(panel.getOrDefault("targets", List.of()))) {
                queries++;
                faults.addAll(Promql.faults(
                        scrape, text(target, "expr"), labels(LEGEND_LABEL, text(target, "legendFormat"))));
            }
        }

        assertEquals(List.of(), faults);
        assertTrue(queries > 40, queries + " queries");
    }

    @Test
    void shouldReadInTheRulesOnlyWhatTheScrapeHas() throws IOException {
        final List<String> faults = new ArrayList<>();
        int rules = 0;
        for (final Map<String, Object> group : maps(Objects.requireNonNull(
                load(DIST.resolve("prometheus/amverdict-alerts.yml")).get("groups")))) {
            for (final Map<String, Object> rule : maps(Objects.requireNonNull(group.get("rules")))) {
                rules++;
                faults.addAll(Promql.faults(
                        scrape, text(rule, "expr"), labels(ANNOTATION_LABEL, String.valueOf(rule.get("annotations")))));
            }
        }

        assertEquals(List.of(), faults);
        assertEquals(19, rules);
    }

    @Test
    void shouldMarkReloadModeAndRestartInTheDashboard() throws IOException {
        final List<String> faults = new ArrayList<>();
        final List<String> names = new ArrayList<>();
        for (final Map<String, Object> annotation : maps(Objects.requireNonNull(map(Objects.requireNonNull(
                        load(DIST.resolve("grafana/amverdict.json")).get("annotations")))
                .get("list")))) {
            names.add(text(annotation, "name"));
            faults.addAll(Promql.faults(
                    scrape, text(annotation, "expr"), labels(LEGEND_LABEL, text(annotation, "textFormat"))));
            assertEquals(true, annotation.get("enable"), text(annotation, "name"));
        }

        assertEquals(List.of(), faults);
        assertEquals(List.of("Configuration loaded", "Enforce mode", "Monitor mode", "Restart"), names);
    }

    /** Each alert has a page that says what to do, the page has that heading, and it is installed. */
    @Test
    void shouldNameForEachAlertAHeadingThatExists() throws IOException {
        final List<String> faults = new ArrayList<>();
        final String stage = Files.readString(Path.of("main", "package", "stage"), StandardCharsets.UTF_8);
        for (final Map<String, Object> group : maps(Objects.requireNonNull(
                load(DIST.resolve("prometheus/amverdict-alerts.yml")).get("groups")))) {
            for (final Map<String, Object> rule : maps(Objects.requireNonNull(group.get("rules")))) {
                final String alert = text(rule, "alert");
                final Object url =
                        map(Objects.requireNonNull(rule.get("annotations"))).get("runbook_url");
                final Matcher runbook = RUNBOOK.matcher(String.valueOf(url));
                if (!runbook.matches()) {
                    faults.add(alert + ": " + url);
                } else if (!stage.contains("docs/" + runbook.group("page"))
                        || !headings(Path.of("docs", runbook.group("page"))).contains(runbook.group("anchor"))) {
                    faults.add(alert + ": there is no " + url);
                }
            }
        }

        assertEquals(List.of(), faults);
        assertFalse(headings(Path.of("docs", "alerts.md")).contains("amverdictnone"));
    }

    /** Of each heading what a link to it has behind the #. */
    private static Set<String> headings(final Path page) throws IOException {
        final Set<String> found = new HashSet<>();
        for (final String line : Files.readAllLines(page, StandardCharsets.UTF_8)) {
            if (line.startsWith("#")) {
                found.add(line.replaceFirst("^#+ *", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'));
            }
        }
        return found;
    }

    /** One and the same panel id or place twice, and Grafana shows one of them. */
    @Test
    void shouldPlaceEveryPanelOnce() throws IOException {
        final Set<Object> ids = new HashSet<>();
        final Set<String> cells = new HashSet<>();
        for (final Map<String, Object> panel : panels()) {
            assertTrue(ids.add(panel.get("id")), "id of " + panel.get("title"));
            final Map<String, Object> place = map(Objects.requireNonNull(panel.get("gridPos")));
            final int x = number(place, "x");
            final int y = number(place, "y");
            assertTrue(x + number(place, "w") <= GRID_COLUMNS, "width of " + panel.get("title"));
            for (int row = y; row < y + number(place, "h"); row++) {
                for (int column = x; column < x + number(place, "w"); column++) {
                    assertTrue(cells.add(row + "," + column), panel.get("title") + " lies over another panel");
                }
            }
        }
    }

    @Test
    void shouldSeeWhatIsMisspelt() {
        final Set<String> none = Set.of();

        assertEquals(
                List.of("no metric amverdict_packet_total"),
                Promql.faults(scrape, "rate(amverdict_packet_total[5m])", none));
        assertEquals(
                List.of("no amverdict_packets_total with reason=\"unexpcted\""),
                Promql.faults(scrape, "amverdict_packets_total{reason=~\"unexpcted|no-flow\"}", none));
        assertEquals(
                List.of("no label caus in: sum by (caus) (amverdict_packets_total)"),
                Promql.faults(scrape, "sum by (caus) (amverdict_packets_total)", none));
        assertEquals(List.of("no label why in: up"), Promql.faults(scrape, "up", Set.of("why")));
        assertEquals(List.of("function rat"), Promql.faults(scrape, "rat(amverdict_flows[5m])", none));
    }

    private static List<Map<String, Object>> panels() throws IOException {
        return maps(Objects.requireNonNull(
                load(DIST.resolve("grafana/amverdict.json")).get("panels")));
    }

    private static Set<String> labels(final Pattern pattern, final String text) {
        final Set<String> found = new TreeSet<>();
        pattern.matcher(text).results().forEach(match -> found.add(match.group(1)));
        return found;
    }

    private static String text(final Map<String, Object> map, final String key) {
        return (String) Objects.requireNonNull(map.get(key), key);
    }

    private static int number(final Map<String, Object> map, final String key) {
        return (int) Objects.requireNonNull(map.get(key), key);
    }

    /** JSON is a subset of YAML 1.2. */
    private static Map<String, Object> load(final Path file) throws IOException {
        final String text = Files.readString(file, StandardCharsets.UTF_8);
        return map(Objects.requireNonNull(new Load(LoadSettings.builder().build()).loadFromString(text)));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(final Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> maps(final Object value) {
        return (List<Map<String, Object>>) value;
    }
}
