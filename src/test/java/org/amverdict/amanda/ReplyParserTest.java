package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.amverdict.inputs.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** REP bodies, good and bad: the inputs 63 to 70 of threats.md as far as they concern the body. */
final class ReplyParserTest {
    private static final int BOTH = RequestParser.STATE_POSSIBLE | RequestParser.INDEX_POSSIBLE;
    private static final String LINE = "CONNECT DATA 50081 MESG 50082 INDEX 50083 STATE 50084\n";

    private final ReplyParser parser = new ReplyParser();

    private Refusal parse(final String body) {
        return parse(body, Service.SENDBACKUP, BOTH);
    }

    private Refusal parse(final String body, final Service service, final int traits) {
        final byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        final ByteBuf buffer = Unpooled.wrappedBuffer(
                "CONNECT DATA 1 ".getBytes(StandardCharsets.US_ASCII), bytes, new byte[] {'1', '\n'});
        return parser.parse(buffer, 15, bytes.length, service, traits);
    }

    private List<String> streams() {
        final List<String> streams = new ArrayList<>();
        for (int i = 0; i < parser.count(); i++) {
            streams.add(parser.name(i) + " " + parser.number(i) + (parser.hasPort(i) ? "" : " not"));
        }
        return streams;
    }

    @Test
    void shouldReadEveryStream() {
        assertEquals(Refusal.NONE, parse(LINE));
        assertTrue(parser.announces());
        assertEquals(List.of("DATA 50081", "MESG 50082", "INDEX 50083", "STATE 50084"), streams());
    }

    @Test
    void shouldOpenNothingIfThereAreMoreLinesThanAServiceWrites() {
        assertEquals(Refusal.NONE, parse(LINE + "x\n".repeat(8191)));
        assertEquals(4, parser.count());
        assertEquals(Refusal.TOO_LONG, parse(LINE + "x\n".repeat(8192)));
        assertEquals(0, parser.count());
        assertEquals(Refusal.ERROR_LINE, parse(LINE + "ERROR x\n" + "x\n".repeat(8192)));
        assertEquals(Refusal.NONE, parse("\n".repeat(65_000)));
        assertFalse(parser.announces());
    }

    @Test
    void shouldReadOnlyTheBeginningWhereNothingCanBeAnnounced() {
        assertEquals(Refusal.NO_STREAMS, parse(LINE + "x\n".repeat(30_000), Service.SELFCHECK, BOTH));
        assertEquals(Refusal.NO_STREAMS, parse("OK x\n".repeat(15) + LINE, Service.SENDSIZE, BOTH));
        assertEquals(Refusal.NONE, parse("OK x\n".repeat(5000) + LINE, Service.SENDSIZE, BOTH));
        assertEquals(0, parser.count());
    }

    @Test
    void shouldSkipAnAbsentStreamAndGoOn() {
        assertEquals(Refusal.NONE, parse("CONNECT DATA 50063 MESG 50064 INDEX -1 STATE 50065\n"));
        assertEquals(List.of("DATA 50063", "MESG 50064", "INDEX -1 not", "STATE 50065"), streams());
        assertEquals(Refusal.NONE, parse("CONNECT DATA -1 MESG -1 INDEX -1\n"));
    }

    @Test
    void shouldTakeOnlyTheFirstNumberOfBsdudpAsPort() {
        assertEquals(Refusal.NONE, parse("CONNECT DATA 50004 MESG 499999 INDEX 499998 STATE 499997\n"));
        assertEquals(List.of("DATA 50004", "MESG 499999 not", "INDEX 499998 not", "STATE 499997 not"), streams());
        assertEquals(Refusal.NONE, parse("CONNECT DATA 50004 MESG 499999 INDEX -1\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT DATA 499999 MESG 499998 INDEX 499997\n",
                "CONNECT DATA -1 MESG 499998 INDEX 499997\n",
                "CONNECT DATA 50004 MESG 499999 INDEX 50005\n",
                "CONNECT DATA 50004 MESG 50005 INDEX 499999\n"
            })
    void shouldRefuseHandlesWithoutExactlyOnePortBefore(final String line) {
        assertEquals(Refusal.HANDLE, parse(line));
        assertEquals(0, parser.count());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "OPTIONS ;\n",
                "MESSAGE JSON\n{ \"message\" : \"CONNECT DATA 22\" }",
                "  CONNECT DATA 20001 MESG 20002\n",
                "xCONNECT DATA 20001 MESG 20002\n",
                "connect DATA 20001 MESG 20002\n",
                "CONNECTED DATA 20001 MESG 20002\n",
                "OPTIONS CONNECT DATA 20001 MESG 20002\n"
            })
    void shouldFindNoAnnouncementWhereThereIsNone(final String body) {
        assertEquals(Refusal.NONE, parse(body));
        assertFalse(parser.announces());
        assertEquals(0, parser.count());
    }

