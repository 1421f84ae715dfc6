package org.amverdict.firewall;

/**
 * The address families that something applies to. Immutable.
 *
 * @param ipv4 whether it is for IPv4
 * @param ipv6 whether it is for IPv6
 */
public record Families(boolean ipv4, boolean ipv6) {
    static final Families NONE = new Families(false, false);

    static Families only(final boolean isIpv4) {
        return new Families(isIpv4, !isIpv4);
    }

    /** Whether it applies to that family. */
    public boolean has(final boolean isIpv4) {
        return isIpv4 ? ipv4 : ipv6;
    }

    Families or(final Families other) {
        return new Families(ipv4 || other.ipv4, ipv6 || other.ipv6);
    }
}
