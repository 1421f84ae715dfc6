package org.amverdict.policy;

/**
 * One line of the list {@code static}: TCP connections that are let in without an announcement. Immutable.
 *
 * @param from hosts that connect
 * @param to hosts that listen
 * @param tcp ports they listen on
 */
public record StaticRange(HostSet from, HostSet to, PortSet tcp) {}
