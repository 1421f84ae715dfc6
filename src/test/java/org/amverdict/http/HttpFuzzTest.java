package org.amverdict.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.amverdict.telemetry.StatusPage;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a client sends, it is a request or is refused, and where the head ends does not depend on how it came in pieces.
 *
 * <p>Input: what the client sends.
 */
@ExtendWith(LiveSet.class)
final class HttpFuzzTest {
    static Stream<byte[]> requests() {
        return Stream.of(
                        "GET /metrics HTTP/1.1\r\nHost: fw:9897\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\r\n",
                        "HEAD /health HTTP/1.0\r\n\r\n",
                        "\r\nGET /status.json?x HTTP/1.1\nHost: [::1]\nConnection: close\n\n",
                        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
                        "GET http://127.0.0.1:9897/%6d HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                        "GET / HTTP/1.1\r\n folded: x\r\nx : y\r\n\r\n",
                        "GET / HTTP/2.0\r\n\r\n")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("requests")
    @FuzzTest
    void http(final byte[] input) {
        final ByteBuffer in = ByteBuffer.allocate(input.length).put(input);
        final int bytes = new HeadEnd().find(in);
        assertTrue(bytes >= 0 && bytes <= input.length);
        for (int i = input.length; i > 0; i = i * 7 / 8) {
            final HeadEnd inPieces = new HeadEnd();
            inPieces.find(in.duplicate().position(i / 2));
            final int sooner = inPieces.find(in.duplicate().position(i));
            assertEquals(bytes != 0 && i >= bytes ? bytes : 0, sooner, "after " + i + " bytes");
        }
        final byte[] head = Arrays.copyOf(input, bytes);
        try {
            final HttpRequest request = HttpRequest.parse(head);
            assertFalse(request.method().isEmpty());
            assertTrue(request.headers().size() <= 64);
            request.headers().forEach((name, value) -> {
                assertFalse(name.isEmpty() || name.indexOf(' ') >= 0, name);
                assertTrue(value.chars().noneMatch(c -> c == '\r' || c == '\n' || c == 0), value);
            });
            StatusPage.namesThisHost(request.header("host"));
        } catch (final HttpRequest.Refused e) {
            final String answer = StandardCharsets.ISO_8859_1
                    .decode(HttpAnswer.text(e.status(), String.valueOf(e.getMessage()))
                            .bytes(true))
                    .toString();
            assertTrue(answer.startsWith("HTTP/1.1 " + e.status() + " ") && !answer.contains("  "), answer);
        }
    }
}
