package org.amverdict.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is read from the generator's output. */
class GeneratorValuesTest {
    @Test
    void shouldReadTheValuesAmongOtherLines() throws IOException {
        assertEquals(
                Map.of("generator_sent", 1.25e7, "p99_us", 12.5, "max_us", Double.NaN),
                FloodMeasurement.parseValues("ready\nvalues generator_sent 1.25E7 p99_us 12.5 max_us NaN\nbye"));
    }

    @Test
    void shouldInsistOnThem() {
        assertThrows(IOException.class, () -> FloodMeasurement.parseValues("ready\n"));
        assertThrows(IOException.class, () -> FloodMeasurement.parseValues("ready\nvalues\n"));
    }
}
