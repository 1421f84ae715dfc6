package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables and the JSON document, of made-up results. */
class ReportTest {
    private static final HostFacts HOST = new HostFacts(
            new HostFacts.Machine("6.18.0", "amd64", "A \"CPU\"", 2, 4096),
            0.25,
            "17, VM",
            List.of("-XX:+UseSerialGC"));

    private final Results results = new Results();

    private void run(final Mix mix, final String contestant, final int round, final Map<String, Double> values) {
        results.add(new Run(mix, contestant, round, values));
    }

    private static BenchOptions options(final Mix mix) {
        return new BenchOptions(
                new BenchOptions.Pace(2, 2, 15),
                new BenchOptions.Rates(180_000, 0),
                List.of(mix),
                List.of(Contestant.parse("old=/bin/old")),
                List.of(1));
    }

    private static Map<String, Double> flood(final double rate, final double cpu) {
        return Map.of("packets_per_second", rate, "cpu_ns_per_packet", cpu, "dropped", 5.0);
    }

    @Test
    void shouldShowMediansSpreadsAndRatios() {
        run(Mix.CONTROL, "old", 0, flood(100_000, 4_000));
        run(Mix.CONTROL, "amverdict", 0, flood(250_000, 1_600));
        run(Mix.CONTROL, "old", 1, flood(200_000, 4_000));
        run(Mix.CONTROL, "amverdict", 1, flood(500_000, 1_200));
        results.skip(Mix.CONTROL, Contestant.ACCEPT, "of a reason");

        assertEquals(
                List.of(
                        "",
                        "control: well-formed NOOP requests, as fast as one core sends them",
                        "  contestant  packets/s  spread  ratio  CPU ns/packet  spread  ratio  dropped",
                        "  old            150000     67%   1.00           4000      0%   1.00        5",
                        "  amverdict      375000     67%   2.50           1400     29%   0.35        5",
                        "  accept left out: of a reason"),
                new ResultTable(results, options(Mix.CONTROL)).lines());
    }

    @Test
    void shouldCompareBulkWithAcceptAndLeaveOpenWhatIsNotKnown() {
        run(Mix.BULK, "old", 0, Map.of("gigabits_per_second", 2.0, "cpu_seconds_per_gigabyte", 4.0));
        run(Mix.BULK, "accept", 0, Map.of("gigabits_per_second", 10.0, "cpu_seconds_per_gigabyte", Double.NaN));
        run(Mix.BULK, "amverdict", 0, Map.of("gigabits_per_second", 9.0, "cpu_seconds_per_gigabyte", 0.4));

        assertEquals(
                List.of(
                        "",
                        "bulk: one TCP stream of iperf3, queued in packets of up to 64 KiB",
                        "  contestant  Gbit/s  spread  ratio  CPU s/GB  spread  ratio",
                        "  old           2.00      0%   0.20     4.000      0%   1.00",
                        "  accept       10.00      0%   1.00         -       -      -",
                        "  amverdict     9.00      0%   0.90     0.400      0%   0.10"),
                new ResultTable(results, options(Mix.BULK)).lines());
    }

    @Test
    void shouldShowTheTimeAdded() {
        for (final String name : List.of("old", "accept", "amverdict")) {
            final double time = name.equals("accept") ? 20 : 100;
            run(Mix.LATENCY, name, 0, Map.of("p50_us", time, "p90_us", time, "p99_us", time, "p999_us", time));
        }

        final List<String> lines = new ResultTable(results, options(Mix.LATENCY)).lines();

        assertEquals(
                "  amverdict    100.0   80.0   100.0   80.0   100.0   80.0     100.0   80.0          -          -     -",
                lines.get(lines.size() - 1));
    }

