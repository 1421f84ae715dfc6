package org.amverdict.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.amverdict.config.ConfigurationException;
import org.amverdict.config.Settings;
import org.amverdict.config.SettingsLoader;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.At;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RuleSet.Format;
import org.amverdict.rules.RulesException.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RuleSetTest {
    static final String CONFIGURATION = """
            allow:
              - name: nightly backup
                requesters: [192.0.2.10, "2001:db8::10"]
                responders: [198.51.100.0/24, 198.51.100.7, 203.0.113.1, 203.0.113.3, 203.0.113.5, 203.0.113.7,
                             "2001:db8:1::/64"]
                services: [noop, selfcheck, sendsize, sendbackup]
              - name: recovery
                requesters: [198.51.100.0/24]
                responders: [192.0.2.10]
                services: [amindexd, amidxtaped]
                legacy-recovery: true
            static:
              - {from: 192.0.2.10, to: 198.51.100.7, tcp: 11000-11040}
            published:
              - {public: 203.0.113.99, control-port: 10090, host: 198.51.100.7}
              - {public: "2001:db8:9::1", host: "2001:db8:1::7"}
            control-ports: [10080, 10090-10091]
            marks: {data: 0x10, mesg: 0x11, index: 0x10, mask: 0xff}
            """;
    static final RuleOptions GATE = new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.HOST_PAIR, null, 0);

    static Settings settings(final String text) {
        try {
            return SettingsLoader.load(text, "rules.yaml");
        } catch (final ConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<String> goldenTexts() {
        final List<String> names = new ArrayList<>();
        for (final Format format : Format.values()) {
            for (final Placement placement : Placement.values()) {
                for (final At at : List.of(At.FORWARD, At.CLIENT)) {
                    names.add(format.label() + "-" + placement.label() + "-" + at.label());
                }
            }
            names.add(format.label() + "-options");
            names.add(format.label() + "-fanout");
        }
        return names.stream();
    }

    private static String golden(final String name) throws RulesException {
        final Format format = name.startsWith("nft") ? Format.NFT : Format.IPTABLES;
        if (name.endsWith("-options")) {
            final long passMark = format == Format.NFT ? 0x10000 : 0;
            return RuleSet.text(
                    settings(CONFIGURATION),
                    format,
                    new RuleOptions(
                            At.SERVER,
                            Placement.GATE,
                            true,
                            Fanout.HOST_PAIR,
                            PortSet.parse("22,443,8000-8080"),
                            passMark));
        }
        if (name.endsWith("-fanout")) {
            return RuleSet.text(
                    settings(CONFIGURATION),
                    format,
                    new RuleOptions(At.FORWARD, Placement.INLINE, true, Fanout.PROCESSOR, null, 0));
        }
        for (final Placement placement : Placement.values()) {
            for (final At at : At.values()) {
                if (name.equals(format.label() + "-" + placement.label() + "-" + at.label())) {
                    return RuleSet.text(
                            settings(CONFIGURATION),
                            format,
                            new RuleOptions(at, placement, false, Fanout.HOST_PAIR, null, 0));
                }
            }
        }
        throw new AssertionError(name);
    }

    /** The texts are reviewed by hand; -Damverdict.accept=true rewrites them. */
    @ParameterizedTest
    @MethodSource("goldenTexts")
    void shouldWriteTheReviewedText(final String name) throws RulesException, IOException {
        final String text = golden(name);

        final Path file = Path.of("test/resources/rules", name + ".txt");
        if (Boolean.getBoolean("amverdict.accept")) {
            Files.writeString(file, text);
        }
        assertEquals(Files.readString(file), text);
    }

    /** And both directions of legacy recovery in either chain: hosts that ask each other meet the first pair's chain only. */
    @Test
    void shouldQueueUdpAndOldRecoveryBeforeItAcceptsWhatIsEstablished() throws RulesException {
        for (final Format format : Format.values()) {
            final String[] lines = RuleSet.text(settings(CONFIGURATION), format, GATE)
                    .toLowerCase(Locale.ROOT)
                    .split("\n", -1);

            int found = 0;
            for (int i = 1; i < lines.length; i++) {
                if (lines[i].contains("established")) {
                    found++;
                    if (format == Format.NFT) {
                        assertTrue(lines[i - 4].matches(" *udp [sd]port .* queue .*"), lines[i - 4]);
                        assertTrue(lines[i - 3].matches(" *tcp sport 10083 queue num 10"), lines[i - 3]);
                        assertTrue(lines[i - 2].matches(" *tcp dport 10083 queue num 10"), lines[i - 2]);
                        assertTrue(
                                lines[i - 1].matches(".* tcp ct mark & 0x8000000 == 0x8000000 accept"), lines[i - 1]);
                    } else {
                        assertTrue(lines[i - 3].matches(".*udp.*port.* nfqueue .*"), lines[i - 3]);
                        assertTrue(
                                lines[i - 2].matches(".* -p tcp -m multiport --ports 10083 -j nfqueue .*"),
                                lines[i - 2]);
                        assertTrue(
                                lines[i - 1].matches(".* -p tcp -m connmark --mark 0x8000000/0x8000000 -j return"),
                                lines[i - 1]);
                    }
                }
            }
            assertEquals(format == Format.NFT ? 2 : 4, found);
        }
    }

    @Test
    void shouldDropWhileNobodyListensUnlessAskedOtherwise() throws RulesException {
        for (final Format format : Format.values()) {
            final RuleOptions bypass = new RuleOptions(At.FORWARD, Placement.GATE, true, Fanout.HOST_PAIR, null, 0);

            assertFalse(RuleSet.text(settings(CONFIGURATION), format, GATE).contains("bypass"));
            assertTrue(RuleSet.text(settings(CONFIGURATION), format, bypass).contains("bypass"));
        }
    }

    @Test
    void shouldUseOneEntryForBothAndTheFirstWholeOneForControl() throws RulesException {
        final String one = "queues: [{numbers: 0-3}]\n" + CONFIGURATION;
        final String second = "queues: [{numbers: 5, copy: headers}, {numbers: 7}, {numbers: 6}]\n" + CONFIGURATION;

        final String text = RuleSet.text(settings(one), Format.IPTABLES, GATE);
        assertTrue(text.contains("-p udp -m multiport --dports 10080,10090:10091 -j NFQUEUE --queue-balance 0:3\n"));
        assertTrue(text.contains("-p tcp -j NFQUEUE --queue-balance 0:3\n"));
        final String split = RuleSet.text(settings(second), Format.NFT, GATE);
        assertTrue(split.contains("udp dport { 10080, 10090-10091 } queue num 7\n"), split);
        assertTrue(split.contains("meta l4proto tcp queue num 5-6\n"), split);
    }

    @Test
    void shouldSpreadByProcessorOverEveryRangeAndOnlyWhenAsked() throws RulesException {
        final RuleOptions fanout = new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.PROCESSOR, null, 0);
        final String one = "queues: [{numbers: 0-3}]\n" + CONFIGURATION;

        for (final Format format : Format.values()) {
            final String separator = format == Format.NFT ? "-" : ":";
            final String word = format == Format.NFT ? " fanout" : " --queue-cpu-fanout";
            final String text = RuleSet.text(settings(CONFIGURATION), format, fanout);
            final String ofOne = RuleSet.text(settings(one), format, fanout);
            assertFalse(RuleSet.text(settings(CONFIGURATION), format, GATE).contains("fanout"));
            assertTrue(text.contains(" 10\n"), "control has one queue: " + text);
            assertFalse(text.contains(" 10" + word), text);
            assertFalse(text.contains("11" + separator + "14\n"), text);
            assertTrue(text.contains("11" + separator + "14" + word + "\n"), text);
            assertFalse(ofOne.contains("0" + separator + "3\n"), ofOne);
            assertTrue(ofOne.contains("0" + separator + "3" + word + "\n"), ofOne);
        }
    }

    @Test
    void shouldSayWhyTheConfigurationDoesNotSuit() {
        final String hosts = "allow: [{requesters: 192.0.2.1, responders: \"2001:db8::1\", services: noop}]";
        final RuleOptions offload = new RuleOptions(At.FORWARD, Placement.OFFLOAD, false, Fanout.HOST_PAIR, null, 0);
        final RuleOptions marked = new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.HOST_PAIR, null, 0x80);
        final RuleOptions published =
                new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.HOST_PAIR, null, 0x10000);

        assertUnsuitable(hosts, Format.NFT, GATE, "of one family");
        assertUnsuitable(CONFIGURATION.replaceAll("marks:.*", ""), Format.NFT, offload, "needs 'marks'");
        assertUnsuitable(CONFIGURATION, Format.NFT, marked, "overwrites");
        assertUnsuitable(CONFIGURATION, Format.NFT, published, "bits of published-mask");
        assertUnsuitable(CONFIGURATION, Format.IPTABLES, marked, "is for nft");
        final RuleOptions fanout = new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.PROCESSOR, null, 0);
        for (final String single : List.of("queues: [{numbers: 1}]\n", "queues: [{numbers: 1}, {numbers: 2}]\n")) {
            assertUnsuitable(single + CONFIGURATION, Format.NFT, fanout, "--queue-cpu-fanout spreads");
            assertUnsuitable(single + CONFIGURATION, Format.IPTABLES, fanout, "'queues' has none");
        }
        assertUnsuitable(
                "queues: [{numbers: 1}, {numbers: 3}, {numbers: 5}]\n" + CONFIGURATION,
                Format.IPTABLES,
                GATE,
                "3 and 5, are not consecutive");
    }

    private static void assertUnsuitable(
            final String configuration, final Format format, final RuleOptions options, final String part) {
        final RulesException error =
                assertThrows(RulesException.class, () -> RuleSet.text(settings(configuration), format, options));

        assertEquals(Cause.UNSUITABLE, error.why());
        assertTrue(String.valueOf(error.getMessage()).contains(part), error.getMessage());
    }

    @Test
    void shouldKeepOnlyPrefixesThatAreInNoOther() {
        final long seed = Long.getLong("seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 2000; round++) {
            final List<HostPrefix> given = new ArrayList<>();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                final int length = random.nextInt(29, 33);
                final int host = random.nextInt(16) & -1 << (32 - length);
                given.add(HostPrefix.parse("10.0.0." + host + "/" + length));
            }

            final List<HostPrefix> kept = HostPair.ofFamily(given, true);

            for (int address = 0; address < 16; address++) {
                final long low = HostPrefix.parse("10.0.0." + address).low();
                final long before =
                        given.stream().filter(p -> p.contains(0, low)).count();
                final long after = kept.stream().filter(p -> p.contains(0, low)).count();
                assertEquals(Math.min(before, 1), after, () -> "seed " + seed + " " + given + " -> " + kept);
            }
        }
        assertEquals(List.of(), HostPair.ofFamily(List.of(HostPrefix.parse("10.0.0.1")), false));
    }

    @Test
    void shouldReplaceWhatIsInstalledAndKeepOneJumpBeforeTheRulesOfOthers() throws RulesException {
        final InstalledChains now = InstalledChains.of("""
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD DROP [0:0]
                :AMVERDICT - [0:0]
                :AMVERDICT-9-ASK - [0:0]
                :AMVERDICTS - [0:0]
                -A INPUT -j AMVERDICT
                -A FORWARD -j AMVERDICT
                -A FORWARD -p tcp -j AMVERDICTS
                -A FORWARD -j AMVERDICT
                COMMIT
                """);
        final RulePlan plan = RulePlan.of(settings(CONFIGURATION), GATE);

        final List<IptablesTable> tables = IptablesRules.tables(plan, true);
        final String document = tables.get(tables.size() - 1).document(now);

        assertTrue(document.contains(":AMVERDICT-9-ASK - [0:0]\n"), document);
        assertTrue(document.endsWith("""
                        -D INPUT -j AMVERDICT
                        -D FORWARD -j AMVERDICT
                        -D FORWARD -j AMVERDICT
                        -I FORWARD 1 -j AMVERDICT
                        -X AMVERDICT-9-ASK
                        COMMIT
                        """), document);
        assertFalse(document.contains("AMVERDICTS"), document);
    }
}
