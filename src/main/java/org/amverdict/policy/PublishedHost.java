package org.amverdict.policy;

import org.amverdict.packet.IpAddress;

/**
 * A responder that requesters reach under another address: one line of the list {@code published}. A router translates
 * the destination (DNAT). Immutable.
 *
 * @param publicAddress what requesters connect to
 * @param controlPort control port under that address; several hosts behind one address differ in it
 * @param host what the router translates it to, of the same family
 */
public record PublishedHost(IpAddress publicAddress, int controlPort, IpAddress host) {
    /** @throws IllegalArgumentException with a message for the operator */
    public PublishedHost {
        if (publicAddress.isIpv4() != host.isIpv4()) {
            throw new IllegalArgumentException(
                    "'" + publicAddress + "' and '" + host + "' are of two families, which no NAT translates");
        }
    }
}
