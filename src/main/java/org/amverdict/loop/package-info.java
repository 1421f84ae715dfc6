/** One thread that serves many connections, below every server of the program. Knows no other room. */
@NullMarked
package org.amverdict.loop;

import org.jspecify.annotations.NullMarked;
