/** The cost of the whole path through a kernel queue on this host, side by side with other consumers. */
@NullMarked
package org.amverdict.bench;

import org.jspecify.annotations.NullMarked;
