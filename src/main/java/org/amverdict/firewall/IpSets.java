package org.amverdict.firewall;

import org.amverdict.firewall.Rule.Match;

/** The sets of ipset that rules name. Immutable. */
final class IpSets {
    /** Sets whose members are not known. */
    static final IpSets UNKNOWN = new IpSets();

    private IpSets() {}

    /**
     * Whether a packet is in a set.
     *
     * @param name of the set
     * @param directions which of its addresses and ports are looked up, such as "src,dst"
     */
    Match match(final String name, final String directions) {
        return Matches.UNKNOWN;
    }
}
