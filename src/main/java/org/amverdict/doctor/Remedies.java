package org.amverdict.doctor;

import java.util.EnumSet;
import java.util.Set;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Passages.Way;
import org.amverdict.host.Host;

/** Remedies that several checks share; none needs what another check of the same run says is missing. */
final class Remedies {
    static final String AS_ROOT = "sudo amverdict doctor";

    private Remedies() {}

    /** The command that creates the correct rules, with the tool of those that are there, if it can queue. */
    static String apply(final Host host, final Examination examination, final Settings settings) {
        return applyWith(host, examination, settings, "");
    }

    /** The same, with more options. */
    static String applyWith(
            final Host host, final Examination examination, final Settings settings, final String options) {
        final RuleProbes probes = examination.probes(host, settings);
        final boolean nft = examination.canQueue(host, "nft");
        final boolean iptables = examination.canQueue(host, "iptables");
        final String missing = nft || iptables ? "" : "apt-get install iptables && ";
        final String format =
                probes.tool().filter(tool -> tool.equals("nft") ? nft : iptables).orElse(iptables || !nft ? "iptables" : "nft");
        return missing + "amverdict rules -c " + examination.file() + " --format " + format + " --at "
                + at(probes.ways()) + options + " --apply";
    }

    private static String at(final Set<Way> ways) {
        final Set<Way> own = EnumSet.copyOf(ways.isEmpty() ? EnumSet.of(Way.ACROSS) : ways);
        if (!own.remove(Way.ACROSS)) {
            return own.iterator().next().at();
        }
        return own.isEmpty() ? Way.ACROSS.at() : "everywhere";
    }
}
