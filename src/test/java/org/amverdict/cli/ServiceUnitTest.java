package org.amverdict.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the package that are not made by the build. */
class ServiceUnitTest {
    private static final Path PACKAGE = Path.of("main/package").toAbsolutePath();
    private static final double EXPOSURE_MAX = 2.0;

    @TempDir
    Path directory;

    /** The unit with paths that this machine has too, for systemd looks whether they are there. */
    private Path unit() throws IOException {
        return unit("amverdict.service");
    }

    private Path unit(final String name) throws IOException {
        final String text = Files.readString(PACKAGE.resolve(name));
        return Files.writeString(
                directory.resolve(name),
                text.replace("/usr/bin/amverdict", "/bin/true").replaceAll("(?m)^Documentation=.*\n", ""));
    }

    @Test
    void shouldGiveSystemdNothingToComplainOf() throws IOException, InterruptedException {
        assumeTrue(Shells.has("systemd-analyze", "--version"), "skipped: no systemd-analyze");

        assertEquals("", Shells.errors("systemd-analyze", "verify", unit().toString()));
        assertEquals(
                "",
                Shells.errors(
                        "systemd-analyze",
                        "verify",
                        unit("amverdict-rules.service").toString()));
    }

    @Test
    void shouldLoadTheRulesBeforeTheNetworkAndAfterTheHostsOwn() throws IOException {
        final List<String> lines = Files.readAllLines(PACKAGE.resolve("amverdict-rules.service"));

        assertTrue(lines.contains("Before=network-pre.target shutdown.target"));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("After=") && line.contains("nftables.service")));
        assertTrue(lines.contains("ExecStart=/usr/bin/amverdict rules --apply"));
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("ExecStop")), "a stop leaves no hole");
    }

    @Test
    void shouldBeExposedNoMoreThanStated() throws IOException, InterruptedException {
        assumeTrue(Shells.has("systemd-analyze", "--version"), "skipped: no systemd-analyze");
        final String said =
                Shells.errors("systemd-analyze", "security", "--no-pager", "--offline=true", unit().toString());
        final Matcher exposure = Pattern.compile("exposure level for amverdict.service: ([0-9.]+)")
                .matcher(said);

        assertTrue(exposure.find(), said);
        assertTrue(Double.parseDouble(exposure.group(1)) <= EXPOSURE_MAX, exposure.group());
    }

    /** JIT compilers write code and run it; one capability is all that a queue wants. */
    @Test
    void shouldAskForNoMoreAndNoLessThanTheProgramNeeds() throws IOException {
        final List<String> lines = Files.readAllLines(PACKAGE.resolve("amverdict.service"));

        assertTrue(lines.contains("Type=notify"));
        assertTrue(lines.contains("CapabilityBoundingSet=CAP_NET_ADMIN"));
        assertTrue(lines.contains("AmbientCapabilities=CAP_NET_ADMIN"));
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("MemoryDenyWriteExecute=")));
    }

    @Test
    void shouldShipAConfigurationThatDropsNothing() throws ConfigurationException {
        final Settings settings = SettingsLoader.load(PACKAGE.resolve("etc/amverdict.yaml"));

        assertEquals(Settings.Mode.MONITOR, settings.mode());
        assertEquals(List.of(), settings.allow());
    }

    /** What is commented out is meant to be used. */
    @Test
    void shouldShipAnExampleThatIsValid() throws IOException, ConfigurationException {
        final String text = Files.readString(PACKAGE.resolve("etc/amverdict.yaml"));
        final String used = text.replace("allow: []\n", "").replaceAll("(?m)^# (allow:|  )", "$1");

        assertEquals(2, SettingsLoader.load(used, "example").allow().size());
    }
}