    @Test
    void shouldShowTheLatencyUnderLoad() {
        for (final String name : List.of("old", "accept", "amverdict")) {
            final double time = name.equals("accept") ? 10 : 150;
            run(Mix.RATE, name, 0, Map.of("p50_us", time, "p99_us", 2 * time, "p999_us", 3 * time, "lost", 0.0));
        }

        final List<String> lines = new ResultTable(results, options(Mix.RATE)).lines();

        assertEquals(
                "  contestant  packets/s  spread  ratio  CPU ns/packet  spread  ratio  dropped  p50 us  added  p99 us"
                        + "  added  p99.9 us  added  resolution  lost",
                lines.get(2));
        assertEquals(
                "  amverdict           -       -      -              -       -      -        -   150.0  140.0   300.0"
                        + "  280.0     450.0  420.0           -     0",
                lines.get(lines.size() - 1));
    }

    @Test
    void shouldReportWhoFailedBesideThoseWhoDidNot() throws IOException {
        run(Mix.CONTROL, "amverdict", 0, flood(250_000, 1_600));
        results.fail(Mix.CONTROL, Contestant.parse("old=/bin/old"), "round 1: it ended");

        final List<String> lines = new ResultTable(results, options(Mix.CONTROL)).lines();
        final Map<?, ?> document =
                BenchDocument.parse(ResultJson.write(results, options(Mix.CONTROL), HOST, new Cores(0, 1)));

        assertEquals(
                List.of(
                        "  amverdict      250000      0%   1.00           1600      0%   1.00        5",
                        "  old failed, round 1: it ended"),
                lines.subList(3, lines.size()));
        assertEquals(
                List.of(Map.of("mix", "control", "contestant", "old", "reason", "round 1: it ended")),
                document.get("failed"));
    }

    @Test
    void shouldWriteADocumentThatFitsItsSchema() throws IOException {
        run(
                Mix.CONTROL,
                "amverdict",
                0,
                Map.of("packets", 12_345_678.0, "idle_before", 0.98765432, "others_cpus", 0.0));
        run(Mix.BULK, "accept", 0, Map.of("idle_before", 1.0, "others_cpus", 0.1, "gigabits_per_second", Double.NaN));
        results.skip(Mix.CONTROL, Contestant.ACCEPT, "of a \"reason\"");

        final Map<?, ?> document =
                BenchDocument.parse(ResultJson.write(results, options(Mix.CONTROL), HOST, new Cores(0, 1)));

        assertEquals(List.of(), BenchDocument.problems(document));
        assertEquals(2, BenchDocument.rows(document).size());
        final Map<?, ?> values = (Map<?, ?>) BenchDocument.rows(document).get(0).get("values");
        assertEquals(Map.of("packets", 12_345_678, "idle_before", 0.9877, "others_cpus", 0), values);
    }

    @Test
    void shouldDescribeEveryMeasureAndMixInTheSchema() throws IOException {
        for (final Mix mix : Mix.values()) {
            for (final Column column : mix.columns()) {
                run(mix, "old", 0, Map.of(column.key(), 1.0, "idle_before", 1.0, "others_cpus", 0.0));
            }
        }

        final String json = ResultJson.write(results, options(Mix.CONTROL), HOST, new Cores(Cores.ANY, Cores.ANY));

        assertEquals(List.of(), BenchDocument.problems(BenchDocument.parse(json)));
    }

    @Test
    void shouldFindFaultWithAnotherDocument() throws IOException {
        run(Mix.CONTROL, "amverdict", 0, Map.of("packets_a_second", 1.0));

        final List<String> problems = BenchDocument.problems(
                BenchDocument.parse(ResultJson.write(results, options(Mix.CONTROL), HOST, new Cores(0, 1))
                        .replace("\"rounds\":2,", "")));

        assertEquals(
                List.of(
                        "$.options.rounds: missing",
                        "$.rows[0].values.idle_before: missing",
                        "$.rows[0].values.others_cpus: missing",
                        "$.rows[0].values.packets_a_second: not in the schema"),
                problems);
        assertFalse(BenchDocument.problems(BenchDocument.parse("{\"form\":2}")).isEmpty());
    }
}
