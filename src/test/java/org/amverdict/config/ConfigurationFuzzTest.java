package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.amverdict.fuzz.LiveSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the file holds, it is either settings, which can be written and read back, or errors with their places. */
@ExtendWith(LiveSet.class)
final class ConfigurationFuzzTest {
    private static final String NAME = "amverdict.yaml";

    static Stream<byte[]> files() {
        return Stream.of(
                        SettingsLoaderTest.EXAMPLE,
                        Settings.defaults().toYaml(),
                        "mode: enfroce\nqueues: []\nallow: [{requesters: 192.0.2.300}]\n",
                        """
                        static:
                          - {from: 192.0.2.10, to: [198.51.100.0/24], tcp: [11000-11040, 12000]}
                        published: [{public: 203.0.113.5, control-port: 10080, host: 10.0.0.7}]
                        published-mask: 0xff0000
                        marks: {data: 0x10, control: 32, mask: 0xff}
                        """,
                        "a: &x {b: [*x, !!str c]}\n? [d]\n: |-\n  e\n...\n---\n",
                        "\ufeffmetrics: {listen: \"[::1]:0\"}\r\ncontrol: {socket: off}\u2028events: {file: /x}\r")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("files")
    @FuzzTest
    void configuration(final byte[] input) throws ConfigurationException {
        final SettingsFile read;
        try {
            read = SettingsLoader.read(input, NAME);
        } catch (final ConfigurationException e) {
            checkProblems(e.problems(), input);
            return;
        }
        checkProblems(read.warnings(), input);
        assertEquals(read.settings(), SettingsLoader.load(read.settings().toYaml(), NAME), "written and read back");
        read.settings().policy();
    }

    private static void checkProblems(final List<ConfigurationProblem> problems, final byte[] input) {
        final int lines = 1 + new String(input, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1).length;
        for (final ConfigurationProblem problem : problems) {
            final String shown = problem.format();
            assertTrue(shown.startsWith(NAME + ":"), shown);
            assertFalse(problem.message().isBlank(), shown);
            if (problem.line() == 0) {
                assertEquals(0, problem.column(), shown);
            } else {
                assertTrue(problem.line() <= lines && problem.column() >= 1, shown);
                assertTrue(
                        problem.column()
                                <= 1
                                        + problem.source()
                                                .codePointCount(
                                                        0, problem.source().length()),
                        shown);
            }
        }
    }
}
