package org.amverdict.packet;

/** Placeholder until the views are written. */
public final class PacketView {}
