package org.amverdict.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page on security has the limits that the HTTP side has. */
final class HttpLimitsTest {
    private static void assertRow(final String name, final Object value) throws IOException {
        final String page = Files.readString(Path.of("docs/security.md"));
        assertTrue(page.contains("| " + name + " | " + value + " |"), name + ": " + value);
    }

    @Test
    void shouldBeWhatThePageSays() throws IOException {
        assertRow("Connections", HttpLoop.CONNECTIONS_MAX);
        assertRow("Bytes of a request", HttpConnection.HEAD_BYTES_MAX);
        assertRow("Header fields, parameters", HttpRequest.HEADERS_MAX + ", " + HttpRequest.PARAMETERS_MAX);
        assertRow("Seconds for a request", HttpConnection.State.ASKING.limitSeconds());
        assertRow("Seconds for an answer", HttpConnection.State.SENDING.limitSeconds());
        assertRow("Seconds of rest between two requests", HttpConnection.State.RESTING.limitSeconds());
        assertRow("Bytes of unsent answers, all clients", HttpLoop.OWED_BYTES_MAX);
        assertRow("Bytes read after the end and thrown away", HttpConnection.DISCARDED_BYTES_MAX);
    }
}
