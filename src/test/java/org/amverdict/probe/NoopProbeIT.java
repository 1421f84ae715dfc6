package org.amverdict.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.amverdict.harness.EngineLab;
import org.amverdict.harness.EngineLab.Setup;
import org.amverdict.harness.Kernel;
import org.amverdict.lab.AmandaPeer;
import org.amverdict.lab.Family;
import org.amverdict.lab.NetworkLab;
import org.amverdict.policy.PortSet;
import org.amverdict.probe.ProbeResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The probe from the lab's server to its client, with everything that may come of it. */
@Tag("root")
@Timeout(60)
class NoopProbeIT {
    private static final int LIMIT_MS = 1_500;
    private static final int ARRIVE_MS = 3_000;
    private static final PortSet PORTS = PortSet.range(840, 860);

    private NetworkLab lab;

    @BeforeAll
    static void needsNamespaces() {
        Kernel.assumeNamespaces();
    }

    @BeforeEach
    void open() throws IOException {
        lab = NetworkLab.open();
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private ProbeResult probe(final Family family) throws IOException {
        return probe(lab, family);
    }

    private static ProbeResult probe(final NetworkLab lab, final Family family) throws IOException {
        final InetSocketAddress client = new InetSocketAddress(lab.client().address(family), AmandaPeer.CONTROL_PORT);
        return lab.server().call(() -> new NoopProbe(client, "backup", LIMIT_MS).run(PORTS));
    }

    /** What amandad answers, one text for each datagram, with the words HANDLE … SEQ … of the request in place of %s. */
    private static <T> T answering(final AmandaPeer amandad, final List<String> answers, final Callable<T> meanwhile)
            throws IOException {
        final FutureTask<String> answered = new FutureTask<>(() -> {
            final byte[] datagram = amandad.receive(ARRIVE_MS);
            assertNotNull(datagram, "no request came");
            final String request = new String(datagram, StandardCharsets.UTF_8);
            final String names = request.substring(request.indexOf("HANDLE"), request.indexOf('\n'));
            for (final String answer : answers) {
                amandad.send(answer.formatted(names).getBytes(StandardCharsets.UTF_8));
            }
            return request;
        });
        final Thread thread = new Thread(answered, "amandad");
        thread.setDaemon(true);
        thread.start();
        try (amandad) {
            final T result = meanwhile.call();
            assertTrue(answered.get().matches("""
                                    (?s)Amanda 3\\.5 REQ HANDLE 000-[0-9a-f]{8} SEQ [0-9]+
                                    SECURITY USER backup
                                    SERVICE noop
                                    OPTIONS features=[0-9a-f]+;
                                    """), "as Amanda writes it");
            return result;
        } catch (final ExecutionException e) {
            throw new IOException(e);
        } catch (final IOException e) {
            throw e;
        } catch (final Exception e) {
            throw new IOException(e);
        }
    }

    private void expect(final Outcome outcome, final String text, final List<String> answers) throws IOException {
        final ProbeResult result =
                answering(AmandaPeer.responder(lab.client(), Family.IPV4), answers, () -> probe(Family.IPV4));

        assertEquals(outcome, result.outcome(), result.toString());
        assertTrue(result.text().contains(text), result.toString());
    }

    @Test
    void shouldTellWhatAmandadSays() throws IOException {
        final String ack = "Amanda 3.5 ACK %s\n";
        expect(Outcome.ANSWERED, "OPTIONS features=fff;", List.of(ack, "Amanda 3.5 REP %s\nOPTIONS features=fff;\n"));
        expect(Outcome.REFUSED, "not allowed", List.of(ack, "Amanda 3.5 NAK %s\nERROR access as backup not allowed\n"));
        expect(Outcome.REFUSED, "not allowed", List.of("Amanda 2.4 REP %s\nERROR [access as backup not allowed]\n"));
        expect(Outcome.ANSWERED, "unknown service", List.of("Amanda 2.4 NAK %s\nERROR unknown service: noop\n"));
        expect(Outcome.ACKNOWLEDGED, "", List.of(ack));
        expect(Outcome.NOT_AMANDA, "hello", List.of("hello\n"));
        // An answer to someone else's request is none.
        expect(Outcome.SILENT, "", List.of("Amanda 3.5 REP HANDLE 000-00000001 SEQ 1\nOPTIONS ;\n"));
    }

    @Test
    void shouldAcknowledgeTheAnswer() throws IOException {
        Kernel.assumeIpv6();
        final AmandaPeer amandad = AmandaPeer.responder(lab.client(), Family.IPV6);
        final FutureTask<byte[]> last = new FutureTask<>(() -> {
            final String request = new String(amandad.receive(ARRIVE_MS), StandardCharsets.UTF_8);
            final String names = request.substring(request.indexOf("HANDLE"), request.indexOf('\n'));
            amandad.send(("Amanda 3.5 REP " + names + "\nOPTIONS ;\n").getBytes(StandardCharsets.UTF_8));
            return amandad.receive(ARRIVE_MS);
        });
        new Thread(last, "amandad").start();
        try (amandad) {
            assertEquals(Outcome.ANSWERED, probe(Family.IPV6).outcome());
            final String ack = new String(last.get(), StandardCharsets.UTF_8);
            assertTrue(ack.startsWith("Amanda 3.5 ACK HANDLE 000-"), ack);
        } catch (final InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
    }

    @Test
    void shouldTellWhyNothingCame() throws IOException {
        for (final Family family : Kernel.families()) {
            assertEquals(Outcome.NOBODY_LISTENS, probe(family).outcome());
        }
        lab.firewall().run("iptables", "-A", "FORWARD", "-p", "udp", "-j", "DROP");
        assertEquals(Outcome.SILENT, probe(Family.IPV4).outcome());
        lab.firewall()
                .run(
                        "iptables",
                        "-R",
                        "FORWARD",
                        "1",
                        "-p",
                        "udp",
                        "-j",
                        "REJECT",
                        "--reject-with",
                        "icmp-host-prohibited");
        assertEquals(Outcome.UNREACHABLE, probe(Family.IPV4).outcome());
        lab.firewall().run("iptables", "-F", "FORWARD");
        lab.server().run("iptables", "-A", "OUTPUT", "-p", "udp", "-j", "DROP");
        assertEquals(Outcome.UNREACHABLE, probe(Family.IPV4).outcome());
    }

    @Test
    void shouldSeeAnAnswerFromAnotherAddress() throws IOException {
        lab.client().run("ip", "addr", "add", "198.51.100.25/24", "dev", "eth0");
        final AmandaPeer asked = AmandaPeer.responder(lab.client(), lab.client().address(Family.IPV4));
        final AmandaPeer answers = AmandaPeer.responder(lab.client(), InetAddress.getByName("198.51.100.25"));
        final Thread amandad = new Thread(
                () -> {
                    try {
                        for (int sent = 0; sent < 3; sent++) {
                            final String request = new String(asked.receive(ARRIVE_MS), StandardCharsets.UTF_8);
                            final String names = request.substring(request.indexOf("HANDLE"), request.indexOf('\n'));
                            answers.talkTo(lab.server().address(Family.IPV4), PORTS.first(0));
                            answers.send(
                                    ("Amanda 3.5 REP " + names + "\nOPTIONS ;\n").getBytes(StandardCharsets.UTF_8));
                        }
                    } catch (final IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                },
                "amandad");
        amandad.start();
        try (asked;
                answers) {
            final ProbeResult result = probe(Family.IPV4);
            assertEquals(Outcome.OTHER_ADDRESS, result.outcome(), result.toString());
            assertEquals("198.51.100.25", result.text());
        }
    }

    /** Through the engine, with the rules of an operator. */
    @Test
    void shouldPassTheProgram() throws IOException {
        try (EngineLab engine = EngineLab.start(Setup.USUAL.rules("gate"))) {
            final ProbeResult result = answering(
                    AmandaPeer.responder(engine.client(), Family.IPV4),
                    List.of("Amanda 3.5 ACK %s\n", "Amanda 3.5 REP %s\nOPTIONS features=fff;\n"),
                    () -> probe(engine.network(), Family.IPV4));

            assertEquals(Outcome.ANSWERED, result.outcome(), result.toString());
        }
    }
}
