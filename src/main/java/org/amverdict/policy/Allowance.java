package org.amverdict.policy;

import org.amverdict.amanda.Service;

/**
 * One line of the list {@code allow}: these requesters may ask these responders for these services. Immutable.
 *
 * @param name for reports
 * @param requesters hosts that send the REQ and connect the streams
 * @param responders hosts that run amandad and listen
 * @param services set of {@link Service#bit()}
 * @param streamPorts ports that a REP may announce
 * @param legacyRecovery also 10082/tcp and 10083/tcp of legacy amrecover
 */
public record Allowance(
        String name,
        HostSet requesters,
        HostSet responders,
        int services,
        PortSet streamPorts,
        boolean legacyRecovery) {
    /** Does it allow this service? */
    public boolean has(final Service service) {
        return (services & service.bit()) != 0;
    }
}
