package org.amverdict.engine;

import org.amverdict.policy.Policy;

/**
 * What the operator has decided. Immutable; a reload gives every engine a new one between two batches.
 *
 * @param policy who may ask whom for what
 * @param enforce false is monitor mode: everything is judged and reported, and accepted
 * @param dropRefusedReplies whether a REP that opens nothing is dropped
 * @param marks marks of the streams
 */
public record EngineSettings(Policy policy, boolean enforce, boolean dropRefusedReplies, StreamMarks marks) {}
