/** What the whole way through a kernel queue costs on this host, side by side with other consumers. */
@NullMarked
package org.amverdict.bench;

import org.jspecify.annotations.NullMarked;
