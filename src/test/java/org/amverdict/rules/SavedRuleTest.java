package org.amverdict.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amverdict.policy.PortSet;
import org.amverdict.rules.RuleOptions.At;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RuleSet.Format;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules as text: what counts as the same, what leads to a queue, and how a request is written and read back. */
final class SavedRuleTest {
    /** First as a rule set writes it, then as iptables-save prints it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "-p tcp -m multiport --dports 11000:11040 -s 192.0.2.10 -d 198.51.100.7 -j A"
                        + "|-s 192.0.2.10/32 -d 198.51.100.7/32 -p tcp -m multiport --dports 11000:11040 -j A",
                "-d 2001:db8::10 -s 2001:db8:1::/64 -j A|-s 2001:db8:1::/64 -d 2001:db8::10/128 -j A",
                "-p tcp -m connmark ! --mark 0/0xff -j RETURN|-p tcp -m connmark ! --mark 0x0/0xff -j RETURN",
                "-m mark --mark 0x01000000/0x1000000 -j RETURN|-m mark --mark 0x1000000/0x1000000 -j RETURN",
                "-m mark --mark 16/0xffffffff -j X|-m mark --mark 0x10 -j X",
                "-m conntrack --ctstate RELATED,ESTABLISHED -j X|-m conntrack --ctstate ESTABLISHED,RELATED -j X",
                "-m conntrack --ctorigsrc 192.0.2.10/32 -j X|-m conntrack --ctorigsrc 192.0.2.10 -j X",
                "-m comment --comment word -j X|-m comment --comment \"word\" -j X",
                "! -i lo -s 192.0.2.1 -j X|-s 192.0.2.1/32 ! -i lo -j X",
            })
    void shouldTakeForTheSameWhatOnlyLooksDifferent(final String written, final String saved) {
        assertEquals(SavedRule.normal(saved), SavedRule.normal(written));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-s 192.0.2.10 -j A|-d 192.0.2.10 -j A",
                "-s 192.0.2.0/31 -j A|-s 192.0.2.0 -j A",
                "-i lo -j A|! -i lo -j A",
                "-j A|-g A",
                "-m mark --mark 0x1 -j A|-m mark ! --mark 0x1 -j A",
                "-m mark --mark 0x1/0x1 -j A|-m mark --mark 0x1 -j A",
                "-m udp --dport 1 -j A|-m udp --sport 1 -j A",
                "-j NFQUEUE --queue-num 1|-j NFQUEUE --queue-num 1 --queue-bypass",
            })
    void shouldNotTakeForTheSameWhatIsNot(final String one, final String other) {
        assertNotEquals(SavedRule.normal(one), SavedRule.normal(other));
    }

    @Test
    void shouldReadQueuesInEveryFormThatTheToolsPrint() {
        for (final String text : List.of(
                "-A X -p udp -j NFQUEUE --queue-num 10",
                "-A X -p tcp -j NFQUEUE --queue-balance 9:12 --queue-bypass",
                "udp dport 10080 queue num 10",
                "udp dport 10080 queue num 8-11 bypass,fanout",
                "udp dport 10080 queue to 10",
                "udp dport 10080 queue flags bypass,fanout to 10-11",
                "udp dport 10080 queue flags bypass to 10")) {
            assertTrue(RuleSurvey.uses(text, number -> number == 10), text);
            assertFalse(RuleSurvey.uses(text, number -> number == 20), text);
        }
        assertFalse(RuleSurvey.uses("comment \"queue jumpers to the end\" counter packets 10", number -> true));
    }

    @Test
    void shouldReadBackWhatARequestSays() {
        for (final RuleRequest request : List.of(
                new RuleRequest(Format.NFT, RuleSetTest.GATE),
                new RuleRequest(
                        Format.IPTABLES,
                        new RuleOptions(
                                At.SERVER,
                                Placement.OFFLOAD,
                                true,
                                Fanout.PROCESSOR,
                                PortSet.parse("22,8000-8080"),
                                0)),
                new RuleRequest(
                        Format.NFT,
                        new RuleOptions(At.CLIENT, Placement.INLINE, false, Fanout.HOST_PAIR, null, 1L << 31)))) {
            final RuleRequest read = RuleRequest.parse(request.words());

            assertEquals(request.toString(), read.toString());
            assertEquals(request, read);
        }
        for (final List<String> wrong : List.of(
                List.of("--format"),
                List.of("--format", "pf"),
                List.of("--at", "client"),
                List.of("nft"),
                List.of("--format", "nft", "--except", "0"))) {
            assertThrows(IllegalArgumentException.class, () -> RuleRequest.parse(wrong), wrong.toString());
        }
    }
}
