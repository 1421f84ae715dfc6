package org.amverdict.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/** The last line of the demo is its exit status. */
class NarratorTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final Narrator narrator = new Narrator(new PrintStream(said, true, UTF_8), false);

    @Test
    void shouldSayThatAllWentWell() {
        narrator.trial("a", "accepted", "accepted");
        assertTrue(narrator.summary(true));
        assertEquals("all 1 trials went as expected", lastLine());
    }

    @Test
    void shouldCountWhatWentWrong() {
        narrator.trial("a", "accepted", "accepted");
        narrator.trial("b", "accepted", "dropped");
        assertFalse(narrator.summary(true));
        assertEquals("1 of 2 trials went otherwise than expected", lastLine());
    }

    @Test
    void shouldNotCallADemoGoodThatDidNotEnd() {
        narrator.trial("a", "accepted", "accepted");
        assertFalse(narrator.summary(false));
        assertEquals("the demo did not run to its end; 0 of 1 trials went otherwise than expected", lastLine());
    }

    private String lastLine() {
        final String[] lines = said.toString(UTF_8).split("\n", -1);
        return lines[lines.length - 2]; // each line ends with a newline
    }
}
