/** The control socket of a running daemon: one JSON object per line in, one or more out. The server and its client. */
@NullMarked
package org.amverdict.control;

import org.jspecify.annotations.NullMarked;
