package org.amverdict.firewall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.amverdict.firewall.ProbePacket.End;
import org.amverdict.firewall.ProbePacket.Links;
import org.amverdict.firewall.ProbePacket.State;
import org.amverdict.policy.HostPrefix;

/** Rules as tools have printed them, src/test/resources/firewall, and packets that are traced through them. */
final class Recorded {
    /** Queues of the program; 0 is another one's. */
    static final OwnQueues OWN = new OwnQueues(0, List.of(new Range(10, 10), new Range(11, 14)), 0);

    private static final Path RESOURCES = Path.of("test/resources/firewall");

    private final List<BaseChain> chains = new ArrayList<>();

    static String text(final String name) throws IOException {
        return Files.readString(RESOURCES.resolve(name));
    }

    Recorded iptables(final String saved) {
        chains.addAll(
                IptablesText.of("iptables-nft", true, saved, IpSets.UNKNOWN).chains());
        return this;
    }

    Recorded iptables(final String saved, final String sets) {
        chains.addAll(
                IptablesText.of("iptables-nft", true, saved, IpSets.of(sets)).chains());
        return this;
    }

    Recorded ip6tables(final String saved) {
        chains.addAll(
                IptablesText.of("ip6tables-nft", false, saved, IpSets.UNKNOWN).chains());
        return this;
    }

    Recorded nft(final String json) {
        final NftText text = NftText.of(json, Set.of());
        if (text == null) {
            throw new IllegalArgumentException("not read: " + json);
        }
        chains.addAll(text.chains());
        return this;
    }

    RuleTrace trace(final ProbePacket packet, final ProbePacket.Path path) {
        return new Firewall(chains, List.of(), Families.NONE).trace(packet, path, OWN);
    }

    /** "tcp 192.0.2.10 850 198.51.100.7 10080", with the interfaces that it passes if they are given. */
    static ProbePacket packet(final String words, final State state, final String... interfaces) {
        final String[] parts = words.split(" ", -1);
        final Links links = interfaces.length == 0
                ? Links.UNKNOWN
                : new Links(new TreeSet<>(Set.of(interfaces[0])), new TreeSet<>(Set.of(interfaces[1])));
        return new ProbePacket(
                "packet",
                new End(HostPrefix.parse(parts[1]), Integer.parseInt(parts[2])),
                new End(HostPrefix.parse(parts[3]), Integer.parseInt(parts[4])),
                parts[0].equals("tcp"),
                state,
                links);
    }
}
