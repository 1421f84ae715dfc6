package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;

/**
 * Reads the rules with every tool that is installed: iptables over nf_tables, legacy iptables, both families, and nft.
 * A tool whose kernel part is not loaded is skipped, since running it would load that part. Stateless.
 */
public final class FirewallReader {
    private static final String PACKAGE = "iptables";

    private FirewallReader() {}

    public static Firewall read(final Host host) {
        final List<BaseChain> chains = new ArrayList<>();
        final List<UnreadableRules> unreadable = new ArrayList<>();
        final Set<String> ofIptables = new HashSet<>();
        Families tracked = Families.NONE;
        final boolean nfTables = KernelParts.isPresent(host, "CONFIG_NF_TABLES", "nf_tables");
        for (final boolean ipv4 : new boolean[] {true, false}) {
            final String family = ipv4 ? "iptables" : "ip6tables";
            final List<IptablesText> texts = new ArrayList<>();
            if (nfTables) {
                save(host, family + "-nft-save", family, unreadable).ifPresent(text -> {
                    texts.add(IptablesText.of(family + "-nft", ipv4, text, IpSets.UNKNOWN));
                    text.lines()
                            .filter(line -> line.startsWith("*"))
                            .forEach(line -> ofIptables.add((ipv4 ? "ip " : "ip6 ") + line.substring(1)));
                });
            }
            final Host.Text tables = host.read("/proc/net/" + (ipv4 ? "ip" : "ip6") + "_tables_names");
            if (!tables.orEmpty().isBlank()) {
                save(host, family + "-legacy-save", family, unreadable)
                        .ifPresent(text -> texts.add(IptablesText.of(family + "-legacy", ipv4, text, IpSets.UNKNOWN)));
            } else if (tables.access() == Host.Access.DENIED) {
                unreadable.add(new UnreadableRules(family + "-legacy", true, "are root's to read"));
            }
            for (final IptablesText text : texts) {
                chains.addAll(text.chains());
                if (text.tracking()) {
                    tracked = tracked.or(Families.only(ipv4));
                }
            }
        }
        if (nfTables) {
            final Host.Text json = host.run("nftables", "nft", "-j", "list", "ruleset");
            if (json.ok()) {
                final NftText nft = NftText.of(json.text(), ofIptables);
                if (nft == null) {
                    unreadable.add(new UnreadableRules("nft", false, "are not in the form of libnftables-json(5)"));
                } else {
                    chains.addAll(nft.chains());
                    tracked = tracked.or(nft.tracked());
                }
            } else if (json.access() != Host.Access.MISSING) {
                unreadable.add(unreadable("nft", json));
            }
        }
        return new Firewall(chains, unreadable, tracked);
    }

    /** The variant's own program, or the plain one where there is only one variant. */
    private static Optional<String> save(
            final Host host, final String tool, final String family, final List<UnreadableRules> unreadable) {
        Host.Text text = host.run(PACKAGE, tool);
        if (text.access() == Host.Access.MISSING) {
            text = host.run(PACKAGE, family + "-save");
        }
        if (text.ok()) {
            return Optional.of(text.text());
        }
        if (text.access() != Host.Access.MISSING) {
            unreadable.add(unreadable(tool, text));
        }
        return Optional.empty();
    }

    private static UnreadableRules unreadable(final String tool, final Host.Text text) {
        if (text.access() == Host.Access.DENIED) {
            return new UnreadableRules(tool, true, "need CAP_NET_ADMIN to be read");
        }
        final String first = text.text().lines().findFirst().orElse("");
        return new UnreadableRules(tool, false, "could not be read: " + first);
    }
}
