/**
 * The log for people: where it goes, how its lines look, and the lines about packets, folded so that no flood fills it.
 * Listens to events; history explains.
 */
@NullMarked
package org.amverdict.log;

import org.jspecify.annotations.NullMarked;
