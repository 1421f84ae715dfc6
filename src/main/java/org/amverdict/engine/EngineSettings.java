package org.amverdict.engine;

import org.amverdict.policy.Policy;
import org.amverdict.policy.PublishedHosts;

/**
 * What the operator has decided. Immutable; a reload gives every engine a new one between two batches.
 *
 * @param policy who may ask whom for what
 * @param enforce false is monitor mode: everything is judged and reported, and accepted
 * @param dropRefusedReplies whether a REP that opens nothing is dropped
 * @param marks marks of the streams
 * @param published responders behind destination NAT
 * @param matchInterfaces whether an exchange and its streams must keep to the interfaces they began on
 * @param adoptFlows whether TCP of an unknown connection that could be a stream is taken for one
 */
public record EngineSettings(
        Policy policy,
        boolean enforce,
        boolean dropRefusedReplies,
        StreamMarks marks,
        PublishedHosts published,
        boolean matchInterfaces,
        boolean adoptFlows) {
    /** With nothing published, interfaces matched and no flow adopted. */
    public EngineSettings(
            final Policy policy, final boolean enforce, final boolean dropRefusedReplies, final StreamMarks marks) {
        this(policy, enforce, dropRefusedReplies, marks, PublishedHosts.NONE, true, false);
    }
}
