package org.amverdict.init;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.packet.IpAddress;
import org.amverdict.policy.HostSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From what Amanda's amadmin printed, and from disk lists, to a configuration that the program reads. */
final class DraftingTest {
    private static final Map<String, String> HOSTS = Map.of(
            "server", "192.0.2.10 2001:db8::10",
            "client1", "198.51.100.1 2001:db8:1::1",
            "client2.example.org", "198.51.100.2",
            "client5", "198.51.100.5",
            "localhost", "127.0.0.1 ::1",
            "alias", "198.51.100.1",
            "2001:db8::7", "2001:db8::7");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path directory;

    /** A server with a route to everything. */
    private static final class Lan implements Neighborhood {
        @Override
        public Map<String, List<IpAddress>> lookUp(final Set<String> names) {
            final Map<String, List<IpAddress>> found = new LinkedHashMap<>();
            names.forEach(name -> found.put(name, addresses(HOSTS.getOrDefault(name, name))));
            return found;
        }

        private static List<IpAddress> addresses(final String text) {
            return List.of(text.split(" ", -1)).stream()
                    .map(IpAddress::parse)
                    .filter(java.util.Objects::nonNull)
                    .toList();
        }

        @Override
        public @Nullable IpAddress sourceTowards(final IpAddress address) {
            return IpAddress.parse(address.isIpv4() ? "192.0.2.10" : "2001:db8::10");
        }

        @Override
        public String ownName() {
            return "server";
        }
    }

    private static Draft draft(final List<DiskEntry> entries, final String auth, final String... servers)
            throws InterruptedException {
        return new Drafting(new Lan(), auth)
                .draft(new Source("a test", "daily", entries), List.of(servers), Kept.NOTHING);
    }

