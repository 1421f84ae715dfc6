package org.amverdict.doctor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Marks.Place;
import org.amverdict.firewall.MarkUse;
import org.amverdict.host.Host;

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
        final Marks marks = Marks.of(host, examination);
        final Ours ours = Ours.of(settings, marks);
        final Map<String, Finding> findings = new LinkedHashMap<>();
        final String key = key(ours, examination, settings);
        for (final Place place : marks.places()) {
            final long shared = ours.shared(place);
            if (shared != 0) {
                findings.putIfAbsent(place.rule(), warning(place, shared, ours, key));
            }
        }
        if (findings.isEmpty() && !examination.firewall(host).unreadable().isEmpty()) {
            return List.of(Finding.unknown("not all rules were seen; see 'rules'", Remedies.AS_ROOT));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok("no rule of others uses the mark bits " + hex(ours.all())))
                : findings.values().stream().limit(SHOWN_MAX).toList();
    }

    private static Finding warning(final Place place, final long shared, final Ours ours, final String key) {
        final MarkUse use = place.use();
        return Finding.warning(
                place.rule() + " " + use.kind().verb() + " the bits " + hex(shared) + " of the "
                        + use.kind().owner() + " mark, which this program uses ("
                        + ((shared & ours.continued()) != 0 ? "continue-mark" : "published-mask") + ")",
                (use.bits() & shared) == 0
                        ? "give that rule a mask with its own bits; while it sets the whole word, other bits for ours do not help"
                        : key);
    }

    /** A bit that nobody names, for each key whose bits are shared. */
    private static String key(final Ours ours, final Examination examination, final Settings settings) {
        long taken = ours.all() | (settings.marks().any() ? settings.marks().mask() : 0);
        long shared = 0;
        for (final Place place : ours.marks().places()) {
            taken |= place.use().bits();
            shared |= ours.shared(place);
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
     * @param marks those of others
     */
    private record Ours(long continued, long published, Marks marks) {
        static Ours of(final Settings settings, final Marks marks) {
            return new Ours(
                    settings.continueMark(),
                    settings.published().entries().isEmpty()
                            ? 0
                            : settings.published().mask(),
                    marks);
        }

        long all() {
            return continued | published;
        }

        /** The bits that a rule shares with the program: it names them, or sees or changes them with the whole word. */
        long shared(final Place place) {
            return (place.use().bits() & all()) | (place.use().whole() ? ofWord(place) : 0);
        }

        private long ofWord(final Place place) {
            // Packets to a published host have its mark from PREROUTING to POSTROUTING.
            final long underWay = place.local() ? 0 : published;
            final long remembered = marks.remembering() ? continued : 0;
            return switch (place.use().kind()) {
                case TESTS_CONNECTION, SETS_CONNECTION -> remembered;
                // A packet that has the connection's bits gives them back.
                case SAVES_CONNECTION -> place.restored() ? 0 : remembered;
                // Our first rule takes the bits of continue-mark off the packet; restored ones mean the same to it.
                case SETS_PACKET, RESTORES_PACKET -> underWay;
                case TESTS_PACKET -> underWay | (marks.restoredBefore(place) ? remembered : 0);
            };
        }
    }
}
