package org.amverdict.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.firewall.BaseChain;
import org.amverdict.firewall.MarkUse;
import org.amverdict.firewall.Rule;
import org.amverdict.host.Host;
import org.amverdict.host.Routes;
import org.amverdict.host.Routes.MarkRule;

/** No rule of others tests or sets the mark bits that are the program's: {@code continue-mark} and {@code published-mask}. */
final class MarkBitsCheck implements SettingsCheck {
    private static final int SHOWN_MAX = 4;
    private static final long ALL = 0xffff_ffffL;

    @Override
    public String name() {
        return "mark-bits";
    }

    @Override
    public List<Finding> run(final Host host, final Examination examination, final Settings settings) {
        final Ours ours = Ours.of(settings);
        final Map<String, Finding> findings = new LinkedHashMap<>();
        final Map<String, List<MarkUse>> uses = uses(host, examination);
        final String remedy = remedy(ours, uses, examination, settings);
        uses.forEach((rule, marks) -> marks.stream()
                .filter(use -> ours.shared(use) != 0)
                .findFirst()
                .ifPresent(use -> findings.put(rule, warning(rule, use, ours, remedy))));
        if (findings.isEmpty() && !examination.firewall(host).unreadable().isEmpty()) {
            return List.of(Finding.unknown("not all rules were seen; see 'rules'", Remedies.AS_ROOT));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("no rule of others uses the mark bits " + hex(ours.all())))
                : findings.values().stream().limit(SHOWN_MAX).toList();
    }

    /** Rules of others that have to do with marks. */
    private static Map<String, List<MarkUse>> uses(final Host host, final Examination examination) {
        final Map<String, List<MarkUse>> uses = new LinkedHashMap<>();
        for (final BaseChain chain : examination.firewall(host).chains()) {
            final boolean nft = chain.place().tool().equals("nft");
            for (final List<Rule> rules : chain.chains().values()) {
                for (final Rule rule : rules) {
                    if (!StaleRulesCheck.isOwn(chain, rule)) {
                        final String where =
                                chain.place().tool() + " " + chain.place().table();
                        uses.putIfAbsent("'" + rule.text() + "' (" + where + ")", MarkUse.of(rule, nft));
                    }
                }
            }
        }
        for (final MarkRule rule : Routes.markRules(host)) {
            uses.put(
                    "'fwmark " + hex(rule.mark()) + "/" + hex(rule.mask()) + "' (ip rule)",
                    List.of(MarkUse.ofRouting(rule.mark(), rule.mask())));
        }
        return uses;
    }

    private static Finding warning(final String rule, final MarkUse use, final Ours ours, final String remedy) {
        return Finding.warning(
                rule + " " + use.kind().verb() + " the bits " + hex(ours.shared(use)) + " of the "
                        + use.kind().owner() + " mark, which are the program's ("
                        + ((ours.shared(use) & ours.continued()) != 0 ? "continue-mark" : "published-mask") + ")",
                remedy);
    }

    /** A bit that nobody names, for each key whose bits are shared. */
    private static String remedy(
            final Ours ours,
            final Map<String, List<MarkUse>> uses,
            final Examination examination,
            final Settings settings) {
        long taken = ours.all() | (settings.marks().any() ? settings.marks().mask() : 0);
        long shared = 0;
        for (final List<MarkUse> each : uses.values()) {
            for (final MarkUse use : each) {
                taken |= use.bits();
                shared |= ours.shared(use);
            }
        }
        final TreeSet<String> words = new TreeSet<>();
        if ((shared & ours.continued()) != 0) {
            final long free = Long.highestOneBit(~taken & ALL);
            words.add("continue-mark: " + (free == 0 ? "BITS" : hex(free)));
        }
        if ((shared & ours.published()) != 0) {
            words.add("published-mask: BITS, " + Long.bitCount(ours.published()) + " of " + hex(~taken & ALL));
        }
        return "set " + String.join(" and ", words) + " in " + examination.file()
                + ", then amverdict rules --apply with the options of the last time; or let the other rule use other bits";
    }

    private static String hex(final long bits) {
        return "0x" + Long.toHexString(bits);
    }

    /**
     * The program's bits.
     *
     * @param continued of packets and connections that are left to the other rules
     * @param published of packets to published hosts; 0 if there are none
     */
    private record Ours(long continued, long published) {
        static Ours of(final Settings settings) {
            return new Ours(
                    settings.continueMark(),
                    settings.published().entries().isEmpty()
                            ? 0
                            : settings.published().mask());
        }

        long all() {
            return continued | published;
        }

        /** The bits that a rule shares with the program. */
        long shared(final MarkUse use) {
            // The packet's bits of continue-mark are gone behind our first rule; the connection keeps them.
            final long lasting = use.kind().connection() ? all() : published;
            return (use.bits() & all()) | (use.whole() ? lasting : 0);
        }
    }
}
