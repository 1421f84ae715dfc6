package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.amverdict.harness.Asked;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.json.JsonReader;
import org.amverdict.lab.Host;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The packaged program while somebody empties the firewall's chains, with the real times of the watch. */
@Tag("root")
@Timeout(60)
class RulesVanishIT {
    /** A second look after 3.3 s confirms a fault; while there is one it looks every 5 s, or later where a look takes long. */
    private static final long SEEN_MS = 60_000;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldReportThatRulesVanishAndComeBack() throws IOException, InterruptedException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("gate"))) {
            await(lab, "in-place");
            final Host firewall = lab.network().firewall();

            firewall.run("iptables", "-F", "FORWARD");
            firewall.run("ip6tables", "-F", "FORWARD");
            Asked.of(lab, "reload"); // looks at once, and not after 20 s
            await(lab, "gone");
            assertEquals(0, inPlace(lab));
            awaitEvent(
                    lab,
                    "\"standing\":\"gone\",\"message\":\""
                            + "2 differences, such as: + iptables filter -I FORWARD -j AMVERDICT\"");

            firewall.run(
                    EngineLab.launcher().toString(), "rules", "-c", lab.file().toString(), "--apply");
            await(lab, "in-place");
            assertEquals(1, inPlace(lab));
            awaitEvent(lab, "\"standing\":\"in-place\",\"message\":\"\"");
        }
    }

    /** Events are written by a thread of their own, so one can come after the status. */
    private static void awaitEvent(final EngineLab lab, final String event) throws IOException, InterruptedException {
        final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SEEN_MS);
        while (!events(lab).contains(event)) {
            assertTrue(System.nanoTime() < end, events(lab));
            Thread.sleep(200);
        }
    }

    private static void await(final EngineLab lab, final String standing) throws IOException, InterruptedException {
        final long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SEEN_MS);
        String seen = "";
        while (System.nanoTime() < end) {
            final Asked status = Asked.of(lab, "status", "--json");
            seen = String.valueOf(JsonReader.object(status.out()).get("rules")) + status.err();
            if (seen.contains("standing=" + standing + ",")) {
                return;
            }
            Thread.sleep(200);
        }
        throw new AssertionError("not " + standing + " but " + seen);
    }

    private static double inPlace(final EngineLab lab) throws IOException {
        return lab.metrics().sum("amverdict_rules_in_place");
    }

    private static String events(final EngineLab lab) throws IOException {
        return Files.readString(lab.eventsFile());
    }
}
