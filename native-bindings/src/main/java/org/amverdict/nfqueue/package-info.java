/** The only I/O: one NFQUEUE queue, opened, read in batches, answered and closed. */
@NullMarked
package org.amverdict.nfqueue;

import org.jspecify.annotations.NullMarked;
