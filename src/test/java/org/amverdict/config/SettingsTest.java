package org.amverdict.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.amverdict.amanda.Service;
import org.amverdict.amanda.StreamName;
import org.amverdict.config.QueueRange.Wait;
import org.amverdict.config.Settings.Copy;
import org.amverdict.config.Settings.Mode;
import org.amverdict.engine.Verdict;
import org.amverdict.policy.Allowance;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.HostSet;
import org.amverdict.policy.PortSet;
import org.amverdict.policy.PublishedHost;
import org.amverdict.policy.StaticRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    @Test
    void shouldPrintWhatLoadsAgainToTheSame() throws ConfigurationException {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            final Settings settings = random(random);

            final String text = settings.toYaml();

            assertEquals(settings, SettingsLoader.load(text, "printed"), () -> "seed " + seed + "\n" + text);
        }
        final Settings example = SettingsLoader.load(SettingsLoaderTest.EXAMPLE, "example");
        assertEquals(example, SettingsLoader.load(example.toYaml(), "printed"));
    }

    private static <T> T any(final SplittableRandom random, final List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static Settings random(final SplittableRandom random) {
        final List<String> hosts = List.of("192.0.2.10", "::1", "10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::/0");
        final List<String> ports = List.of("1024-65535", "11000-11040", "2000,3000-3005", "65535");
        final List<Long> durations = List.of(60_000_000_000L, 61_000_000_000L, 90_000_000_001L, 3_600_000_000_000L);
        final List<QueueRange> queues = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            final Copy copy = any(random, List.of(Copy.values()));
            queues.add(new QueueRange(
                    10 * i,
                    10 * i + random.nextInt(3),
                    copy,
                    random.nextInt(-1, 4),
                    any(random, List.of(Wait.values())),
                    copy == Copy.PACKET || random.nextBoolean()));
        }
        final List<Allowance> allow = new ArrayList<>();
        final List<StaticRange> statics = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            final String name =
                    any(random, List.of("a: b #", "quo\"te'", "back\\slash", "ü – 備份", " ", "", "true", "-"));
            allow.add(new Allowance(
                    name + i,
                    HostSet.of(any(random, hosts), any(random, hosts)),
                    HostSet.of(any(random, hosts)),
                    1 + random.nextInt((1 << Service.values().length) - 1),
                    PortSet.parse(any(random, ports)),
                    random.nextBoolean()));
            statics.add(new StaticRange(
                    HostSet.of(any(random, hosts)), HostSet.of(any(random, hosts)), PortSet.parse(any(random, ports))));
        }
        final List<PublishedHost> published = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            published.add(new PublishedHost(
                    HostPrefix.parse("203.0.113.5").address(),
                    10_080 + i,
                    HostPrefix.parse("10.0.0." + random.nextInt(1, 255)).address()));
        }
        final long mask = random.nextLong(1, 1L << 32);
        final long mark = !published.isEmpty() || random.nextBoolean() ? -1 : mask & random.nextLong();
        final long publishedMask = 0xfL << random.nextInt(29);
        final long continueMark = 0xffff_ffffL & ~publishedMask & (mark == -1 ? random.nextLong() : ~mark);
        Settings settings = Settings.defaults()
                .with(SettingsKeys.MODE, any(random, List.of(Mode.values())))
                .with(SettingsKeys.QUEUES, queues)
                .with(SettingsKeys.QUEUE_LENGTH, random.nextInt(1, 1 << 20))
                .with(SettingsKeys.OVERLOAD, any(random, Verdict.FINAL))
                .with(SettingsKeys.OTHER_TRAFFIC, any(random, List.of(Verdict.CONTINUE, Verdict.DROP)))
                .with(SettingsKeys.CONTINUE_MARK, continueMark == 0 ? ~publishedMask & 0xffff_ffffL : continueMark)
                .with(SettingsKeys.CONTROL_PORTS, PortSet.parse("10080,10090-10095"))
                .with(SettingsKeys.REQUESTER_PORTS, PortSet.parse(any(random, ports)))
                .with(SettingsKeys.ALLOW, allow)
                .with(SettingsKeys.STATIC, statics)
                .with(SettingsKeys.PUBLISHED, published)
                .with(SettingsKeys.PUBLISHED_MASK, publishedMask)
                .with(SettingsKeys.MATCH_INTERFACES, random.nextBoolean())
                .with(SettingsKeys.EXPECTATIONS_LIFETIME, any(random, durations))
                .with(SettingsKeys.EXPECTATIONS_PER_REPLY, random.nextInt(1, 6))
                .with(SettingsKeys.EXPECTATIONS_CAPACITY, 1 << 20)
                .with(SettingsKeys.EXPECTATIONS_PER_REQUESTER, random.nextInt(1, 999))
                .with(SettingsKeys.TRANSACTIONS_REPLY_WITHIN, any(random, durations))
                .with(SettingsKeys.TRANSACTIONS_CAPACITY, 1 << 20)
                .with(SettingsKeys.TRANSACTIONS_PER_REQUESTER, random.nextInt(1, 999))
                .with(SettingsKeys.FLOWS_CAPACITY, random.nextInt(16, 1 << 22))
                .with(SettingsKeys.FLOWS_IDLE, any(random, durations))
                .with(SettingsKeys.FLOWS_ADOPT, random.nextBoolean())
                .with(SettingsKeys.REFUSED_REPLY, any(random, Verdict.FINAL))
                .with(SettingsKeys.MARKS_MASK, mask)
                .with(SettingsKeys.LOG_LEVEL, any(random, List.of(LogLevel.values())))
                .with(SettingsKeys.LOG_FORMAT, any(random, List.of(LogFormat.values())))
                .with(SettingsKeys.EVENTS_FILE, orOff(random, Path.of("/var/log/a b#\"\\.json")))
                .with(
                        SettingsKeys.METRICS_LISTEN,
                        orOff(random, ListenAddress.parse(any(random, List.of("[::1]:0", "127.0.0.1:1")))))
                .with(SettingsKeys.CONTROL_SOCKET, orOff(random, Path.of("/run/x")))
                .with(SettingsKeys.STATE_FILE, orOff(random, Path.of("/var/lib/x")));
        for (final StreamName stream : List.of(StreamName.DATA, StreamName.INDEX, StreamName.CTL, StreamName.CONTROL)) {
            settings = settings.with(Objects.requireNonNull(SettingsKeys.MARK_OF.get(stream)), mark);
        }
        return settings;
    }

    private static <T> Optional<T> orOff(final SplittableRandom random, final T value) {
        return random.nextBoolean() ? Optional.empty() : Optional.of(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "queues: [{numbers: 1, wait: spin}] | 1:23 | queues[0].wait: takes a whole CPU",
                "queues: [{numbers: 1, copy: headers}] | 1:1 | queues: no queue copies whole packets",
                "{queues: [{numbers: 1, copy: headers}], allow: [{requesters: 1.2.3.4, responders: 1.2.3.5, "
                        + "legacy-recovery: true}]} | 1:92 | the text on 10083/tcp is cut and opens nothing",
                "overload: accept | 1:1 | without a verdict",
                "requester-ports: 512-2000 | 1:1 | any user can send",
                "flows: {idle: 10m} | 1:9 | keepalive",
                "metrics: {listen: \"0.0.0.0:9897\"} | 1:11 | other hosts can read",
                "mode: enforce | 0:0 | nothing is allowed, so every control datagram is dropped",
                "{mode: enforce, other-traffic: drop} | 0:0 | nothing is allowed, so every queued packet is dropped",
                "mode: monitor | 0:0 | nothing is allowed, so enforce mode would drop every control datagram",
                "allow: [{requesters: 0.0.0.0/0, responders: 1.2.3.4, services: noop}] | 1:10 | is every IPv4 host (0.0.0.0/0)",
                "allow: [{requesters: '::/0', responders: '::1', services: noop}] | 1:10 | is every IPv6 host (::/0)",
                "allow: [{requesters: 1.2.3.4, responders: [0.0.0.0/1, 128.0.0.0/1], services: noop}] | 1:31 | every IPv4 host",
                "allow: [{requesters: 1.2.3.4, responders: 10.0.0.0/8, services: noop}] | 1:31 | a whole private range (10.0.0.0/8)",
                "allow: [{requesters: 1.2.3.4, responders: [10.0.0.0/9, 10.128.0.0/9], services: noop}] | 1:31 | (10.0.0.0/8)",
                "allow: [{requesters: 1.2.3.4, responders: 172.16.0.0/12, services: noop}] | 1:31 | (172.16.0.0/12)",
                "allow: [{requesters: 192.168.0.0/16, responders: 1.2.3.4, services: noop}] | 1:10 | (192.168.0.0/16)",
                "allow: [{requesters: 'fc00::/7', responders: '::1', services: noop}] | 1:10 | (fc00::/7)",
                "allow: [{requesters: 'fd00::/8', responders: '::1', services: noop}] | 1:10 | (fd00::/8)",
                "static: [{from: 0.0.0.0/0, to: 1.2.3.4, tcp: 5000}] | 1:11 | every IPv4 host",
                "static: [{from: 1.2.3.4, to: 10.0.0.0/7, tcp: 5000}] | 1:26 | (10.0.0.0/8)",
                "{mode: monitor, published: [{public: 1.2.3.4, host: 10.0.0.7}]} | 1:17 | load the rules again",
                "static: [{from: 1.2.3.4, to: 1.2.3.4, tcp: 22}] | 1:39 | privileged"
            })
    void shouldWarn(final String text, final String place, final String part, @TempDir final Path directory)
            throws ConfigurationException, IOException {
        final Path file = Files.writeString(directory.resolve("a.yaml"), text);

        final List<ConfigurationProblem> warnings = SettingsLoader.read(file).warnings();

        assertTrue(
                warnings.stream()
                        .anyMatch(warning -> warning.message().contains(part)
                                && (warning.line() + ":" + warning.column()).equals(place)),
                warnings.toString());
    }

    /** Every host but one is not every host; and no warning for the networks of a site. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[10.0.0.0/9, 10.128.0.0/10, 10.192.0.0/11, 10.224.0.0/16]",
                "[192.168.0.0/17, 172.16.0.0/13]",
                "[8.0.0.0/7, '2001:db8::/32', 'fd12:3456::/32']",
                "[1.2.3.4]"
            })
    void shouldNotWarnOfHostsThatAreNoWholeRange(final String hosts) throws ConfigurationException {
        final String text = "allow: [{requesters: %s, responders: 1.2.3.4, services: noop}]".formatted(hosts);

        assertEquals(List.of(), SettingsLoader.load(text, "x").warnings());
    }

    @Test
    void shouldWarnOfAShadowedLine() throws ConfigurationException {
        final String form = """
                allow:
                  - {name: all, requesters: 10.0.0.0/9, responders: 10.0.0.0/9, services: [noop, sendbackup]}
                  - {name: one, requesters: [10.0.0.1, 10.0.0.2], responders: 10.0.0.3, services: [%s]%s}
                """;

        final List<SettingsWarning> shadowed =
                SettingsLoader.load(form.formatted("noop", ""), "x").warnings();

        assertEquals(1, shadowed.size());
        assertEquals("allow[1]", shadowed.get(0).path());
        assertTrue(shadowed.get(0).message().contains("'all' above"), shadowed.toString());
        assertEquals(
                List.of(),
                SettingsLoader.load(form.formatted("sendsize", ""), "x").warnings());
        assertEquals(
                List.of(),
                SettingsLoader.load(form.formatted("noop", ", legacy-recovery: true"), "x")
                        .warnings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "9897",
                ":9897",
                "127.0.0.1",
                "127.0.0.1:",
                "127.0.0.1:x",
                "127.0.0.1:65536",
                "127.0.0.1:-1",
                "::1:9897",
                "[127.0.0.1]:9897",
                "[::1:9897",
                "[::1]9897",
                "127.0.0.1:+80"
            })
    void shouldRefuseAnAddressItCannotRead(final String listen) {
        final IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse(listen));

        assertTrue(String.valueOf(thrown.getMessage()).contains("write"), thrown::toString);
    }

    @Test
    void shouldReadAndPrintDurations() {
        assertEquals(180_000_000_000L, Durations.parse("180s"));
        assertEquals(5L * 86_400_000_000_000L, Durations.parse("5d"));
        assertEquals(7, Durations.parse("7ns"));
        assertEquals("3m", Durations.format(180_000_000_000L));
        assertEquals("6h", Durations.format(Durations.parse("360m")));
        assertEquals("0s", Durations.format(0));
        assertEquals("1500ms", Durations.format(1_500_000_000L));
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("-5s"));
        assertThrows(IllegalArgumentException.class, () -> Durations.parse("1.5h"));
    }
}
