package org.amverdict.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole control exchanges, good and bad, from bytes to verdicts and to the ports that can be connected to afterwards. */
final class ExchangesTest {
    private static final int LEAST = 60;

    static Stream<ExchangeScript> exchanges() {
        return ExchangeScript.all().stream();
    }

    @ParameterizedTest
    @MethodSource("exchanges")
    void shouldJudgeEveryPacketAndOpenNothingElse(final ExchangeScript exchange) {
        new ExchangePlayer(exchange).play();
    }

    @Test
    void shouldHaveThemAllUnderNamesOfTheirOwn() {
        final List<String> titles =
                ExchangeScript.all().stream().map(ExchangeScript::title).toList();
        assertTrue(titles.size() >= LEAST, titles.size() + " exchanges");
        assertEquals(titles.size(), new HashSet<>(titles).size());
    }
}
