package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.Family;
import org.amverdict.lab.Streams.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code static:}, the way without tracking: a pair of hosts and a range of ports, nothing else. */
@Tag("root")
@Timeout(60)
class StaticRangeIT {
    private static final String RANGE = "static: [{from: [203.0.113.66, \"2001:db8:3::66\"],"
            + " to: [198.51.100.20, \"2001:db8:2::20\"], tcp: \"11000-11040,12000\"}]";

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    private static long accepted(final EngineLab lab) throws IOException {
        return (long) lab.metrics().sum("amverdict_packets_total", "verdict=\"accept\"", "reason=\"static\"");
    }

    /** The lab's own rules queue every SYN, so what is refused is refused by the program. */
    @Test
    void shouldLetInThatPairAndThesePortsOnly() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.with(RANGE))) {
            int connected = 0;
            int refused = 0;
            for (final Family family : Kernel.families()) {
                for (final int port : new int[] {11_000, 11_040, 12_000, 11_040}) {
                    assertEquals(
                            Outcome.CONNECTED,
                            lab.connectPatiently(lab.stranger(), lab.client(), family, port),
                            family + " " + port);
                    connected++;
                }
                for (final int port : new int[] {10_999, 11_041}) {
                    assertEquals(
                            Outcome.SILENT,
                            lab.connect(lab.stranger(), lab.client(), family, port),
                            family + " " + port);
                    refused++;
                }
                assertEquals(
                        Outcome.SILENT, lab.connect(lab.client(), lab.stranger(), family, 11_000), "the other way");
                assertEquals(Outcome.SILENT, lab.connect(lab.server(), lab.client(), family, 11_000), "another host");
                refused += 2;
            }
            assertEquals(connected, accepted(lab));
            assertEquals(refused, lab.drops("unexpected"));
        }
    }

    /** The pair is in no line of {@code allow}, so that only the rules for the range can queue its packets. */
    @Test
    void shouldPassTheOperatorsRules() throws IOException {
        try (EngineLab lab = EngineLab.start(Setup.USUAL.rules("inline").with(RANGE))) {
            for (final Family family : Kernel.families()) {
                assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.stranger(), lab.client(), family, 11_020));
                assertEquals(Outcome.CONNECTED, lab.connectPatiently(lab.stranger(), lab.client(), family, 12_000));
                assertEquals(Outcome.SILENT, lab.connect(lab.stranger(), lab.client(), family, 11_041));
            }
            assertEquals(2L * Kernel.families().size(), accepted(lab));
            assertEquals(0, lab.judged("unexpected"), "other ports of such a pair are the operator's business");
        }
    }
}
