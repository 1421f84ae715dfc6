/**
 * Asks a client Amanda's own noop request over the network, as the Amanda server does, and reports what came of it. Uses
 * sockets and the control language; knows nothing of the engine.
 */
@NullMarked
package org.amverdict.probe;

import org.jspecify.annotations.NullMarked;
