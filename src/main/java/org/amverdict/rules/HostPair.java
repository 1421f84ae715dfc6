package org.amverdict.rules;

import java.util.ArrayList;
import java.util.List;
import org.amverdict.policy.HostPrefix;
import org.amverdict.policy.PortSet;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of one family that talk to each other: one line of the configuration. No prefix is inside another of its list.
 *
 * @param name for comments
 * @param requesters the hosts that connect
 * @param responders the hosts that listen
 * @param staticPorts a static range: TCP to these ports only; null for Amanda's whole exchange
 */
record HostPair(
        String name,
        List<HostPrefix> requesters,
        List<HostPrefix> responders,
        @Nullable PortSet staticPorts) {
    /** The prefixes of a family, without those inside another one: nft refuses overlapping elements. */
    static List<HostPrefix> ofFamily(final List<HostPrefix> prefixes, final boolean ipv4) {
        final List<HostPrefix> sorted = prefixes.stream()
                .filter(prefix -> prefix.isIpv4() == ipv4)
                .sorted()
                .toList();
        final List<HostPrefix> outer = new ArrayList<>();
        for (final HostPrefix prefix : sorted) {
            // Sorted by first address, shorter first: a containing prefix is always the last one kept.
            if (outer.isEmpty() || !outer.get(outer.size() - 1).contains(prefix)) {
                outer.add(prefix);
            }
        }
        return outer;
    }
}
