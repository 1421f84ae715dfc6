package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ReplayCommandTest {
    private static final String CAPTURES = "test/resources/captures/";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    private int replay(final String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new ReplayCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private List<String> lines() {
        return out.toString().lines().toList();
    }

    @Test
    void shouldExplainEachPacket() {
        assertEquals(0, replay(CAPTURES + "bsdudp-backup-nak.pcap"));

        assertTrue(lines().get(0).startsWith("replay of bsdudp-backup-nak.pcap; policy: built-in, every host"));
        assertTrue(lines().get(1).endsWith("accept   request             REQ noop"), lines().get(1));
        assertEquals("", err.toString());
    }

    @Test
    void shouldReadSeveralCapturesInOrder() {
        assertEquals(0, replay(CAPTURES + "bsdudp-backup-nak.pcap", CAPTURES + "bsd-backup.pcap"));

        assertTrue(out.toString().contains("packets 77: accepted 77, continued 0, dropped 0"), out::toString);
    }

    @Test
    void shouldCompareWithReviewedLines() throws IOException {
        final String file = directory.resolve("nak.txt").toString();
        final String capture = CAPTURES + "bsdudp-backup-nak.pcap";

        assertEquals(1, replay(capture, "--expect", file));
        assertTrue(err.toString().contains("nak.txt: no such file; --accept writes it"), err::toString);
        assertEquals(0, replay(capture, "--expect", file, "--accept"));
        assertEquals(0, replay(capture, "--expect", file));
        assertEquals(List.of("as expected: 14 lines"), lines());

        Files.writeString(Path.of(file), Files.readString(Path.of(file)).replaceFirst("accept", "drop  "));
        assertEquals(1, replay(capture, "--expect", file));
        assertEquals("--- " + file, lines().get(0));
        assertEquals("+++ now", lines().get(1));
        assertEquals("@@ -1,5 +1,5 @@", lines().get(2));
        assertTrue(lines().get(4).startsWith("-     1    0.000000  udp "));
        assertTrue(lines().get(5).startsWith("+     1    0.000000  udp "));
        assertEquals(0, replay(capture, "--expect", file, "--accept"));
        assertTrue(out.toString().contains("+     1 "));
        assertEquals(0, replay(capture, "--expect", file));
    }

    @Test
    void shouldCompareJsonToo() {
        final String file = directory.resolve("nak.json").toString();
        final String capture = CAPTURES + "bsdudp-backup-nak.pcap";

        assertEquals(0, replay(capture, "--json", "--expect", file, "--accept"));
        assertEquals(0, replay(capture, "--json", "--expect", file));
        assertEquals(1, replay(capture, "--expect", file));
    }

    @Test
    void shouldNameWhatCannotBeRead() throws IOException {
        assertEquals(1, replay("missing.pcap"));
        assertEquals("amverdict: missing.pcap: no such file\n", err.toString());
        assertEquals(1, replay(directory.toString()));
        assertTrue(err.toString().contains(directory + ": "), err::toString);

        final Path junk = Files.writeString(directory.resolve("junk.pcap"), "not a capture");
        assertEquals(1, replay(junk.toString()));
        assertEquals(
                "amverdict: " + junk + ": offset 0: neither pcap nor pcapng: it starts with 6e6f7420\n",
                err.toString());

        final Path binary =
                Files.write(directory.resolve("binary.txt"), "\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(1, replay(CAPTURES + "bsd-backup.pcap", "--expect", binary.toString()));
        assertEquals("amverdict: " + binary + ": not UTF-8 text\n", err.toString());
    }

    @Test
    void shouldWarnOfACutCapture() throws IOException {
        final byte[] whole = Files.readAllBytes(Path.of(CAPTURES + "bsdudp-backup-nak.pcap"));
        final Path cut = Files.write(directory.resolve("cut.pcap"), Arrays.copyOf(whole, whole.length - 1));

        assertEquals(0, replay(cut.toString()));

        assertTrue(out.toString().contains("packets 3: "), out::toString);
        assertTrue(err.toString().startsWith("amverdict: warning: " + cut + ": offset "), err::toString);
    }

    private String config(final String stream, final String text) throws IOException {
        return Files.writeString(directory.resolve("amverdict.yaml"), """
                        mode: %s
                        allow:
                          - name: nightly
                            requesters: [10.80.1.2]
                            responders: [10.80.2.2]
                            services: [noop, selfcheck, sendsize, sendbackup]
                            stream-ports: %s
                        """.formatted(text, stream))
                .toString();
    }

    @Test
    void shouldJudgeByAConfiguration() throws IOException {
        assertEquals(0, replay(CAPTURES + "bsd-backup.pcap", "-c", config("11000-11040", "enforce")));
        assertTrue(lines().get(0).endsWith("; policy: amverdict.yaml, mode enforce"), lines().get(0));
        assertTrue(out.toString().contains("packets 73: accepted 73, continued 0, dropped 0"), out::toString);

        assertEquals(0, replay(CAPTURES + "bsd-backup.pcap", "-c", config("11000-11010", "enforce")));
        assertTrue(out.toString().contains("REP sendbackup opens nothing: port-not-allowed"), out::toString);
        assertTrue(out.toString().contains("SYNs left to other rules 4"), out::toString);

        assertEquals(0, replay(CAPTURES + "bsdudp-recover.pcap", "-c", config("11000-11040", "enforce")));
        assertTrue(out.toString().contains("packets 95: accepted 0, continued 87, dropped 8"), out::toString);
    }

    @Test
    void shouldShowWhatMonitorModeWouldDrop() throws IOException {
        assertEquals(0, replay(CAPTURES + "bsd-backup.pcap", "-c", config("11000-11010", "monitor")));

        assertTrue(out.toString().contains("SYNs left to other rules 4"), out::toString);
    }

    @Test
    void shouldRefuseAnInvalidConfiguration() throws IOException {
        assertEquals(78, replay(CAPTURES + "bsd-backup.pcap", "-c", config("0", "enforce")));
        assertTrue(err.toString().contains("amverdict.yaml:7:"), err::toString);
        assertEquals("", out.toString());

        assertEquals(78, replay(CAPTURES + "bsd-backup.pcap", "-c", "missing.yaml"));
    }

    @Test
    void shouldRefuseWrongUsage() {
        assertEquals(2, replay());
        assertEquals(2, replay("x.pcap", "--accept"));
        assertTrue(err.toString().startsWith("--accept needs --expect FILE"), err::toString);
        assertEquals(2, replay("x.pcap", "--nonsense"));
    }
}
