package org.amverdict.doctor;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.amverdict.config.Settings;
import org.amverdict.doctor.Passages.Way;
import org.amverdict.host.Host;
import org.amverdict.rules.RuleOptions;
import org.amverdict.rules.RuleOptions.At;
import org.amverdict.rules.RuleOptions.Fanout;
import org.amverdict.rules.RuleOptions.Placement;
import org.amverdict.rules.RuleRequest;
import org.amverdict.rules.RuleSet.Format;
import org.jspecify.annotations.Nullable;

/** Remedies that several checks share; none needs what another check of the same run says is missing. */
final class Remedies {
    static final String AS_ROOT = "sudo amverdict doctor";

    private static final RuleOptions USUAL =
            new RuleOptions(At.FORWARD, Placement.GATE, false, Fanout.HOST_PAIR, null, 0);

    private Remedies() {}

    /**
     * The command that creates the correct rules: with the options of the last time, and with the tool of the rules that are
     * there, if it can queue.
     */
    static String apply(final Host host, final Examination examination, final Settings settings) {
        final RuleRequest last = last(host, settings);
        return apply(host, examination, settings, last != null && last.options().bypass());
    }

    /** The same, with or without bypass. */
    static String apply(final Host host, final Examination examination, final Settings settings, final boolean bypass) {
        final RuleProbes probes = examination.probes(host, settings);
        final RuleRequest last = last(host, settings);
        final RuleOptions options = last == null ? USUAL : last.options();
        final boolean nft = examination.canQueue(host, "nft");
        final boolean iptables = examination.canQueue(host, "iptables");
        final Format there = probes.tool()
                .map(tool -> tool.equals("nft") ? Format.NFT : Format.IPTABLES)
                .orElse(last == null ? Format.IPTABLES : last.format());
        final Format format =
                there == Format.NFT ? (nft || !iptables ? Format.NFT : Format.IPTABLES) : other(iptables, nft);
        final RuleOptions wanted = new RuleOptions(
                at(probes.ways(), options.at()),
                options.placement(),
                bypass,
                options.fanout(),
                options.except(),
                format == Format.NFT ? options.passMark() : 0);
        return (nft || iptables ? "" : "apt-get install iptables && ") + "amverdict rules -c " + examination.file()
                + " " + words(new RuleRequest(format, wanted)) + " --apply";
    }

    private static Format other(final boolean iptables, final boolean nft) {
        return iptables || !nft ? Format.IPTABLES : Format.NFT;
    }

    /** Without the placement that is usual anyway. */
    private static String words(final RuleRequest request) {
        return request.toString().replace(" --placement gate", "");
    }

    /** What 'rules --apply' wrote next to the saved state; null if nothing, or nothing that can be read. */
    private static @Nullable RuleRequest last(final Host host, final Settings settings) {
        final Path state = settings.state().file();
        if (state == null) {
            return null;
        }
        final List<String> lines = host.read(
                        state.toAbsolutePath().resolveSibling("rules").toString())
                .orEmpty()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        try {
            return lines.isEmpty()
                    ? null
                    : RuleRequest.parse(Arrays.asList(lines.get(0).strip().split(" +", -1)));
        } catch (final IllegalArgumentException e) {
            return null;
        }
    }

    /** The places that the configuration needs, by the name of the last time if that fits. */
    private static At at(final Set<Way> ways, final At last) {
        if (ways.isEmpty()) {
            return last;
        }
        final Set<Way> own = EnumSet.copyOf(ways);
        final boolean across = own.remove(Way.ACROSS);
        if (own.isEmpty()) {
            return last == At.EVERYWHERE ? last : At.FORWARD;
        }
        return across ? At.EVERYWHERE : own.contains(Way.TO_US) ? At.CLIENT : At.SERVER;
    }
}