    @Test
    void shouldRefuseAnAnnouncementOfAServiceWithoutStreams() {
        for (final Service service : Service.values()) {
            if (!StreamLists.hasStreams(service)) {
                assertEquals(Refusal.NO_STREAMS, parse(LINE, service, BOTH));
            }
        }
    }

    @Test
    void shouldHoldToTheRequestsTraits() {
        assertEquals(Refusal.FEATURE, parse(LINE, Service.SENDBACKUP, RequestParser.INDEX_POSSIBLE));
        assertEquals(Refusal.FEATURE, parse(LINE, Service.SENDBACKUP, RequestParser.STATE_POSSIBLE));
        assertEquals(
                Refusal.NONE,
                parse(
                        "CONNECT DATA 2000 MESG 2001 INDEX -1 STATE 2002\n",
                        Service.SENDBACKUP,
                        RequestParser.STATE_POSSIBLE));
        assertEquals(
                Refusal.NONE,
                parse("CONNECT DATA 2000 MESG 2001 INDEX 2002\n", Service.SENDBACKUP, RequestParser.INDEX_POSSIBLE));
        assertEquals(
                Refusal.FEATURE,
                parse("CONNECT CTL 2000 DATA 2001 STATE 2002\n", Service.AMIDXTAPED, RequestParser.INDEX_POSSIBLE));
    }

    @Test
    @BadInput(65)
    void input65ShouldRefuseTwoLines() {
        assertEquals(Refusal.REPEATED, parse(LINE + LINE));
        assertEquals(Refusal.REPEATED, parse("CONNECT\n" + LINE));
        assertEquals(Refusal.REPEATED, parse(LINE + "OPTIONS ;\nCONNECT"));
    }

    @Test
    @BadInput(66)
    void input66ShouldRefuseALineAfterOtherText() {
        assertEquals(Refusal.MISPLACED, parse("x".repeat(30_000) + "\n" + LINE));
        assertEquals(Refusal.MISPLACED, parse("\n" + LINE));
        assertEquals(Refusal.NONE, parse("SECURITY MUTUAL-AUTH x\nOPTIONS ;\n" + LINE));
    }

    @Test
    @BadInput(67)
    void input67ShouldWantTheLineEnd() {
        assertEquals(Refusal.UNTERMINATED, parse(LINE.substring(0, LINE.length() - 1)));
        assertEquals(Refusal.UNTERMINATED, parse("CONNECT DATA 20071 MESG 2007"));
    }

    @ParameterizedTest
    @BadInput(67)
    @CsvSource(
            delimiter = '|',
            value = {
                "CONNECT DATA 2000 MESG 2001\\r\\n|NUMBER",
                "CONNECT\\tDATA 2000 MESG 2001\\n|SYNTAX",
                "CONNECT DATA\\t2000 MESG 2001\\n|STREAM_LIST",
                "CONNECT  DATA 2000 MESG 2001\\n|SYNTAX",
                "CONNECT DATA  2000 MESG 2001\\n|SYNTAX",
                "CONNECT DATA 2000  MESG 2001\\n|SYNTAX",
                "CONNECT DATA 2000 MESG 2001 \\n|SYNTAX",
                "CONNECT \\n|SYNTAX",
                "CONNECT\\n|SYNTAX",
                "CONNECT:DATA 2000 MESG 2001\\n|SYNTAX",
                "CONNECT DATA 2000 MESG 2001\\n\\0|NUL",
                "\\0CONNECT DATA 2000 MESG 2001\\nOPTIONS\\n|NONE"
            })
    void input67ShouldWantSingleSpacesAndPlainLines(final String body, final Refusal refusal) {
        assertEquals(refusal, parse(new String(Example.unescaped(body), StandardCharsets.ISO_8859_1)));
        assertEquals(0, parser.count());
    }

    @ParameterizedTest
    @BadInput(68)
    @CsvSource({
        "0, PORT",
        "1, PORT",
        "1023, PORT",
        "1024, NONE",
        "10079, NONE",
        "10080, PORT",
        "10083, PORT",
        "10084, NONE",
        "65535, NONE",
        "65536, PORT",
        "65558, PORT",
        "99999, PORT",
        "399999, PORT",
        "400000, HANDLE",
        "499999, HANDLE",
        "500000, PORT",
        "999999, PORT",
        "1000000, NUMBER",
        "18446744073709551638, NUMBER",
        "00022, NUMBER",
        "02000, NUMBER",
        "00, NUMBER",
        "+2000, NUMBER",
        "-2, NUMBER",
        "-10, NUMBER",
        "-, NUMBER",
        "0x16, NUMBER",
        "2000x, NUMBER",
        "2000., NUMBER",
        "22x, NUMBER",
        "+22, NUMBER",
        "-1, NONE"
    })
    void input68ShouldReadNumbersStrictly(final String number, final Refusal refusal) {
        assertEquals(refusal, parse("CONNECT DATA " + number + " MESG 3001 INDEX 3002\n"));
    }

