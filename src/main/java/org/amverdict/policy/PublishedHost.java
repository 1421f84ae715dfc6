package org.amverdict.policy;

/**
 * A responder that requesters reach under another address: one line of the list {@code published}. A router translates
 * the destination (DNAT). Immutable.
 *
 * @param publicAddress what requesters connect to; one address
 * @param controlPort control port under that address; several hosts behind one address differ in it
 * @param host what the router translates it to; one address of the same family
 */
public record PublishedHost(HostPrefix publicAddress, int controlPort, HostPrefix host) {
    /** @throws IllegalArgumentException with a message for the operator */
    public PublishedHost {
        for (final HostPrefix address : new HostPrefix[] {publicAddress, host}) {
            if (!address.isOneHost()) {
                throw new IllegalArgumentException("'" + address + "' is not one address; write each host's own line");
            }
        }
        if (publicAddress.isIpv4() != host.isIpv4()) {
            throw new IllegalArgumentException(
                    "'" + publicAddress + "' and '" + host + "' are of two families, which no NAT translates");
        }
    }
}