    private static List<DiskEntry> printed() throws IOException {
        try (InputStream in = DraftingTest.class.getResourceAsStream("/init/amadmin-3.5.1.txt")) {
            return AdminOutput.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static String notes(final Draft draft) {
        return String.join("\n", draft.notes());
    }

    @Test
    void shouldReadWhatAmadminPrints() throws IOException {
        assertEquals(
                List.of(
                        new DiskEntry("client1", "bsd", "", false),
                        new DiskEntry("client3", "ssh", "", false),
                        new DiskEntry("client4", "bsdtcp", "", false),
                        new DiskEntry("localhost", "bsd", "", false),
                        new DiskEntry("2001:db8::7", "bsd", "", false),
                        new DiskEntry("client5", "local", "", false)),
                printed());
        assertEquals(
                List.of(new DiskEntry("old", "bsd", "10080", true)),
                AdminOutput.read("line 1:\n    host old:\n\tauth BSD\n\tclient-port 10080\n\tignore YES\n"));
        assertEquals(List.of(), AdminOutput.read(""));
    }

    @Test
    void shouldWriteAddressesWithNamesNextToThem() throws Exception {
        final Draft draft = draft(printed(), "");
        final Settings settings = SettingsLoader.load(draft.yaml(), "init.yaml");

        assertEquals(List.of(), settings.warnings());
        assertEquals(Settings.Mode.MONITOR, settings.mode());
        assertEquals(2, settings.allow().size());
        assertEquals(
                HostSet.of("192.0.2.10", "2001:db8::10"),
                settings.allow().get(0).requesters());
        assertEquals(
                HostSet.of("198.51.100.1", "2001:db8:1::1", "2001:db8::7"),
                settings.allow().get(0).responders());
        assertEquals(
                settings.allow().get(0).responders(), settings.allow().get(1).requesters());
        assertEquals(
                settings.allow().get(0).requesters(), settings.allow().get(1).responders());
        assertTrue(draft.yaml().contains("      - 198.51.100.1                    # client1\n"), draft.yaml());
        assertTrue(draft.yaml().startsWith("# yaml-language-server: $schema="), draft.yaml());
        assertTrue(draft.complete());
        assertEquals(2, draft.clients());
    }

    @Test
    void shouldNameWhatItLeavesOut() throws Exception {
        final String notes = notes(draft(printed(), ""));

        assertTrue(notes.contains("since auth ssh needs none of this: client3"), notes);
        assertTrue(notes.contains("since auth bsdtcp needs none of this: client4"), notes);
        assertTrue(notes.contains("since auth local needs none of this: client5"), notes);
        assertTrue(notes.contains("the Amanda server itself, whose traffic stays on the host: localhost"), notes);
    }

    @Test
    void shouldKeepAHostOfWhichOneDiskNeedsIt() throws Exception {
        final Draft draft = draft(
                List.of(
                        new DiskEntry("client1", "bsdtcp", "", false),
                        new DiskEntry("client1", "BSDUDP", "", false),
                        new DiskEntry("client5", "bsd", "", true)),
                "");

        assertEquals(1, draft.clients());
        assertEquals(List.of("left out, since Amanda ignores them: client5"), draft.notes());
    }

    @Test
    void shouldSayThatANameHasNoAddress() throws Exception {
        final Draft draft = draft(
                List.of(
                        new DiskEntry("nowhere", "bsd", "", false),
                        new DiskEntry("client1", "bsd", "", false),
                        new DiskEntry("bad name\u001b[2J", "bsd", "", false)),
                "");

        assertFalse(draft.complete());
        assertEquals(1, draft.clients());
        assertTrue(notes(draft).contains("no address found: nowhere"), notes(draft));
        assertFalse(notes(draft).contains("\u001b"));
        assertFalse(draft.yaml().contains("\u001b"));
    }

    @Test
    void shouldTakeOverOtherControlPorts() throws Exception {
        final Draft draft = draft(List.of(new DiskEntry("client1", "bsd", "10090", false)), "");

        assertTrue(SettingsLoader.load(draft.yaml(), "init.yaml").controlPorts().contains(10_090), draft.yaml());
        assertTrue(SettingsLoader.load(draft.yaml(), "init.yaml").controlPorts().contains(10_080));
        assertFalse(draft(List.of(new DiskEntry("client1", "bsd", "special", false)), "")
                .complete());
    }

    @Test
    void shouldAcceptTwoNamesOfOneHost() throws Exception {
        final Draft draft = draft(
                List.of(new DiskEntry("client1", "bsd", "", false), new DiskEntry("alias", "bsd", "", false)), "");

        assertEquals(2, SettingsLoader.load(draft.yaml(), "init.yaml").allow().size());
    }

    private Draft replacing(final String old) throws Exception {
        final Path file = directory.resolve("amverdict.yaml");
        Files.writeString(file, old);
        return new Drafting(new Lan(), "")
                .draft(
                        new Source("a test", "", List.of(new DiskEntry("client1", "bsd", "10090", false))),
                        List.of(),
                        Kept.of(file));
    }

    /** The package's file allows nothing, and gives the control socket to a group. */
    @Test
    void shouldKeepWhatThePackageSets() throws Exception {
        final Draft draft = replacing(Files.readString(Path.of("main/package/etc/amverdict.yaml")));
        final Settings settings = SettingsLoader.load(draft.yaml(), "init.yaml");

        assertEquals("amverdict-control", settings.control().group());
        assertTrue(notes(draft).contains("amverdict.yaml: control"), notes(draft));
        assertTrue(draft.yaml().contains("control: {group: \"amverdict-control\"}\n"), draft.yaml());
        assertEquals(1, draft.yaml().split("\nqueues:", -1).length - 1, draft.yaml());
    }

    @Test
    void shouldKeepEverySettingButModeAndAllow() throws Exception {
        final String old = """
                mode: enforce
                queues: [{numbers: 20-21}]
                control-ports: [10080, 10070]
                metrics: {listen: "127.0.0.1:9999"}
                events: {file: /srv/events.json}
                static: [{from: 192.0.2.10, to: 198.51.100.1, tcp: 6000-6010}]
                published: [{public: 203.0.113.5, host: 198.51.100.1}]
                flows: {idle: 3h}
                allow: [{requesters: 192.0.2.99, responders: 198.51.100.9, services: noop}]
                """;
        final Settings before = SettingsLoader.load(old, "old.yaml");
        final Draft draft = replacing(old);
        final Settings after = SettingsLoader.load(draft.yaml(), "init.yaml");

        assertEquals(
                Set.of("mode", "allow", "control-ports"),
                after.differencesFrom(before).keySet(),
                draft.yaml());
        assertEquals(Settings.Mode.MONITOR, after.mode());
        for (final int port : new int[] {10_070, 10_080, 10_090}) {
            assertTrue(after.controlPorts().contains(port), draft.yaml());
        }
        assertFalse(draft.yaml().contains("192.0.2.99"), draft.yaml());
    }

    @Test
    void shouldWriteNothingWhenNothingNeedsIt() throws Exception {
        final Draft draft = draft(List.of(new DiskEntry("client1", "bsdtcp", "", false)), "");

        assertEquals("", draft.yaml());
        assertTrue(notes(draft).contains("no host is left"), notes(draft));
    }

    @Test
    void shouldReadADiskList() throws IOException, InterruptedException, ConfigurationException {
        final Path list = directory.resolve("disklist");
        Files.writeString(list, """
                # of the night
                client1 /home bsd-gnutar
                client1 "/with \\"quotes\\" # and more" nocomp-user 1 local  # comment
                client2.example.org / {
                  nocomp-root
                  auth "bsdtcp"   # not ours
                } 2
                includefile "more"
                client5 /srv /dev/sdb {
                  user-tar
                  ignore
                }
                """);
        Files.writeString(directory.resolve("more"), """
                2001:db8::7 / {
                 auth "bsd"
                 client-port "10090"
                }
                includefile "disklist"
                half
                """);

        final Source source = Source.ofDisklist(list);

        assertEquals(
                List.of(
                        new DiskEntry("client1", "", "", false),
                        new DiskEntry("client1", "", "", false),
                        new DiskEntry("client2.example.org", "bsdtcp", "", false),
                        new DiskEntry("client5", "", "", true),
                        new DiskEntry("2001:db8::7", "bsd", "10090", false)),
                source.entries());
        final Draft unsure = draft(source.entries(), "", "192.0.2.99");
        assertTrue(notes(unsure).contains("their auth is not in this file, so they are in: client1"), notes(unsure));
        assertEquals(
                HostSet.of("192.0.2.99"),
                SettingsLoader.load(unsure.yaml(), "init.yaml").allow().get(0).requesters());
        final Draft sure = draft(source.entries(), "bsdtcp", "192.0.2.99");
        assertEquals(1, sure.clients());
    }

    @Test
    void shouldNameAFileThatCannotBeRead() {
        final IOException missing = assertThrows(IOException.class, () -> Source.ofDisklist(directory.resolve("none")));

        assertTrue(String.valueOf(missing.getMessage()).contains("none: no such file"), missing.getMessage());
        assertThrows(IOException.class, () -> Source.ofAmanda("-o x"));
    }
}
