package org.amverdict.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.amverdict.bench.BenchDocument;
import org.amverdict.lab.Host;
import org.jspecify.annotations.Nullable;

/**
 * The output of {@code amverdict doctor --json}.
 *
 * @param exit its exit status
 * @param checks the checks of the report by name
 */
public record Examination(int exit, Map<String, Seen> checks) {
    /** A check: its status; its messages and remedies. */
    public record Seen(String status, String text) {}

    /** Runs it in a namespace, prefixed by another command if one is given. */
    public static Examination of(final Host where, final Path configuration, final String... before)
            throws IOException {
        final List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(EngineLab.launcher().toString(), "doctor", "--json", "-c", configuration.toString()));
        final Process process = new ProcessBuilder(where.inside(command))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("the doctor did not end");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        final Map<?, ?> document = BenchDocument.parse(said);
        final List<String> problems = BenchDocument.problems(document, "/org/amverdict/doctor/doctor.schema.json");
        if (!problems.isEmpty()) {
            throw new IOException(problems + "\n" + said);
        }
        final Map<String, Seen> checks = new LinkedHashMap<>();
        for (final Object each : list(document.get("checks"))) {
            final Map<?, ?> check = (Map<?, ?>) each;
            final String text = list(check.get("findings")).stream()
                    .map(finding -> ((Map<?, ?>) finding).get("message") + " -> " + ((Map<?, ?>) finding).get("remedy"))
                    .collect(Collectors.joining("\n"));
            checks.put(String.valueOf(check.get("check")), new Seen(String.valueOf(check.get("status")), text));
        }
        return new Examination(process.exitValue(), checks);
    }

    private static List<?> list(final @Nullable Object value) {
        return (List<?>) Objects.requireNonNull(value);
    }

    private Seen seen(final String check) {
        return Objects.requireNonNull(checks.get(check), check);
    }

    public String status(final String check) {
        return seen(check).status();
    }

    public String text(final String check) {
        return seen(check).text();
    }

    /**
     * Checks that are now worse than they were, with their status, without those that are unknown for lack of rules.
     */
    public Map<String, String> worseThan(final Examination before) {
        final Map<String, String> worse = new TreeMap<>();
        checks.forEach((name, check) -> {
            final boolean follows = check.text().contains("see 'rules'");
            if (!check.status().equals(before.status(name)) && !follows) {
                worse.put(name, check.status());
            }
        });
        return worse;
    }
}
