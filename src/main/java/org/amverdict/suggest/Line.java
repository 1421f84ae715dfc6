package org.amverdict.suggest;

import java.util.List;
import java.util.Set;
import org.amverdict.amanda.Service;

/**
 * A suggested line of {@code allow}. Immutable.
 *
 * @param requesters with counts
 * @param responders with counts
 * @param services those that were asked for; all that belong to a backup if that was not seen
 * @param guessed whether {@code services} was not seen
 * @param legacyRecovery whether a recovery by an old amrecover was seen
 * @param facts what else was seen, for people; a sentence each
 */
public record Line(
        List<Host> requesters,
        List<Host> responders,
        Set<Service> services,
        boolean guessed,
        boolean legacyRecovery,
        List<String> facts) {
    /**
     * One end of it.
     *
     * @param address of the host
     * @param requests that it sent, or got
     */
    public record Host(String address, long requests) {}

    public Line {
        requesters = List.copyOf(requesters);
        responders = List.copyOf(responders);
        services = Set.copyOf(services);
        facts = List.copyOf(facts);
    }
}
