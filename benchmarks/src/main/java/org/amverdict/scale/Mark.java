package org.amverdict.scale;

/**
 * A place on the horizontal axis that means something.
 *
 * @param label what it means, in a few characters
 * @param size where it is
 */
record Mark(String label, double size) {}
