package org.amverdict.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.json.JsonReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueuesTest {
    private static final String DOCUMENT = """
            {"form": 1, "options": {"rate_per_queue": 50000}, "contestants": [
              {"name": "accept", "command": "", "queues": 1},
              {"name": "amverdict", "command": "", "queues": 1},
              {"name": "amverdict-4", "command": "", "queues": 4}],
            "failed": [],
            "rows": [
              {"mix": "flows", "contestant": "accept", "round": 0, "values": {"packets_per_second": 9}},
              {"mix": "flows", "contestant": "amverdict-4", "round": 0, "values": {"cpu_ns_per_packet": 2100}},
              {"mix": "flows", "contestant": "amverdict", "round": 0, "values": {"cpu_ns_per_packet": 2000.5}},
              {"mix": "flows", "contestant": "amverdict", "round": 1, "values": {"cpu_ns_per_packet": 1900}},
              {"mix": "flows", "contestant": "amverdict", "round": 2, "values": {"cpu_ns_per_packet": 2300}},
              {"mix": "syn", "contestant": "amverdict", "round": 0, "values": {"cpu_ns_per_packet": 3000}}]}
            """;

    @Test
    void shouldMakeASeriesOfEachMix() {
        assertEquals(
                List.of(
                        new Series(
                                "flows, 50000/s for each queue",
                                List.of(new Point(1, 2000.5, 1900, 2300), new Point(4, 2100, 2100, 2100))),
                        new Series("syn, 50000/s for each queue", List.of(new Point(1, 3000, 3000, 3000)))),
                Queues.series(JsonReader.object(DOCUMENT)));
    }

    @Test
    void shouldRefuseARunInWhichOneFailed() {
        final String document = DOCUMENT.replace(
                "\"failed\": []", "\"failed\": [{\"mix\": \"syn\", \"contestant\": \"x\", \"reason\": \"y\"}]");

        assertThrows(IllegalArgumentException.class, () -> Queues.series(JsonReader.object(document)));
    }

    @Test
    void shouldDrawThePicture(@TempDir final Path directory) throws IOException {
        final Path file = Files.writeString(directory.resolve("bench.json"), DOCUMENT);
        final Path other = Files.writeString(directory.resolve("other.json"), DOCUMENT.replace("50000}", "0}"));

        Queues.main(new String[] {
            file.toString(), other.toString(), directory.resolve("pictures").toString()
        });

        final String svg = Files.readString(directory.resolve("pictures/scale-queues.svg"));
        assertTrue(svg.contains("text-anchor='middle'>1</text>"), svg);
        assertTrue(svg.contains("text-anchor='middle'>4</text>"), svg);
        assertTrue(svg.contains(">flows, 50000/s for each queue</text>"), svg);
        assertTrue(svg.contains(">flows, as many as one core sends</text>"), svg);
    }
}
