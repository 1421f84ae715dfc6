package org.amverdict.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaMessages;
import org.amverdict.lab.AmandaMessages.Transaction;
import org.amverdict.lab.Conversation;
import org.amverdict.lab.Family;
import org.amverdict.lab.FirewallRules;
import org.amverdict.lab.NetworkLab;
import org.amverdict.lab.Streams;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The trials' own ground: that the lab's network carries packets, and that its rules alone stop them. */
@Timeout(60)
class NetworkLabIT {
    private static final int PORT = 11_001;
    private static final int ARRIVE_MS = 1_000;
    private static final int SILENCE_MS = 400;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @Test
    void shouldCarryPacketsWithoutRulesAndStopThemWithoutListener() throws IOException {
        final String prefix;
        try (NetworkLab lab = NetworkLab.open()) {
            prefix = lab.prefix();
            for (final Family family : Kernel.families()) {
                assertTrue(asks(lab, family, ARRIVE_MS), family + " UDP should cross a firewall without rules");
                assertEquals(Streams.Outcome.CONNECTED, connects(lab, family, ARRIVE_MS), family.label());
            }
            FirewallRules.apply(lab.firewall(), FirewallRules.Placement.GATE, 0, 0);
            for (final Family family : Kernel.families()) {
                assertFalse(asks(lab, family, SILENCE_MS), family + " UDP should be dropped without a listener");
                assertEquals(Streams.Outcome.SILENT, connects(lab, family, SILENCE_MS), family.label());
            }
        }
        assertFalse(Files.exists(Path.of("/run/netns", prefix + "firewall")), "the namespace should be gone");
    }

    private static boolean asks(final NetworkLab lab, final Family family, final int timeoutMs) throws IOException {
        try (Conversation udp = new Conversation(lab.server(), lab.client(), family, timeoutMs)) {
            return udp.ask(AmandaMessages.noop(Transaction.number(1)));
        }
    }

    private static Streams.Outcome connects(final NetworkLab lab, final Family family, final int timeoutMs)
            throws IOException {
        try (ServerSocket listener = Streams.listen(lab.client(), family, PORT)) {
            return Streams.attempt(lab.server(), lab.client(), family, listener.getLocalPort(), timeoutMs);
        }
    }
}
