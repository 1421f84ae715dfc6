package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amverdict.harness.ControlExchange;
import org.amverdict.harness.ControlExchanges;
import org.amverdict.harness.ControlPaths;
import org.amverdict.harness.DifferencePage;
import org.amverdict.harness.EngineNetwork;
import org.amverdict.harness.HelperFlaw;
import org.amverdict.harness.HelperNetwork;
import org.amverdict.harness.JudgedExchange;
import org.amverdict.harness.JudgedNetwork;
import org.amverdict.harness.Kernel;
import org.amverdict.harness.Trial;
import org.amverdict.replay.LineDiff;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The same control exchanges through the kernel's helper and through amverdict: amverdict is right in all, and where the
 * helper is not, the reason is one of {@link HelperFlaw}. What was measured is src/docs/kernel-helper.md.
 */
@Tag("root")
@Timeout(120)
class KernelHelperDifferenceIT {
    private static final Path PAGE = Path.of("docs", "kernel-helper.md");

    private static final List<ControlExchange> EXCHANGES = Stream.concat(
                    ControlExchanges.legitimate().stream(), ControlExchanges.illegitimate().stream())
            .toList();

    private static List<JudgedExchange> engine = List.of();
    private static List<JudgedExchange> helper = List.of();
    /** Why the helper was not measured; empty if it was. */
    private static String noHelper = "";

    @BeforeAll
    static void playAll() throws IOException {
        Kernel.assumeNamespaces();
        Kernel.assumeIpv6();
        try (EngineNetwork network = EngineNetwork.start()) {
            engine = play(network);
        }
        final HelperNetwork kernel;
        try {
            kernel = HelperNetwork.start();
        } catch (final HelperNetwork.Missing e) {
            noHelper = "no nf_conntrack_amanda here: " + e.getMessage();
            return;
        }
        try (kernel) {
            helper = play(kernel);
        }
    }

    private static List<JudgedExchange> play(final JudgedNetwork network) throws IOException {
        final Map<Integer, String> users = new HashMap<>();
        final AtomicInteger numbers = new AtomicInteger();
        final List<JudgedExchange> results = new ArrayList<>();
        try (ControlPaths paths = new ControlPaths(network.lab())) {
            for (final ControlExchange exchange : EXCHANGES) {
                try (Trial trial = new Trial(network, paths, exchange, numbers::incrementAndGet)) {
                    exchange.script().play(trial);
                    results.add(new JudgedExchange(exchange, trial.mustOpen(), trial.wrong()));
                    for (final int port : trial.tried()) {
                        final String other = users.put(port, exchange.title());
                        assertEquals(null, other, "port " + port + " is also used by: " + exchange.title());
                    }
                } catch (final IOException e) {
                    throw new IOException(exchange.title() + ": " + e.getMessage(), e);
                }
            }
        }
        return results;
    }

    private static void assumeHelper() {
        if (!noHelper.isEmpty()) {
            System.err.println("SKIPPED: comparison with the kernel's helper: " + noHelper);
        }
        assumeTrue(noHelper.isEmpty(), noHelper);
        final JudgedExchange modern = helper.get(0);
        assumeTrue(
                modern.right(),
                "an older nf_conntrack_amanda than the page describes: "
                        + modern.exchange().title() + ": " + modern.wrong());
    }

    @Test
    void shouldBeRightInEveryExchange() {
        final List<String> wrong = engine.stream()
                .filter(judged -> !judged.right())
                .map(judged -> judged.exchange().title() + ": " + judged.wrong())
                .toList();

        assertEquals(List.of(), wrong);
        assertEquals(EXCHANGES.size(), engine.size());
    }

    @Test
    void shouldGiveAReasonForEveryDifferenceAndNoneWithoutOne() {
        assumeHelper();

        final List<String> unexplained = helper.stream()
                .filter(judged -> !judged.right() && judged.exchange().flaw() == null)
                .map(judged -> judged.exchange().title() + ": " + judged.wrong())
                .toList();
        final List<String> missing = helper.stream()
                .filter(judged -> judged.right() && judged.exchange().flaw() != null)
                .map(judged -> judged.exchange().title() + ": right, in spite of "
                        + judged.exchange().flaw())
                .toList();

        assertEquals(List.of(), unexplained, "the helper is wrong and no reason is given");
        assertEquals(List.of(), missing, "a reason is given and the helper is right");
        final Set<HelperFlaw> shown = EXCHANGES.stream()
                .map(ControlExchange::flaw)
                .filter(flaw -> flaw != null)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(HelperFlaw.class)));
        assertEquals(EnumSet.allOf(HelperFlaw.class), shown, "a reason without an exchange that shows it");
    }

    /** -Damverdict.accept=true rewrites the page. */
    @Test
    void shouldFindWhatThePageSays() throws IOException {
        assumeHelper();
        final List<String> measured = new DifferencePage(helper, engine).lines();

        if (Boolean.getBoolean("amverdict.accept")) {
            Files.write(PAGE, measured);
        }

        final List<String> page = Files.exists(PAGE) ? Files.readAllLines(PAGE) : List.of();
        final List<String> difference = LineDiff.unified(page, measured);
        assertEquals(
                List.of(),
                difference,
                () -> "src/" + PAGE + " is not what was measured; -Damverdict.accept=true writes it anew. The page (-)"
                        + " and what was measured (+):\n" + String.join("\n", difference) + "\n");
    }
}
