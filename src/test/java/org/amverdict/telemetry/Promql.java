package org.amverdict.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks up what a PromQL expression reads in a scrape. Understands as much of the language as the shipped files use. */
final class Promql {
    private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\[[^]]*]"
            + "|\\b(?:by|on)\\s*\\((?<grouping>[^)]*)\\)"
            + "|(?<![\\w.])(?<name>[a-zA-Z_:][\\w:]*)\\s*(?:\\{(?<matchers>[^}]*)}|(?<call>\\())?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|=|!=|!~)\\s*\"([^\"]*)\"");
    private static final Pattern MADE_LABEL = Pattern.compile("label_replace\\([^\"]*,\\s*\"(\\w+)\"");
    private static final Set<String> WORDS = Set.of("or", "and", "unless", "offset", "sum", "count");
    private static final Set<String> FUNCTIONS =
            Set.of("rate", "increase", "histogram_quantile", "label_replace", "sum", "count");
    /** Labels that Prometheus adds, and that of a bucket. */
    private static final Set<String> ADDED = Set.of("job", "instance", "le");

    private final Exposition scrape;
    private final List<String> faults = new ArrayList<>();
    private final Set<String> labels = new TreeSet<>(ADDED);
    private final Set<String> grouped = new TreeSet<>();

    private Promql(final Exposition scrape) {
        this.scrape = scrape;
    }

    /**
     * What an expression and the texts beside it name that the scrape does not have.
     *
     * @param used labels that the texts beside the expression use
     */
    static List<String> faults(final Exposition scrape, final String expression, final Set<String> used) {
        final Promql read = new Promql(scrape);
        read.read(expression);
        final Set<String> unknown = new TreeSet<>(read.grouped);
        unknown.addAll(used);
        unknown.removeAll(read.labels);
        unknown.forEach(label -> read.faults.add("no label " + label + " in: " + expression));
        return read.faults;
    }

    private void read(final String expression) {
        final Matcher made = MADE_LABEL.matcher(expression);
        while (made.find()) {
            labels.add(made.group(1));
        }
        final Matcher token = TOKEN.matcher(expression);
        while (token.find()) {
            if (token.group("grouping") != null) {
                grouped.addAll(List.of(token.group("grouping").split("\\s*,\\s*", -1)));
            } else if (token.group("call") != null) {
                if (!FUNCTIONS.contains(token.group("name"))) {
                    faults.add("function " + token.group("name"));
                }
            } else if (token.group("name") != null && !WORDS.contains(token.group("name"))) {
                selector(token.group("name"), token.group("matchers") == null ? "" : token.group("matchers"));
            }
        }
    }

    private void selector(final String name, final String matchers) {
        // What Prometheus itself says of a target.
        if ("up".equals(name)) {
            return;
        }
        final Set<String> samples = new TreeSet<>();
        for (final String sample : scrape.samples.keySet()) {
            if (sample.equals(name) || sample.startsWith(name + "{")) {
                samples.add(sample);
            }
        }
        if (samples.isEmpty()) {
            faults.add("no metric " + name);
            return;
        }
        for (final String sample : samples) {
            Pattern.compile("(\\w+)=\"").matcher(sample).results().forEach(label -> labels.add(label.group(1)));
        }
        final Matcher each = MATCHER.matcher(matchers);
        while (each.find()) {
            if (!ADDED.contains(each.group(1))) {
                for (final String value : each.group(3).split("\\|", -1)) {
                    final String pair = each.group(1) + "=\"" + value + "\"";
                    if (samples.stream().noneMatch(sample -> sample.contains(pair))) {
                        faults.add("no " + name + " with " + pair);
                    }
                }
            }
        }
    }
}
