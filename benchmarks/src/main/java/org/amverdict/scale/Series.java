package org.amverdict.scale;

import java.util.List;

/**
 * Points that belong together.
 *
 * @param label what they are, in the legend
 * @param points by rising size, at least one
 */
record Series(String label, List<Point> points) {}
