package org.amverdict.simulation;

/**
 * One packet on its way through a node.
 *
 * @param in index of the interface by which it came
 * @param out index of the interface by which it would leave
 * @param honest an honest host sent it
 * @param sure it never passes unseen: it was sent before, or too much hangs on it
 * @param onPass called when the node has let it through, never otherwise
 */
record Passage(Packet packet, int in, int out, boolean honest, boolean sure, Runnable onPass) {}
