package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amverdict.track.TransactionTable;
import org.junit.jupiter.api.Test;

/** The list of keys against what the program writes out and what it takes when nothing is said. */
class SettingsKeyTest {
    private static final Path PAGE = Path.of("docs", "control.md");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern KEY = Pattern.compile("[a-z][a-z-]*(?=:(\\s|$))");
    /** Every section, and what is written only when it is set. */
    static final String EVERYTHING = """
            queues:
              - {numbers: 10, copy: headers, cpu: 1, wait: spin, gso: false}
            allow:
              - {name: x, requesters: 192.0.2.10, responders: 198.51.100.1, services: noop}
            static:
              - {from: 192.0.2.10, to: 198.51.100.1, tcp: 11000}
            published:
              - {public: 203.0.113.5, host: 198.51.100.1}
            marks: {data: 1, mesg: 2, index: 3, state: 4, ctl: 5, cmd: 6, control: 7, mask: 0xff}
            """;

    private static Settings load(final String yaml) throws ConfigurationException {
        return SettingsLoader.load(yaml, "test");
    }

    @Test
    void shouldListExactlyTheKeysOfAWrittenConfiguration() throws ConfigurationException {
        final Set<String> written = new TreeSet<>();
        final Matcher key = KEY.matcher(load(EVERYTHING).toYaml());
        while (key.find()) {
            written.add(key.group());
        }

        assertEquals(
                new TreeSet<>(SettingsKeys.ALL.stream().map(SettingsKey::name).toList()), written);
    }

    @Test
    void shouldListEachKeyOnceAndEachSectionsOwnKey() {
        final Set<String> paths = new HashSet<>();
        for (final SettingsKey<?> key : SettingsKeys.ALL) {
            assertTrue(key.section().isEmpty() || paths.contains(key.section()), key.path() + " is behind its section");
            assertTrue(paths.add(key.path()), key.path());
            assertTrue(key.text().endsWith("."), key.path());
        }
    }

    /** What the page calls the default, written into a file, changes nothing. */
    @Test
    void shouldNameTheDefaultsThatHold() throws ConfigurationException {
        final Set<String> lists = Set.of("queues", "allow", "static", "published", "marks");
        final List<SettingsKey<?>> keys = SettingsKeys.ALL;
        final String yaml = keys.stream()
                .filter(key -> key.section().isEmpty() && !lists.contains(key.name()))
                .map(key -> key.name() + ": "
                        + (SettingsKeys.namesIn(key.name()).isEmpty() ? quoted(key) : section(key.name())))
                .collect(Collectors.joining("\n"));

        assertEquals(Settings.defaults().toYaml(), load(yaml).toYaml());
        assertTrue(keys.size() > 50);
    }

    /** The page of a running daemon's commands says the same of every key as its declaration. */
    @Test
    void shouldTakeEffectWhenThePageSaysSo() throws IOException {
        final Set<String> atOnce = new TreeSet<>();
        final Set<String> atARestart = new TreeSet<>();
        for (final String line : Files.readAllLines(PAGE)) {
            final String[] columns = line.split("\\|", -1);
            if (columns.length == 4 && (line.contains("`mode`") || line.contains("`expectations.lifetime`"))) {
                QUOTED.matcher(columns[1]).results().forEach(name -> atOnce.add(name.group(1)));
                QUOTED.matcher(columns[2]).results().forEach(name -> atARestart.add(name.group(1)));
            }
        }

        assertEquals(reported(SettingsKey.Effect.AT_ONCE), atOnce);
        assertEquals(reported(SettingsKey.Effect.RESTART), atARestart);
    }

    private static Set<String> reported(final SettingsKey.Effect effect) {
        return SettingsKeys.ALL.stream()
                .filter(key -> key.effect() == effect)
                .map(SettingsKey::whole)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What the tables take up after a restart must include all that can be configured. */
    @Test
    void shouldKeepNoRequestLongerThanTheTableTakesUp() throws ConfigurationException {
        final Settings longest = load("transactions: {reply-within: 7d}");

        assertTrue(longest.transactions().keptNs() < TransactionTable.LIFETIME_MAX_NANOS);
    }

    private static String section(final String name) {
        return SettingsKeys.ALL.stream()
                .filter(key -> key.section().equals(name))
                .map(key -> key.name() + ": " + quoted(key))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String quoted(final SettingsKey<?> key) {
        return key.absentText().contains(":") ? '"' + key.absentText() + '"' : key.absentText();
    }
}
