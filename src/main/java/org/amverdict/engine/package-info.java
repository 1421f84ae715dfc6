/** The engine: a batch of packets in, exactly one verdict for each out. Core: pure. */
@NullMarked
package org.amverdict.engine;

import org.jspecify.annotations.NullMarked;
