package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Amanda writes the ports 50000 to 50100 as 50000,50100, which is two ports here: every key that reads ports says so. */
final class PortNotationTest {
    private static final String LINE = "allow: [{requesters: 192.0.2.10, responders: 198.51.100.7, services: noop";

    private static List<ConfigurationProblem> warnings(final String yaml) throws ConfigurationException {
        return SettingsLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "a.yaml").warnings().stream()
                .filter(warning -> warning.message().contains("Amanda writes a range like this"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + ", stream-ports: \"50000,50100\"}]",
                LINE + ", stream-ports: [\"50000, 50100\"]}]",
                LINE + ", stream-ports: [50000, 50100]}]",
                LINE + ", stream-ports: [\"50000,50100\", 51000-51010]}]",
                LINE + "}]\nstatic: [{from: 192.0.2.10, to: 198.51.100.7, tcp: \"50000,50100\"}]",
                LINE + "}]\ncontrol-ports: 50000,50100",
                LINE + "}]\nrequester-ports: 700,710",
                LINE + "}]\nrequester-ports: [512, 1023]",
            })
    void shouldWarnWithTheRightNotation(final String yaml) throws ConfigurationException {
        final List<ConfigurationProblem> warnings = warnings(yaml);

        assertEquals(1, warnings.size(), warnings.toString());
        assertTrue(
                warnings.get(0).message().matches(".*here it is (50000-50100|700-710|512-1023)"),
                warnings.get(0).message());
        assertTrue(warnings.get(0).line() > 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE + ", stream-ports: 50000-50100}]",
                LINE + ", stream-ports: [50000, 50001]}]",
                LINE + ", stream-ports: \"50000,50100,50200\"}]",
                LINE + "}]\nstatic: [{from: 192.0.2.10, to: 198.51.100.7, tcp: [2049, 20048]}]",
                LINE + "}]\nstatic: [{from: 192.0.2.10, to: 198.51.100.7, tcp: \"22,443\"}]",
                LINE + "}]\ncontrol-ports: [10080, 20080]",
            })
    void shouldNotWarnOfPortsThatWereMeant(final String yaml) throws ConfigurationException {
        assertEquals(List.of(), warnings(yaml));
    }

    @Test
    void shouldSpeakOfTheModeThatIsSet() throws ConfigurationException {
        for (final String mode : new String[] {"monitor", "enforce"}) {
            final List<ConfigurationProblem> warnings = SettingsLoader.read(
                            ("mode: " + mode).getBytes(StandardCharsets.UTF_8), "a.yaml")
                    .warnings();

            assertEquals(1, warnings.size(), warnings.toString());
            assertEquals(mode.equals("monitor"), warnings.get(0).message().contains("enforce mode would drop"), mode);
        }
    }
}
