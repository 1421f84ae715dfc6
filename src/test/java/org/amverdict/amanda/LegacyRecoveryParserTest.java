package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The text of old amrecover's connection to amidxtape, in pieces of every kind. {@code -Dseed=} gives another seed. */
final class LegacyRecoveryParserTest {
    private static final long SEED = Long.getLong("seed", 20_261_127);
    private static final String CLIENT = Example.of("E30").text();
    private static final String SERVER = Example.of("E31").text();
    private static final List<String> ANSWERS = List.of("more", "announced", "refused", "other", "too-long");
    private static final Pattern ANNOUNCED = Pattern.compile("(?:[0-9a-f]{2}){0,128}CONNECT ([1-9][0-9]{3,4})\n.*");

    private final LegacyRecoveryParser parser = new LegacyRecoveryParser();
    private long state = LegacyRecoveryParser.START;

    private static ByteBuf buffer(final String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private int client(final String text) {
        parser.resume(state);
        final ByteBuf bytes = buffer("x" + text + "y");
        final int answer = parser.readClient(bytes, 1, 1 + text.length());
        state = parser.state();
        return answer;
    }

    private int server(final String text) {
        parser.resume(state);
        final ByteBuf bytes = buffer("x" + text + "y");
        final int answer = parser.readServer(bytes, 1, 1 + text.length());
        state = parser.state();
        return answer;
    }

    /** What the server's text comes to after the client's END: "announced 50093", "refused port", "more". */
    private String outcome(final String text) {
        client("END\r\n");
        return said(server(text));
    }

    private String said(final int answer) {
        final String name = ANSWERS.get(answer);
        return switch (answer) {
            case LegacyRecoveryParser.ANNOUNCED -> name + " " + parser.port();
            case LegacyRecoveryParser.REFUSED -> name + " " + parser.refusal().label();
            default -> name;
        };
    }

    @Test
    void shouldFindThePortOfARealConversation() {
        assertEquals("more", said(client(CLIENT)));
        assertEquals("announced 50093", said(server(SERVER)));
    }

    @Test
    void shouldFindItWhereverBothTextsAreCut() {
        for (int i = 0; i <= CLIENT.length(); i++) {
            for (int j = 0; j <= SERVER.length(); j++) {
                state = LegacyRecoveryParser.START;
                client(CLIENT.substring(0, i));
                // The features may come before END, the line may not.
                final int early = Math.min(j, SERVER.indexOf('C'));
                assertEquals("more", said(server(SERVER.substring(0, early))));
                assertEquals("more", said(client(CLIENT.substring(i))));
                assertEquals("more", said(server(SERVER.substring(early, Math.min(j, SERVER.length() - 1)))));
                assertEquals("announced 50093", said(server(SERVER.substring(Math.min(j, SERVER.length() - 1)))));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'CONNECT 50093\n', announced 50093",
        "'CONNECT 1024\n', announced 1024",
        "'CONNECT 65535\n', announced 65535",
        "'ffCONNECT 50093\nCONNECT 50094\n', announced 50093",
        "'CONNECT 1023\n', refused port",
        "'CONNECT 22\n', refused port",
        "'CONNECT 0\n', refused port",
        "'CONNECT 65536\n', refused port",
        "'CONNECT 65558\n', refused port",
        "'CONNECT 99999\n', refused port",
        "'CONNECT 10080\n', refused port",
        "'CONNECT 10083\n', refused port",
        "'CONNECT 131072\n', refused number",
        "'CONNECT 500930\n', refused number",
        "'CONNECT 050093\n', refused number",
        "'CONNECT 00\n', refused number",
        "'CONNECT \n', refused number",
        "'CONNECT -1\n', refused syntax",
        "'CONNECT +5009\n', refused syntax",
        "'CONNECT  5009\n', refused syntax",
        "'CONNECT 50093\r\n', refused syntax",
        "'CONNECT 50093 \n', refused syntax",
        "'CONNECT DATA 50093\n', refused syntax",
        "'CONNECT 50093 50094\n', refused syntax",
        "'CONNECT 0x5093\n', refused syntax",
        "'CONNECT 5009\0\n', refused syntax",
        "'CONNECT\t50093\n', refused syntax",
        "'CONNECT\n', refused syntax",
        "'CONNECT:50093\n', refused syntax",
        "'connect 50093\n', other",
        "' CONNECT 50093\n', other",
        "'\nCONNECT 50093\n', other",
        "'ff\nCONNECT 50093\n', other",
        "'ff\r\nCONNECT 50093\n', other",
        "'ff CONNECT 50093\n', other",
        "'fCONNECT 50093\n', other",
        "'FFCONNECT 50093\n', other",
        "'fgCONNECT 50093\n', other",
        "'CONNEXT 50093\n', other",
        "'CCONNECT 50093\n', other",
        "'CffONNECT 50093\n', other",
        "'ERROR no\nCONNECT 50093\n', other",
        "'AMANDA: TAPESTART', other",
        "'ffffCONNECT 5009', more",
        "'ffffCONNECT', more",
        "'ffff', more",
        "'', more"
    })
    void shouldReadTheServersText(final String text, final String expected) {
        assertEquals(expected, outcome(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "END\r\n",
                "\r\nEND\r\n",
                "A\r\n\r\nEND\r\n",
                "ENDE\r\nEND\r\n",
                "E\r\nEN\r\nEND\r\n",
                "SECURITY USER root\r\n6\r\n",
                "SECURITY USER root\r\n6\n",
                "6 of them\r\n",
                "END\r\nCONNECT 5009\n"
            })
    void shouldKnowTheClientsEnd(final String text) {
        assertEquals("more", said(client(text)));
        assertEquals("announced 50093", said(server(SERVER)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "END",
                "END\r",
                "END\n",
                "END\r\r\n",
                "END \r\n",
                " END\r\n",
                "XEND\r\n",
                "EEND\r\n",
                "end\r\n",
                "DATE=END\r\n",
                "ENDEND\r\n",
                "X6\r\n",
                "6",
                "SECURITY USER root\r\n"
            })
    void shouldRefuseTheLineBeforeTheClientsEnd(final String text) {
        assertEquals("more", said(client(text)));
        assertFalse(parser.ended());
        assertEquals("refused misplaced", said(server(SERVER)));
    }

    @Test
    void shouldNotTakeAnEndBehindTheLineForOneBeforeIt() {
        assertEquals("refused misplaced", said(server("CONNECT ")));
    }

    @Test
    void shouldReadNoMoreOfTheClientThanTheLimit() {
        final String line = "DISK=" + "x".repeat(1017) + "\r\n";
        assertEquals(1024, line.length());
        for (int i = 0; i < LegacyRecoveryParser.CLIENT_BYTES_MAX / line.length() - 1; i++) {
            assertEquals("more", said(client(line)));
        }
        final long before = state;
        assertEquals("more", said(client("x".repeat(1017) + "\r\nEND\r\n")), "the last byte of the limit");
        assertTrue(parser.ended());

        state = before;
        assertEquals("too-long", said(client("x".repeat(1018) + "\r\nEND\r\n")));
        state = before;
        assertEquals("too-long", said(client("x".repeat(100_000))), "one endless line");
    }

    @Test
    void shouldReadNoMoreFeaturesThanTheLimit() {
        assertEquals("announced 50093", outcome("0f".repeat(128) + "CONNECT 50093\n"));
        state = LegacyRecoveryParser.START;
        assertEquals("too-long", outcome("0f".repeat(128) + "0"));
    }

    /** Both texts in random pieces with random changes, against one look at the whole of them. */
    @Test
    void shouldSayOfPiecesWhatItSaysOfTheWhole() {
        final SplittableRandom random = new SplittableRandom(SEED);
        int announced = 0;
        for (int run = 0; run < 200_000; run++) {
            final String text = changed(random, SERVER);
            state = LegacyRecoveryParser.START;
            client(CLIENT);
            String said = "more";
            int at = 0;
            while (at < text.length() && said.equals("more")) {
                final int end = at + 1 + random.nextInt(Math.min(12, text.length() - at));
                said = said(server(text.substring(at, end)));
                at = end;
            }
            final int seen = run;
            assertEquals(
                    ofWhole(text),
                    said.startsWith("announced") ? said : "nothing",
                    () -> "seed " + SEED + " run " + seen + ": " + text);
            announced += said.startsWith("announced") ? 1 : 0;
        }
        assertTrue(announced > 20_000 && announced < 190_000, announced + " announced");
    }

    private static String ofWhole(final String text) {
        final Matcher line = ANNOUNCED.matcher(text);
        if (!line.lookingAt()) {
            return "nothing";
        }
        final int port = Integer.parseInt(line.group(1));
        return port < 1024 || port > 65_535 || (port >= 10_080 && port <= 10_083) ? "nothing" : "announced " + port;
    }

    private static String changed(final SplittableRandom random, final String text) {
        final StringBuilder changed = new StringBuilder(text);
        for (int i = random.nextInt(3); i > 0; i--) {
            final int at = random.nextInt(changed.length());
            switch (random.nextInt(4)) {
                case 0 -> changed.deleteCharAt(at);
                case 1 -> changed.insert(at, "C f0\n9".charAt(random.nextInt(6)));
                case 2 -> changed.setCharAt(at, (char) random.nextInt(256));
                default -> changed.setCharAt(at, changed.charAt(random.nextInt(changed.length())));
            }
        }
        return changed.toString();
    }
}
