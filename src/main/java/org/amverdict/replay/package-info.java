/** Runs the same engine over a capture file. */
@NullMarked
package org.amverdict.replay;

import org.jspecify.annotations.NullMarked;
