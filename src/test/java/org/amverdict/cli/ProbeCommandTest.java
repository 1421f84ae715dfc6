package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What the command says of each outcome, and its exit status; on loopback. */
@Timeout(30)
final class ProbeCommandTest {
    private static final int ARRIVE_MS = 3_000;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(final String... arguments) {
        return new CommandLine(new ProbeCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private static DatagramSocket loopback() throws IOException {
        final DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.setSoTimeout(ARRIVE_MS);
        return socket;
    }

    private int ask(final int port) {
        return run("127.0.0.1", "--port", String.valueOf(port), "--source-ports", "42000-42200", "--timeout", "1");
    }

    /** One datagram for the first request. */
    private static void answer(final DatagramSocket amandad, final String answer) {
        try {
            final DatagramPacket request = new DatagramPacket(new byte[2048], 2048);
            amandad.receive(request);
            final String text = new String(request.getData(), 0, request.getLength(), StandardCharsets.UTF_8);
            final String names = text.substring(text.indexOf("HANDLE"), text.indexOf('\n'));
            final byte[] bytes = answer.replace("%s", names).getBytes(StandardCharsets.UTF_8);
            amandad.send(new DatagramPacket(bytes, bytes.length, request.getSocketAddress()));
        } catch (final SocketTimeoutException e) {
            // Nothing was asked: the test's own assertion fails.
        } catch (final IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0; yes, amandad answered after; Amanda 3.5 REP %s|OPTIONS features=ff%;|",
                "1; into .amandahosts on the client; Amanda 3.5 NAK %s|ERROR access as backup not allowed|",
                "1; amandad acknowledged the request, but its REP did not come within 1 s; Amanda 3.5 ACK %s|",
                "1; is not Amanda: hello; hello|",
                "1; no: nothing came back within 1 s; Amanda 3.5 REP HANDLE 000-00000001 SEQ 1|OPTIONS ;|"
            })
    void shouldSayWhatCame(final int exit, final String words, final String answer) throws Exception {
        try (DatagramSocket amandad = loopback()) {
            final Thread thread = new Thread(() -> answer(amandad, answer.replace('|', '\n')), "amandad");
            thread.start();

            assertEquals(exit, ask(amandad.getLocalPort()), out + " " + err);

            thread.join(ARRIVE_MS);
            assertTrue(out.toString().startsWith("127.0.0.1: "), out.toString());
            assertTrue(out.toString().contains(words), out.toString());
        }
    }

    @Test
    void shouldSayThatNobodyListens() throws IOException {
        final int port;
        try (DatagramSocket free = loopback()) {
            port = free.getLocalPort();
        }

        assertEquals(1, ask(port), out + " " + err);
        assertTrue(out.toString().contains("no: nothing listens on " + port + "/udp there"), out.toString());
    }

    @Test
    void shouldSayThatNoSourcePortCanBeTaken() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0)) {
            final String port = String.valueOf(taken.getLocalPort());

            assertEquals(77, run("127.0.0.1", "--source-ports", port, "--timeout", "1"), out + " " + err);
            assertTrue(err.toString().contains("no source port of " + port + " can be taken"), err.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"--timeout, 0", "--timeout, 601", "--port, 0", "--port, 65536", "--user, a b", "--source-ports, 840:860"
    })
    void shouldRefuseWrongUse(final String option, final String value) {
        assertEquals(2, run("127.0.0.1", option, value));
        assertTrue(err.toString().contains(option), err.toString());
    }
}
