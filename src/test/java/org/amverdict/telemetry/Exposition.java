package org.amverdict.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A scrape in the Prometheus text format, taken apart: families with type, help and labels, and the samples. */
final class Exposition {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    /** One metric: its labels without {@code le} and {@code quantile}. */
    record Family(String type, String help, Set<String> labels) {}

    final Map<String, Family> families = new TreeMap<>();
    final Map<String, Double> samples = new LinkedHashMap<>();
    final List<String> repeated = new ArrayList<>();

    static Exposition of(final Metrics metrics) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            metrics.scrape(out, Metrics.TEXT);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Exposition(out.toString(StandardCharsets.UTF_8));
    }

    private Exposition(final String text) {
        final Map<String, String> helps = new TreeMap<>();
        for (final String line : text.lines().toList()) {
            final String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                helps.put(words[2], words.length > 3 ? words[3] : "");
            } else if (line.startsWith("# TYPE ")) {
                final Family family = new Family(words[3], helps.getOrDefault(words[2], ""), new TreeSet<>());
                if (families.put(words[2], family) != null) {
                    repeated.add(line);
                }
            } else {
                sample(line);
            }
        }
    }

    private void sample(final String line) {
        final Matcher matcher = SAMPLE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalStateException("not a sample: " + line);
        }
        final String labels = matcher.group(2) == null ? "" : matcher.group(2);
        final Family family = family(matcher.group(1));
        final Matcher each = LABEL.matcher(labels);
        while (each.find()) {
            if (!"le".equals(each.group(1)) && !"quantile".equals(each.group(1))) {
                family.labels().add(each.group(1));
            }
        }
        final String key = labels.isEmpty() ? matcher.group(1) : matcher.group(1) + "{" + labels + "}";
        if (samples.put(key, Double.parseDouble(matcher.group(3).replace("+Inf", "Infinity"))) != null) {
            repeated.add(line);
        }
    }

    private Family family(final String sample) {
        for (final String suffix : new String[] {"", "_bucket", "_count", "_sum"}) {
            if (sample.endsWith(suffix)) {
                final Family family = families.get(sample.substring(0, sample.length() - suffix.length()));
                if (family != null) {
                    return family;
                }
            }
        }
        throw new IllegalStateException("a sample of no family: " + sample);
    }

    /** The value of {@code name} with these labels, written as {@code key="value",...} in any order. */
    double value(final String name, final String... labels) {
        for (final Map.Entry<String, Double> sample : samples.entrySet()) {
            final String key = sample.getKey();
            final boolean named = key.equals(name) || key.startsWith(name + "{");
            if (named && new TreeSet<>(List.of(labels)).equals(labels(key))) {
                return sample.getValue();
            }
        }
        throw new AssertionError("no sample " + name + " " + List.of(labels) + " among " + samples.keySet());
    }

    private static Set<String> labels(final String key) {
        final TreeSet<String> found = new TreeSet<>();
        final Matcher each = LABEL.matcher(key);
        while (each.find()) {
            found.add(each.group(1) + "=" + each.group(2));
        }
        return found;
    }
}
