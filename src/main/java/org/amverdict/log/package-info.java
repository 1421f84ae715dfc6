/**
 * The human-readable log: its destination, its formats, and the lines about packets, folded so that no flood fills it.
 * Listens to events; history explains.
 */
@NullMarked
package org.amverdict.log;

import org.jspecify.annotations.NullMarked;
