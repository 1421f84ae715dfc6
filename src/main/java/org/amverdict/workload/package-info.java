/** Synthetic Amanda conversations as packets, to drive the engine without a network. Knows the core only. */
@NullMarked
package org.amverdict.workload;

import org.jspecify.annotations.NullMarked;
