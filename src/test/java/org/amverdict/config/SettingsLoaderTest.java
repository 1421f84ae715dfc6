package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.config.QueueRange.Wait;
import org.amverdict.config.Settings.Copy;
import org.amverdict.config.Settings.Mode;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.Policy;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.StaticRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsLoaderTest {
    static final String EXAMPLE = """
            mode: enforce              # monitor = judge and report, accept everything
            queues:
              - {numbers: 10, copy: packet}        # control datagrams, whole
              - {numbers: 11-14, copy: headers}    # TCP: the headers are enough
            queue-length: 4096
            overload: drop

            control-ports: [10080]
            allow:
              - name: nightly backup
                requesters: [192.0.2.10, "2001:db8::10"]
                responders: [198.51.100.0/24]
                services: [noop, selfcheck, sendsize, sendbackup]
                stream-ports: 11000-11040
              - name: recovery
                requesters: [198.51.100.0/24]
                responders: [192.0.2.10]
                services: [amindexd, amidxtaped]
                legacy-recovery: false
            static: []

            expectations: {lifetime: 180s, per-reply: 5, capacity: 65536, per-requester: 1024}
            transactions: {reply-within: 6h, capacity: 65536, per-requester: 4096}
            flows:        {capacity: 65536, idle: 5d}
            refused-reply: accept
            marks: {}

            log:     {level: info, format: auto}
            events:  {file: /var/log/amverdict/events.json}
            metrics: {listen: "127.0.0.1:9897"}
            control: {socket: /run/amverdict/control.sock}
            """;

    static Settings load(final String text) throws ConfigurationException {
        return SettingsLoader.load(text, "amverdict.yaml");
    }

    static List<ConfigurationProblem> problems(final String text) {
        return assertThrows(ConfigurationException.class, () -> load(text)).problems();
    }

    @Test
    void shouldReadTheExample() throws ConfigurationException {
        final Settings settings = load(EXAMPLE);

        final Allowance backup = settings.allow().get(0);
        assertEquals("nightly backup", backup.name());
        assertEquals(HostSet.of("192.0.2.10", "2001:db8::10"), backup.requesters());
        assertEquals(HostSet.of("198.51.100.0/24"), backup.responders());
        assertEquals(PortSet.range(11_000, 11_040), backup.streamPorts());
        assertEquals(
                Service.NOOP.bit() | Service.SELFCHECK.bit() | Service.SENDSIZE.bit() | Service.SENDBACKUP.bit(),
                backup.services());
        assertEquals(Policy.DEFAULT_STREAM_PORTS, settings.allow().get(1).streamPorts());
        assertEquals(List.of(), settings.warnings());
        assertEquals(2, settings.policy().allowances().size());
    }

    @Test
    void shouldHaveTheExamplesValuesAsDefaults() throws ConfigurationException {
        final Settings example = load(EXAMPLE);
        final Settings defaults = Settings.defaults();

        assertEquals(defaults, load(""));
        assertEquals(defaults, load("# nothing\n"));
        assertEquals(example, defaults.with(SettingsKeys.ALLOW, example.allow()));
    }

    @Test
    void shouldReadWhatDiffersFromTheDefaults() throws ConfigurationException {
        final Settings settings = load("""
                mode: monitor
                queues: [{numbers: "3", cpu: 1}, {numbers: 4 - 5, copy: headers, cpu: 2, wait: spin, gso: false}]
                overload: accept
                control-ports: [10080, 10090-10091]
                requester-ports: 840-860
                static:
                  - {from: 192.0.2.10, to: [198.51.100.0/24], tcp: [11000-11040, 12000]}
                refused-reply: drop
                marks: {data: 0x10, control: 32, mask: 0xff}
                events: {file: off}
                metrics: {listen: "[::1]:0"}
                control: {socket: off}
                """.replace("4 - 5", "4-5"));

        assertEquals(Mode.MONITOR, settings.mode());
        assertEquals(
                List.of(
                        new QueueRange(3, 3, Copy.PACKET, 1, Wait.BLOCK, false),
                        new QueueRange(4, 5, Copy.HEADERS, 2, Wait.SPIN, false)),
                settings.queues());
        assertEquals(Verdict.ACCEPT, settings.overload());
        assertEquals(PortSet.parse("10080,10090,10091"), settings.controlPorts());
        assertEquals(PortSet.range(840, 860), settings.requesterPorts());
        assertEquals(
                List.of(new StaticRange(
                        HostSet.of("192.0.2.10"), HostSet.of("198.51.100.0/24"), PortSet.parse("11000-11040,12000"))),
                settings.statics());
        assertEquals(Verdict.DROP, settings.refusedReply());
        assertEquals(16, settings.marks().of(StreamName.DATA));
        assertEquals(32, settings.marks().of(StreamName.CONTROL));
        assertEquals(-1, settings.marks().of(StreamName.MESG));
        assertTrue(settings.marks().any());
        assertNull(settings.events().file());
        assertEquals(new ListenAddress("::1", 0), settings.metrics().listen());
        assertNull(settings.control().socket());
    }

    @Test
    void shouldReportEveryErrorInTheOrderOfTheFileWithLineAndCaret() {
        final List<ConfigurationProblem> problems = problems("""
                mdoe: monitor
                queues:
                  - {numbers: 10, copy: packet}
                  - {numbers: 8-12}
                allow:
                  - requesters: [192.0.2.10, 10.0.0.5/24]
                    responders: []
                    services: [sendbakup]
                    stream-ports: 22-11040
                flows: {idle: 5, capacity: 9999999}
                """);

        assertEquals(
                """
                amverdict.yaml:1:1: error: unknown key 'mdoe'; did you mean 'mode'?
                    mdoe: monitor
                    ^
                amverdict.yaml:4:15: error: queues 8-12 overlap with 10 above; each number can be bound once
                      - {numbers: 8-12}
                                  ^
                amverdict.yaml:6:30: error: '10.0.0.5/24' has host bits set; write 10.0.0.0/24 for the network or \
                10.0.0.5 for the one host
                      - requesters: [192.0.2.10, 10.0.0.5/24]
                                                 ^
                amverdict.yaml:7:17: error: 'allow[0].responders': no host; name at least one address
                        responders: []
                                    ^
                amverdict.yaml:8:16: error: unknown service 'sendbakup'; did you mean 'sendbackup'?
                        services: [sendbakup]
                                   ^
                amverdict.yaml:9:19: error: stream-ports 22-11040 include privileged ports, which no reply may open; \
                start at 1024 or above
                        stream-ports: 22-11040
                                      ^
                amverdict.yaml:10:15: error: '5' has no unit; write 5s for seconds (ns us ms s m h d)
                    flows: {idle: 5, capacity: 9999999}
                                  ^
                amverdict.yaml:10:28: error: 9999999 is out of range; 'flows.capacity' is 16 to 4194304
                    flows: {idle: 5, capacity: 9999999}
                                               ^""",
                String.join(
                        "\n",
                        problems.stream().map(ConfigurationProblem::format).toList()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mode: on | 1:7 | known are monitor, enforce",
                "mode: Enforce | 1:7 | did you mean 'enforce'",
                "mode: | 1:6 | has no value",
                "mode: [enforce] | 1:7 | must be one value, not a list",
                "mode: {a: b} | 1:7 | must be one value, not keys with values",
                "[a, b] | 1:1 | the file must be keys with values",
                "mode: monitor\\nmode: enforce | 2:1 | given twice",
                "? [a]\\n: b | 1:3 | a key must be a word",
                "published: [{host: 10.0.0.7}] | 1:13 | has no 'public'; write public: 203.0.113.5",
                "published: [{public: 203.0.113.0/24, host: 10.0.0.7}] | 1:22 | is not one address",
                "published: [{public: 203.0.113.5, host: 10.0.0.0/24}] | 1:41 | is not one address",
                "published: [{public: 203.0.113.5, host: '::1'}] | 1:41 | are of two families",
                "published: [{public: 1.2.3.4, host: 10.0.0.7}, {public: 1.2.3.4, host: 10.0.0.8}] | 1:12 | published twice",
                "published-mask: 0x5 | 1:17 | not one run of adjacent bits",
                "published-mask: 0 | 1:17 | not one run of adjacent bits",
                "{marks: {data: 1}, published: [{public: 1.2.3.4, host: 10.0.0.7}]} | 1:31 | set marks.mask",
                "continue-mark: 0 | 1:16 | without a bit",
                "continue-mark: 0x100000000 | 1:16 | out of range",
                "other-traffic: accept | 1:16 | known are continue, drop",
                "overload: continue | 1:11 | known are drop, accept",
                "marks: {data: 0x8000001} | 1:15 | has bits of 'continue-mark' (0x8000000)",
                "{continue-mark: 0x10, marks: {index: 0x10, mask: 0xff}} | 1:38 | has bits of 'continue-mark' (0x10)",
                "{continue-mark: 0x10000, published: [{public: 1.2.3.4, host: 10.0.0.7}]} | 1:17 | share bits",
                "{published-mask: 0xf000000, published: [{public: 1.2.3.4, host: 10.0.0.7}]} | 1:18 | share bits",
                "match-interfaces: yes | 1:19 | neither true nor false",
                "state: {file: state} | 1:15 | not an absolute path",
                "queues: 10 | 1:9 | must be a list, not one value; write [ ] around it",
                "queues: [] | 1:9 | no queue",
                "queues: [10] | 1:10 | keys are numbers, copy, cpu, wait, gso",
                "queues: [{copy: packet}] | 1:10 | has no 'numbers'; write numbers: 10",
                "queues: [{numbers: 70000}] | 1:20 | out of range (0-65535)",
                "queues: [{numbers: 5-2}] | 1:20 | write 2-5",
                "queues: [{numbers: a}] | 1:20 | write 10 or 11-14",
                "queues: [{numbers: 0-256}] | 1:20 | more than 256 queues",
                "queues: [{numbers: 0-200}, {numbers: 201-300}] | 1:9 | more than 256 queues",
                "queues: [{numbers: 1, copy: header}] | 1:29 | did you mean 'headers'",
                "queues: [{numbers: 1, gso: no}] | 1:28 | neither true nor false",
                "queues: [{numbers: 1, cpu: 5000}] | 1:28 | 0 to 1023",
                "queue-length: 0 | 1:15 | 1 to 1048576",
                "queue-length: 4k | 1:15 | not a whole number",
                "queue-length: 99999999999999999999 | 1:15 | out of range",
                "control-ports: [0] | 1:17 | port 0 is out of range",
                "control-ports: [1-100] | 1:16 | 15 is the limit",
                "control-ports: [10080, [1]] | 1:24 | must be one value, not a list",
                "requester-ports: 1023-512 | 1:18 | write 512-1023",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4}] | 1:9 | has no 'services'",
                "allow: [{requesters: 1.2.3.4, services: noop}] | 1:9 | has no 'responders'",
                "allow: [{requesters: a.example, responders: 1.2.3.4, services: noop}] | 1:22 | names are not looked up",
                "allow: [{requesters: 1.2.3.4, responders: [1.2.3.4, a.example], services: noop}] | 1:53 | names are not looked up",
                "static: [{from: a.example, to: 1.2.3.4, tcp: 1}] | 1:17 | names are not looked up",
                "static: [{from: 1.2.3.4, to: a.example, tcp: 1}] | 1:30 | names are not looked up",
                "{marks: {mask: 0xff}, published: [{public: a.example, host: 10.0.0.7}]} | 1:44 | names are not looked up",
                "{marks: {mask: 0xff}, published: [{public: 1.2.3.4, host: a.example}]} | 1:59 | names are not looked up",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: noop, stream-ports: \"11000:11040\"}] | 1:82 | write 11000-11040",
                "requester-ports: \"700:710\" | 1:18 | write 700-710",
                "static: [{from: 1.2.3.4, to: 1.2.3.4, tcp: \"11000:11040\"}] | 1:44 | write 11000-11040",
                "allow:\\n\\t- requesters: 1.2.3.4 | 2:1 | a tab; YAML is indented with spaces",
                "log:\\n\\tlevel: info | 2:1 | a tab; YAML is indented with spaces",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: []}] | 1:62 | no service",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: [noop, noop]}] | 1:69 | given twice",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: noop, legacy-recovery: yes}] | 1:85 | neither true nor false",
                "allow: [{name: \"a\\tb\", requesters: 1.2.3.4, responders: 1.2.3.4, services: noop}] | 1:16 | printable",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4, services: noop, stream-ports: 70000}] | 1:82 | out of range",
                "static: [{from: 1.2.3.4, to: 1.2.3.4}] | 1:10 | has no 'tcp'",
                "static: | 1:8 | has no value; write []",
                "expectations: | 1:14 | write {}",
                "expectations: {per-reply: 6} | 1:27 | 1 to 5",
                "expectations: {lifetime: 2w} | 1:26 | 'w' is not a unit of time",
                "expectations: {lifetime: 2h} | 1:26 | 1s to 1h",
                "expectations: {lifetime: 99999999999999999d} | 1:26 | too long",
                "expectations: {capacity: 100} | 1:26 | could fill the table",
                "transactions: {capacity: 100, per-requester: 200} | 1:46 | could fill the table",
                "transactions: {reply-within: soon} | 1:30 | not a duration",
                "marks: {data: 0x100, mask: 0xff} | 1:15 | outside the mask 0xff",
                "marks: {data: 0x100000000} | 1:15 | out of range",
                "marks: {data: ten} | 1:15 | not a mark",
                "marks: {mask: 0} | 1:15 | no bit",
                "log: {level: loud} | 1:14 | known are error, warning, info, debug",
                "events: {file: events.json} | 1:16 | absolute path",
                "metrics: {listen: 9897} | 1:19 | not address:port",
                "metrics: {listen: \"localhost:9897\"} | 1:19 | write 127.0.0.1",
                "metrics: {listen: \"::1:9897\"} | 1:19 | brackets",
                "metrics: {listen: \"127.0.0.1:70000\"} | 1:19 | not address:port",
                "control: {socket: ./sock} | 1:19 | absolute path",
                "control: {group: a b} | 1:18 | not the name of a group",
                "control: {group: 12} | 1:18 | not the name of a group",
                "<<: {a: b} | 1:1 | merge keys",
                "a: b: c | 1:5 | not YAML",
                "mode: \"enforce | 1:15 | not YAML",
                "mode: enforce\\n---\\nmode: monitor | 2:1 | second document",
                "mode: *a | 1:7 | not YAML",
            })
    void shouldNameThePlaceAndTheRemedy(final String text, final String place, final String part) {
        final ConfigurationProblem problem =
                problems(text.replace("\\n", "\n").replace("\\t", "\t")).get(0);

        assertTrue(problem.message().contains(part), problem.format());
        assertEquals(place, problem.line() + ":" + problem.column(), problem.format());
        assertTrue(problem.format().startsWith("amverdict.yaml:" + place + ": error: "), problem.format());
    }

    @Test
    void shouldReportOneErrorForOneMistake() {
        for (final String text : List.of(
                "mode: on",
                "queues: [{numbers: a}]",
                "allow: [{requesters: 1.2.3.4, responders: 1.2.3.4}]",
                "control-ports: [0]",
                "expectations: {lifetime: 2w}")) {
            assertEquals(1, problems(text).size(), text);
        }
    }

    @Test
    void shouldStopNamingErrorsAtALimit() {
        final List<ConfigurationProblem> problems = problems("x: 1\n".repeat(5000));

        assertEquals(Problems.ERRORS_MAX + 1, problems.size());
        assertTrue(problems.toString().contains("4900 more errors"));
    }

    @Test
    void shouldSurviveHostileFiles(@TempDir final Path directory) throws IOException {
        final String bomb = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nallow: [*c, *c]\n";
        assertTrue(problems(bomb).size() > 1);
        assertTrue(problems("allow: &a [*a]\n").get(0).message().contains("must be keys"));
        assertTrue(problems("mode: " + "[".repeat(100_000)).get(0).message().contains("nested deeper than 32"));
        assertTrue(problems("mode: " + "x".repeat(YamlText.BYTES_MAX))
                .get(0)
                .message()
                .contains("larger than"));
        assertTrue(problems("mode: \u0007x").get(0).format().contains("U+0007"), "control characters");
        assertEquals(7, problems("mode: \u0007x").get(0).column());
        assertEquals(3, problems("a:\nxy\r").get(0).column(), "behind the line, whose CR is none of its characters");

        final Path latin1 = directory.resolve("latin1.yaml");
        Files.write(latin1, "mode: monitor\nlog: {level: ä}\n".getBytes(StandardCharsets.ISO_8859_1));
        final ConfigurationProblem problem = assertThrows(
                        ConfigurationException.class, () -> SettingsLoader.load(latin1))
                .problems()
                .get(0);
        assertTrue(problem.format().contains(":2:14: error: byte 0xe4 is not UTF-8"), problem.format());

        for (final Path missing : List.of(directory.resolve("none.yaml"), directory)) {
            final ConfigurationException error =
                    assertThrows(ConfigurationException.class, () -> SettingsLoader.load(missing));
            assertTrue(String.valueOf(error.getMessage()).startsWith(missing + ": error: "), error.getMessage());
        }
    }

    @Test
    void shouldLimitTheAddressesThatAliasesMultiply() {
        final StringBuilder text = new StringBuilder("allow:\n");
        final String list = "[" + "192.0.2.1, ".repeat(30_000) + "192.0.2.1]";
        for (int i = 0; i < 20; i++) {
            text.append("  - {name: n").append(i).append(", requesters: ").append(i == 0 ? "&h " + list : "*h");
            text.append(", responders: 192.0.2.2, services: noop}\n");
        }

        assertTrue(problems(text.toString()).get(0).message().contains("addresses in all lines together"));
    }

    @Test
    void shouldAcceptAliasesAndAByteOrderMark() throws ConfigurationException {
        final Settings settings = load("""
                \ufeffallow:
                  - {name: a, requesters: &server [192.0.2.10], responders: &clients [198.51.100.0/24], services: noop}
                  - {name: b, requesters: *clients, responders: *server, services: amindexd}
                """);

        assertEquals(
                settings.allow().get(0).requesters(), settings.allow().get(1).responders());
    }

    @Test
    void shouldKeepTerminalEscapesOutOfMessages() {
        final String shown = problems("\"mo\\e[31mde\": 1").get(0).format();

        assertTrue(shown.contains("unknown key 'mo?[31mde'"), shown);
    }

    @Test
    void shouldShowTheRelevantPartOfALongLine() {
        final String shown = problems("control-ports: [" + "10080, ".repeat(60) + "0, " + "10080, ".repeat(60) + "1]")
                .get(0)
                .format();

        final String[] lines = shown.split("\n", -1);
        assertEquals('0', lines[1].charAt(lines[2].indexOf('^')));
        assertTrue(lines[1].length() < 120, lines[1]);
    }

    @Test
    void shouldTakeQueueAndModeFromTheCommandLine() throws ConfigurationException {
        final Settings settings = load(EXAMPLE).withOverrides(QueueRange.parse("0-3"), Mode.MONITOR);

        assertEquals(
                List.of(new QueueRange(0, 3, Copy.PACKET, QueueRange.ANY_CPU, Wait.BLOCK, false)), settings.queues());
        assertEquals(Mode.MONITOR, settings.mode());
        assertEquals(load(EXAMPLE), load(EXAMPLE).withOverrides(null, null));
        assertThrows(IllegalArgumentException.class, () -> QueueRange.parse("-1"));
        assertThrows(IllegalArgumentException.class, () -> QueueRange.parse("1-2-3"));
    }
}
