package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunCommandTest {
    @ParameterizedTest
    @CsvSource({
        "run --log-format json, true",
        "run --log-format=JSON, true",
        "run -c json --log-format text, false",
        "run --nope --log-format json, true",
        "replay --log-format json, false",
        "run --log-format, false",
    })
    void shouldSeeThatJsonIsWantedBeforeTheCommandLineIsRead(final String words, final boolean json) {
        assertEquals(json, RunCommand.wantsJson(words.split(" ", -1)));
    }

    @Test
    void shouldNotStumbleOverAnEmptyCommandLine() {
        assertFalse(RunCommand.wantsJson());
    }
}
