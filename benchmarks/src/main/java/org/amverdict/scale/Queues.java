package org.amverdict.scale;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amverdict.json.JsonReader;

/**
 * Cost of a packet with 1, 2 and 4 queues. Draws what {@code amverdict bench --queues 1,2,4 --json} measured through
 * the kernel's queues, one series for each mix, and prints the numbers: the processor time of the whole process.
 */
public final class Queues {
    private static final String MEASURE = "cpu_ns_per_packet";
    private static final String AXIS = "queues";

    private Queues() {}

    /** @param args documents of {@code amverdict bench --json}, and the directory for the picture */
    public static void main(final String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: Queues FILE... DIRECTORY");
            System.exit(2);
        }
        final int files = args.length - 1;
        final List<Series> series = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            series.addAll(series(JsonReader.object(Files.readString(Path.of(args[i])))));
        }
        final Path directory = Files.createDirectories(Path.of(args[files]));
        Files.writeString(
                directory.resolve("scale-queues.svg"),
                Picture.svg("A packet, by how many queues share one processor", AXIS, series, List.of()));
        System.out.println(Series.table(AXIS, series));
    }

    /**
     * One series for each mix, in the order of the document; contestants of unknown processor time are left out.
     *
     * @throws IllegalArgumentException if a contestant failed: the picture would show fewer figures than it claims
     */
    static List<Series> series(final Map<String, Object> document) {
        if (!maps(document.get("failed")).isEmpty()) {
            throw new IllegalArgumentException("failed: " + document.get("failed"));
        }
        final Map<Object, Long> queues = new HashMap<>();
        for (final Map<?, ?> contestant : maps(document.get("contestants"))) {
            queues.put(contestant.get("name"), ((Number) contestant.get("queues")).longValue());
        }
        final List<String> mixes = maps(document.get("rows")).stream()
                .map(row -> (String) row.get("mix"))
                .distinct()
                .toList();
        return mixes.stream().map(mix -> one(mix, document, queues)).toList();
    }

    private static Series one(final String mix, final Map<String, Object> document, final Map<Object, Long> queues) {
        final Map<Long, List<Double>> measured = new TreeMap<>();
        for (final Map<?, ?> row : maps(document.get("rows"))) {
            final Object nanos = ((Map<?, ?>) row.get("values")).get(MEASURE);
            if (mix.equals(row.get("mix")) && nanos instanceof Number number) {
                measured.computeIfAbsent(queues.get(row.get("contestant")), key -> new ArrayList<>())
                        .add(number.doubleValue());
            }
        }
        final List<Point> points = new ArrayList<>();
        measured.forEach((size, nanos) -> points.add(
                Point.of(size, nanos.stream().mapToDouble(Double::doubleValue).toArray())));
        final Object rate = ((Map<?, ?>) document.get("options")).get("rate_per_queue");
        return new Series(
                mix + (rate.equals(0) ? ", as many as one core sends" : ", " + rate + "/s for each queue"), points);
    }

    private static List<Map<?, ?>> maps(final Object list) {
        final List<Map<?, ?>> maps = new ArrayList<>();
        ((List<?>) list).forEach(element -> maps.add((Map<?, ?>) element));
        return maps;
    }
}
