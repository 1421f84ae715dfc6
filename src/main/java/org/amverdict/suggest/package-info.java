/** From what a night in monitor mode has seen to the lines of {@code allow} that it would need. Reads event files. */
@NullMarked
package org.amverdict.suggest;

import org.jspecify.annotations.NullMarked;
