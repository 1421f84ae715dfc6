package org.amverdict.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.amverdict.control.ControlServer.Limits;
import org.junit.jupiter.api.Test;

/** The page on security has the limits that the control socket has. */
final class ControlLimitsTest {
    private static void assertRow(final String name, final long value) throws IOException {
        final String page = Files.readString(Path.of("docs/security.md"));
        assertTrue(
                page.lines()
                        .anyMatch(line -> line.startsWith("| " + name + " | ") && line.endsWith(" | " + value + " |")),
                name + ": " + value);
    }

    @Test
    void shouldBeWhatThePageSays() throws IOException {
        final Limits limits = Limits.USUAL;

        assertRow("Connections", limits.connections());
        assertRow("Bytes of a request", limits.lineBytes());
        assertRow("Seconds for a request", TimeUnit.NANOSECONDS.toSeconds(limits.idleNanos()));
        assertRow("Seconds for an answer", TimeUnit.NANOSECONDS.toSeconds(limits.stalledNanos()));
        assertRow("Seconds of rest between two requests", TimeUnit.NANOSECONDS.toSeconds(limits.idleNanos()));
        assertRow("Bytes read after the end and thrown away", Connection.WATCHER_BYTES_MAX);
    }
}
