/** Saves the tables at stop and takes them up at start, so that a restart costs no stream. */
@NullMarked
package org.amverdict.state;

import org.jspecify.annotations.NullMarked;
