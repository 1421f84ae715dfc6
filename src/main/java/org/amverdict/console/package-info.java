/** Output of the commands that query a running daemon: turns its answers into text for a person. Pure. */
@NullMarked
package org.amverdict.console;

import org.jspecify.annotations.NullMarked;
