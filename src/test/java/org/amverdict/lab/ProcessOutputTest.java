package org.amverdict.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProcessOutputTest {
    private static final long LONG_MILLIS = 20_000;

    private static Process shell(final String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script).start();
    }

    @Test
    void shouldFindALineOfEitherStream() throws IOException {
        final Process process = shell("echo one; echo two >&2; exec sleep 20");
        try {
            final ProcessOutput output = new ProcessOutput(process, 10);

            assertEquals(Optional.of("one"), output.await(line -> line.startsWith("o"), LONG_MILLIS));
            assertEquals(Optional.of("two"), output.await(line -> line.startsWith("t"), LONG_MILLIS));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldNotWaitForAProcessThatHasEndedAndKnowItsLastWord() throws IOException, InterruptedException {
        final Process process = shell("echo last");
        final ProcessOutput output = new ProcessOutput(process, 10);
        process.waitFor();

        assertEquals(Optional.empty(), output.await(line -> line.equals("ready"), LONG_MILLIS));
        assertEquals("last", output.text());
    }

    @Test
    void shouldGiveUpInTime() throws IOException {
        final Process process = shell("exec sleep 20");
        try {
            final long start = System.nanoTime();

            assertEquals(Optional.empty(), new ProcessOutput(process, 10).await(line -> true, 250));

            assertTrue(System.nanoTime() - start >= 200_000_000, "it waits");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldKeepTheLastLines() throws IOException, InterruptedException {
        final Process process = shell("for i in 1 2 3 4 5; do echo $i; done");
        final ProcessOutput output = new ProcessOutput(process, 3);
        process.waitFor();
        output.awaitEnd();

        assertEquals("3\n4\n5", output.text());
    }
}
