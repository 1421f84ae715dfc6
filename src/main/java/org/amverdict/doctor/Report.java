package org.amverdict.doctor;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.amverdict.json.JsonLine;
import org.amverdict.text.Printable;

/**
 * What all checks found. Immutable.
 *
 * @param version of the program
 * @param kernel its release
 * @param configuration the file
 * @param results in the order of the checks
 * @param privileged whether this process has CAP_NET_ADMIN
 */
public record Report(String version, String kernel, String configuration, List<Result> results, boolean privileged) {
    private static final String RED = "\u001b[31m";
    private static final String YELLOW = "\u001b[33m";
    private static final String GREEN = "\u001b[32m";
    private static final String PLAIN = "\u001b[0m";
    private static final int STATUS_WIDTH = 8;
    private static final int NAME_WIDTH = 16;
    private static final int FINDING_MAX = 2000;

    /**
     * What one check found.
     *
     * @param check its name
     * @param findings at least one
     */
    public record Result(String check, List<Finding> findings) {
        public Result {
            findings = List.copyOf(findings);
        }

        /** The worst of its findings. */
        public Status status() {
            return findings.stream().map(Finding::status).reduce(Status.OK, Status::worse);
        }
    }

    public Report {
        results = List.copyOf(results);
    }

    /** The worst of all. */
    public Status status() {
        return results.stream().map(Result::status).reduce(Status.OK, Status::worse);
    }

    private long count(final Status status) {
        return results.stream().filter(result -> result.status() == status).count();
    }

    /**
     * What it means for backups, in one sentence: faults outweigh what could not be looked at, which outweighs warnings.
     */
    public String meaning() {
        if (status() == Status.FAULT) {
            return "Backups fail, or packets pass without a verdict, until this is fixed: " + named(Status.FAULT) + ".";
        }
        final String warnings = count(Status.WARNING) == 0 ? "" : "; look at " + named(Status.WARNING);
        if (count(Status.UNKNOWN) > 0) {
            return "Nothing that doctor could see stops backups, but it could not check: " + named(Status.UNKNOWN)
                    + warnings + ".";
        }
        if (status() == Status.WARNING) {
            return "Backups pass this host, but not surely or not always" + warnings + ".";
        }
        return "Nothing on this host stops backups; on the Amanda server, 'amverdict probe CLIENT' tries the whole path.";
    }

    private String named(final Status status) {
        return results.stream()
                .filter(result -> result.status() == status)
                .map(Result::check)
                .collect(Collectors.joining(", "));
    }

    /** Worst first: what must be mended, then the rest in the order of the checks. */
    private static <T> List<T> worstFirst(final List<T> all, final Function<T, Status> status) {
        return all.stream()
                .sorted(Comparator.comparing(status, Comparator.comparing(Report::rank)))
                .toList();
    }

    private static int rank(final Status status) {
        return switch (status) {
            case FAULT -> 0;
            case WARNING -> 1;
            case UNKNOWN -> 2;
            case OK -> 3;
        };
    }

    /**
     * A line for each finding, the worst first, with what to do below it; then a line that counts the checks, and what it
     * means for backups.
     */
    public String text(final boolean colors) {
        final StringBuilder out = new StringBuilder();
        for (final Result result : worstFirst(results, Result::status)) {
            String name = result.check();
            for (final Finding finding : worstFirst(result.findings(), Finding::status)) {
                out.append(word(finding.status(), colors))
                        .append(name)
                        .append(" ".repeat(NAME_WIDTH - name.length()))
                        .append(Printable.of(finding.message(), FINDING_MAX))
                        .append('\n');
                if (!finding.remedy().isEmpty()) {
                    out.append(" ".repeat(STATUS_WIDTH + NAME_WIDTH))
                            .append("-> ")
                            .append(Printable.of(finding.remedy(), FINDING_MAX))
                            .append('\n');
                }
                name = "";
            }
        }
        out.append(results.size()).append(" checks:");
        for (final Status status : Status.values()) {
            out.append(status == Status.OK ? " " : ", ")
                    .append(count(status))
                    .append(' ')
                    .append(status.label());
        }
        return out.append('\n').append(meaning()).append('\n').toString();
    }

    private static String word(final Status status, final boolean colors) {
        final String padded =
                status.label() + " ".repeat(STATUS_WIDTH - status.label().length());
        if (!colors) {
            return padded;
        }
        return switch (status) {
                    case OK -> GREEN;
                    case FAULT -> RED;
                    default -> YELLOW;
                }
                + padded
                + PLAIN;
    }

    /** One JSON object, as doctor.schema.json describes it. */
    public String json() {
        final JsonLine json = new JsonLine()
                .add("version", version)
                .add("kernel", kernel)
                .add("configuration", configuration)
                .add("privileged", privileged)
                .add("status", status().label())
                .add("meaning", meaning())
                .openObject("counts");
        for (final Status status : Status.values()) {
            json.add(status.label(), count(status));
        }
        json.closeObject().openArray("checks");
        for (final Result result : results) {
            json.openElement()
                    .add("check", result.check())
                    .add("status", result.status().label())
                    .openArray("findings");
            for (final Finding finding : result.findings()) {
                json.openElement()
                        .add("status", finding.status().label())
                        .add("message", finding.message())
                        .add("remedy", finding.remedy())
                        .closeObject();
            }
            json.closeArray().closeObject();
        }
        return json.closeArray().end();
    }
}
