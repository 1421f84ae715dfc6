package org.amverdict.firewall;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.amverdict.host.Host;
import org.amverdict.host.KernelParts;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rules with every tool that is installed: iptables over nf_tables, legacy iptables, both families, and nft.
 * A tool whose kernel part is not loaded is skipped, since running it would load that part. Rules that no tool shows are
 * not absent: they are named as unreadable. One use, one thread.
 */
public final class FirewallReader {
    private static final String PACKAGE = "iptables";
    private static final String NFT = "nft";
    /** Parts of the kernel that rules of nft itself use, and those of iptables do not. */
    private static final List<String> ONLY_NFT =
            List.of("nft_ct", "nft_reject", "nft_fib", "nft_queue", "nft_masq", "nft_redir", "nft_nat");

    private final Host host;
    private final List<BaseChain> chains = new ArrayList<>();
    private final List<UnreadableRules> unreadable = new ArrayList<>();
    private final Set<String> ofIptables = new HashSet<>();
    private Families tracked = Families.NONE;
    private @Nullable IpSets sets;

    private FirewallReader(final Host host) {
        this.host = host;
    }

    public static Firewall read(final Host host) {
        final FirewallReader reader = new FirewallReader(host);
        final boolean nfTables = KernelParts.isPresent(host, "CONFIG_NF_TABLES", "nf_tables");
        boolean shown = false;
        for (final boolean ipv4 : new boolean[] {true, false}) {
            shown |= nfTables && reader.iptablesOverNfTables(ipv4);
            reader.legacyIptables(ipv4);
        }
        if (nfTables) {
            reader.nft(shown);
        }
        return new Firewall(reader.chains, reader.unreadable, reader.tracked);
    }

    private boolean iptablesOverNfTables(final boolean ipv4) {
        final Optional<String> text = save(ipv4, "nft", "(legacy)");
        text.ifPresent(saved -> {
            add((ipv4 ? "iptables" : "ip6tables") + "-nft", ipv4, saved);
            saved.lines()
                    .filter(line -> line.startsWith("*"))
                    .forEach(line -> ofIptables.add((ipv4 ? "ip " : "ip6 ") + line.substring(1)));
        });
        return text.isPresent();
    }

    private void legacyIptables(final boolean ipv4) {
        final String tool = (ipv4 ? "iptables" : "ip6tables") + "-legacy";
        final Host.Text tables = host.read("/proc/net/" + (ipv4 ? "ip" : "ip6") + "_tables_names");
        if (!tables.orEmpty().isBlank()) {
            final int before = unreadable.size();
            final Optional<String> text = save(ipv4, "legacy", "(nf_tables)");
            text.ifPresent(saved -> add(tool, ipv4, saved));
            if (text.isEmpty() && unreadable.size() == before) {
                unreadable.add(new UnreadableRules(
                        tool, "are there, and " + tool + "-save is not installed", "apt-get install iptables"));
            }
        } else if (tables.access() == Host.Access.DENIED || tables.access() == Host.Access.FAILED) {
            unreadable.add(new UnreadableRules(tool, "are root's to read", ""));
        }
    }

    private void add(final String tool, final boolean ipv4, final String saved) {
        final IptablesText text = IptablesText.of(tool, ipv4, saved, sets(saved));
        chains.addAll(text.chains());
        if (!text.whole()) {
            unreadable.add(new UnreadableRules(tool, "are cut off", tool + "-save"));
        }
        if (text.tracking()) {
            tracked = tracked.or(Families.only(ipv4));
        }
    }

    /** Those of ipset, if a rule names one. */
    private IpSets sets(final String rules) {
        if (!rules.contains("--match-set ")) {
            return IpSets.UNKNOWN;
        }
        IpSets read = sets;
        if (read == null) {
            final Host.Text saved = host.run("ipset", "ipset", "save");
            read = saved.ok() ? IpSets.of(saved.text()) : IpSets.UNKNOWN;
            sets = read;
        }
        return read;
    }

    private void nft(final boolean othersShown) {
        final Host.Text json = host.run("nftables", NFT, "-j", "list", "ruleset");
        if (json.ok()) {
            final NftText nft = NftText.of(json.text(), ofIptables);
            if (nft == null) {
                unreadable.add(
                        new UnreadableRules(NFT, "are not in the form of libnftables-json(5)", "nft -j list ruleset"));
            } else {
                chains.addAll(nft.chains());
                tracked = tracked.or(nft.tracked());
            }
        } else if (json.access() != Host.Access.MISSING) {
            unreadable.add(unreadable(NFT, json));
        } else if (!othersShown && unreadable.isEmpty()) {
            unreadable.add(new UnreadableRules(
                    "iptables and nft",
                    "cannot be seen: no tool that shows them is installed",
                    "apt-get install nftables iptables"));
        } else {
            final String modules = host.read("/proc/modules").orEmpty();
            ONLY_NFT.stream()
                    .filter(part -> modules.lines().anyMatch(line -> line.startsWith(part)))
                    .findFirst()
                    .ifPresent(part -> unreadable.add(new UnreadableRules(
                            NFT,
                            "cannot be seen: " + part + " is loaded, and nft is not installed",
                            "apt-get install nftables")));
        }
    }

    /** The variant's own program, or the plain one if that is of this variant. */
    private Optional<String> save(final boolean ipv4, final String variant, final String otherVariant) {
        final String family = ipv4 ? "iptables" : "ip6tables";
        final String tool = family + "-" + variant + "-save";
        Host.Text text = host.run(PACKAGE, tool);
        if (text.access() == Host.Access.MISSING) {
            final String plain = family + "-save";
            if (host.run(PACKAGE, plain, "--version").orEmpty().contains(otherVariant)) {
                return Optional.empty();
            }
            text = host.run(PACKAGE, plain);
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
            return new UnreadableRules(tool, "need CAP_NET_ADMIN to be read", "");
        }
        final String first = text.text().lines().findFirst().orElse("");
        return new UnreadableRules(tool, "could not be read: " + first, tool);
    }
}
