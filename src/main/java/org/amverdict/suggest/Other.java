package org.amverdict.suggest;

/**
 * What no line of {@code allow} would let pass. Immutable.
 *
 * @param what protocol, hosts and port
 * @param reason the row of the decision table
 * @param count how often
 */
public record Other(String what, String reason, long count) {}
