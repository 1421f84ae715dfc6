/** Synthetic Amanda conversations as packets, to drive the engine without a network. Knows only the core. */
@NullMarked
package org.amverdict.workload;

import org.jspecify.annotations.NullMarked;