    @Test
    @BadInput(68)
    void input68ShouldRefuseFullWidthDigits() {
        final String fullWidth = new String("２２２２".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertEquals(Refusal.NUMBER, parse("CONNECT DATA " + fullWidth + " MESG 3001\n"));
        assertEquals(Refusal.NUMBER, parse("CONNECT DATA " + fullWidth.substring(0, 6) + " MESG 3001\n"));
    }

    @ParameterizedTest
    @BadInput(69)
    @CsvSource({
        "CONNECT DATA 2000 MESG 2000, DUPLICATE",
        "CONNECT DATA 2000 MESG 499999 INDEX 499999, DUPLICATE",
        "CONNECT DATA 2000 DATA 2001, STREAM_LIST",
        "CONNECT DATA 1 DATA 2, PORT",
        "CONNECT MESG 2000 DATA 2001, STREAM_LIST",
        "CONNECT DATA 2000 MESG 2001 EVIL 2002, STREAM_LIST",
        "CONNECT DATA 2000 MESG 2001 STATE 2002, STREAM_LIST",
        "CONNECT DATA 2000, STREAM_LIST",
        "CONNECT DATA 2000 MESG, SYNTAX",
        "CONNECT DATA 2000 MESG 2001 INDEX, SYNTAX",
        "CONNECT DATA, SYNTAX",
        "CONNECT 2000, SYNTAX",
        "CONNECT DATA 2000 MESG 2001 INDEX 2002 STATE 2003 CMD 2004 DATA 2005, STREAM_LIST",
        "CONNECT METADATA 2000 XMESG 2001, STREAM_LIST",
        "CONNECT Data 2000 Mesg 2001, STREAM_LIST",
        "CONNECT LEGACY 2000 STATIC 2001, STREAM_LIST"
    })
    void input69ShouldWantOneOfTheLists(final String line, final Refusal refusal) {
        assertEquals(refusal, parse(line + "\n"));
    }

    @Test
    @BadInput(69)
    void input69ShouldSurviveTwoHundredNames() {
        final StringBuilder line = new StringBuilder("CONNECT");
        for (int i = 0; i < 200; i++) {
            line.append(" DATA ").append(2000 + i);
        }
        assertEquals(Refusal.STREAM_LIST, parse(line + "\n"));
    }

    @ParameterizedTest
    @BadInput(70)
    @ValueSource(strings = {"ERROR x\n%s", "%sERROR x\n", "%sERROR", "RETRY delay 1\n%s", "OPTIONS ;\nERRORS\n%s"})
    void input70ShouldRefuseErrorsAround(final String frame) {
        assertEquals(Refusal.ERROR_LINE, parse(frame.replace("%s", LINE)));
    }

    @Test
    @BadInput(70)
    void input70ShouldRefuseKencrypt() {
        assertEquals(Refusal.MISPLACED, parse("KENCRYPT\n" + LINE));
    }

    /** Whatever the bytes are: no exception, nothing read outside, and nothing announced that is no port. */
    @Test
    void shouldSurviveAnyMutation() {
        final long seed = 4711;
        final SplittableRandom random = new SplittableRandom(seed);
        final String alphabet = "CONNECT DATA MESG INDEX STATE -1 50081\n\0\r\tERROR499999";
        for (int round = 0; round < 200_000; round++) {
            final StringBuilder body = new StringBuilder(LINE + "OPTIONS ;\n");
            for (int change = random.nextInt(4); change >= 0; change--) {
                final int at = random.nextInt(body.length());
                switch (random.nextInt(3)) {
                    case 0 -> body.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    case 1 -> body.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                    default -> body.deleteCharAt(at);
                }
            }
            final Refusal refusal = parse(body.toString());
            for (int i = 0; i < parser.count(); i++) {
                final int number = parser.number(i);
                assertEquals(Refusal.NONE, refusal, () -> "seed " + seed);
                assertTrue(
                        number == -1
                                || (number >= 1024 && number <= 65_535)
                                || (number >= 400_000 && !parser.hasPort(i)),
                        () -> "seed " + seed + ": " + body);
            }
        }
    }
}
