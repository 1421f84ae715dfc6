package org.amverdict.amanda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestParserTest {
    private static final int BOTH = RequestParser.STATE_POSSIBLE | RequestParser.INDEX_POSSIBLE;
    private static final String HEAD = "SECURITY USER amandabackup\nSERVICE sendbackup\n";
    /** Of Amanda 3.5.1: has the bits 117, 118 and 121. */
    private static final String NEW = "ffffffff9efefbfffffffffffffff3fffbf71f";
    /** Of Amanda 3.3: has none of them. */
    private static final String OLD = "ffffffff9ffeffffffff00";

    private final RequestParser parser = new RequestParser();

    private boolean parse(final String body, final boolean complete) {
        final byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        final ByteBuf buffer = Unpooled.wrappedBuffer(
                new byte[] {'S', '\n'}, bytes, "\nOPTIONS ;\n".getBytes(StandardCharsets.US_ASCII));
        return parser.parse(buffer, 2, bytes.length, complete);
    }

    private boolean parse(final String body) {
        return parse(body, true);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void shouldKnowEveryService(final Service service) {
        assertTrue(parse("SECURITY USER x\nSERVICE " + service.label() + "\nOPTIONS ;\n"));
        assertEquals(service, parser.service());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "SECURITY USER x\n",
                "SECURITY USER x\nSERVICE sendbackup",
                "SECURITY USER \nSERVICE sendbackup\n",
                "SECURITY USER\nSERVICE sendbackup\n",
                "SECURITY USER x\nSERVICE \n",
                "SECURITY USER x\n\nSERVICE sendbackup\n",
                "\nSECURITY USER x\nSERVICE sendbackup\n",
                "SERVICE sendbackup\nSECURITY USER x\n",
                "SECURITY TICKET x\nSERVICE sendbackup\n",
                "SECURITY USER x\nSERVICE Sendbackup\n",
                "SECURITY USER x\nSERVICE sendbackup \n",
                "SECURITY USER x\nSERVICE sendbackup2\n",
                "SECURITY USER x\nSERVICE ../../bin/sh\n",
                "SECURITY USER x\r\nSERVICE sendbackup\n",
                "SECURITY USER x\u001b[2J\nSERVICE sendbackup\n",
                "SECURITY USER x CONNECT DATA 22\nSERVICE sendbackup\n",
                "SECURITY USER CONNECT\nSERVICE sendbackup\n",
                "SECURITY USER x\nSERVICE CONNECT DATA 22 MESG 23\n",
                "SECURITY USER x\0\nSERVICE sendbackup\n",
                "SECURITY USER x\nSERVICE sendbackup\nOPTIONS ;\n\0"
            })
    void shouldRefuseABadOrHostileBody(final String body) {
        assertFalse(parse(body));
        assertNull(parser.service());
    }

    @Test
    void shouldTakeAConnectThatIsNoWordOfTheFirstTwoLines() {
        assertTrue(parse("SECURITY USER CONNECTED\nSERVICE sendbackup\nOPTIONS CONNECT DATA 22\n"));
    }

    @Test
    void shouldReadNoFurtherThanTheDatagram() {
        assertFalse(parse("SECURITY USER x\nSERVICE sendback"));
        assertFalse(parse("SECURITY USER x\nSERVICE sendbackup"), "the line end is not part of it");
    }

    @Test
    void shouldReadTheStateFeatureOfEachService() {
        assertTrue(parse(HEAD + "OPTIONS features=" + NEW + ";\n"));
        assertEquals(BOTH, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS maxdumps=1;features=" + OLD + ";\n"));
        assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits());
        for (final String service : new String[] {"amidxtaped", "restore"}) {
            assertTrue(parse("SECURITY USER x\nSERVICE " + service + "\nOPTIONS features=" + OLD + ";\n"));
            assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits(), service);
            assertTrue(parse("SECURITY USER x\nSERVICE " + service + "\nOPTIONS features=" + NEW + ";\n"));
            assertEquals(BOTH, parser.traits(), service);
        }
    }

    @Test
    void shouldFindExactlyTheFeaturesBit() {
        // Byte 14 holds the features 112 to 119; 117 is its bit 5.
        assertTrue(parse(HEAD + "OPTIONS features=" + "00".repeat(14) + "20;\n"));
        assertEquals(BOTH, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + "ff".repeat(14) + "dfff;\n"));
        assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + "ff".repeat(14) + "2;\n"), "half a byte");
        assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + "ff".repeat(14) + "xx;\n"));
        assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "OPTIONS ;\n", "OPTIONS hostname=h;\n", "OPTIONS ", "GNUTAR /home\n"})
    void shouldExcludeNothingWithoutFeatures(final String rest) {
        assertTrue(parse(HEAD + rest));
        assertEquals(BOTH, parser.traits());
    }

    @Test
    void shouldExcludeAnIndexThatTheXmlDoesNotAskFor() {
        final String options = "OPTIONS features=" + NEW + ";\n";
        assertTrue(parse(HEAD + options + "<dle>\n  <index>YES</index>\n</dle>\n"));
        assertEquals(BOTH, parser.traits());
        assertTrue(parse(HEAD + options + "<dle>\n</dle>\n"));
        assertEquals(RequestParser.STATE_POSSIBLE, parser.traits());
        assertTrue(parse(HEAD + options + "GNUTAR /home 0 1970:1:1:0:0:0 OPTIONS |;\n"));
        assertEquals(BOTH, parser.traits(), "before XML");
    }

    @Test
    void shouldExcludeNothingThatALaterFragmentMayHold() {
        final String options = "OPTIONS features=" + NEW + ";\n";
        assertTrue(parse(HEAD + options + "<dle>\n", false));
        assertEquals(BOTH, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + OLD, false));
        assertEquals(BOTH, parser.traits());
    }

    @Test
    void shouldBoundWhatItReads() {
        assertTrue(parse("SECURITY USER " + "x".repeat(1010) + "\nSERVICE noop\nOPTIONS ;\n"));
        assertFalse(parse("SECURITY USER " + "x".repeat(1011) + "\nSERVICE noop\nOPTIONS ;\n"));
        assertTrue(parse(HEAD + "OPTIONS " + "x;".repeat(63) + "features=" + OLD + ";\n"));
        assertEquals(RequestParser.INDEX_POSSIBLE, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS " + "x;".repeat(64) + "features=" + OLD + ";\n"));
        assertEquals(BOTH, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + NEW + ";\n<dle>" + "<x>".repeat(4095)));
        assertEquals(RequestParser.STATE_POSSIBLE, parser.traits());
        assertTrue(parse(HEAD + "OPTIONS features=" + NEW + ";\n<dle>" + "<x>".repeat(4096)));
        assertEquals(BOTH, parser.traits());
    }

    @Test
    void shouldReadTheRequestsOfTheExamples() {
        for (final Example example : Example.all()) {
            if (example.udp() && example.sentByRequester() && example.reason().equals("request")) {
                final int body = example.text().indexOf('\n') + 1;
                assertTrue(parse(example.text().substring(body)), example.id());
                assertEquals(Service.ofLabel(example.service()), parser.service());
            }
        }
    }
}
