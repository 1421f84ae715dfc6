/** Text for a person's terminal or log. Uses only the JDK, so that every package may use it. */
@NullMarked
package org.amverdict.text;

import org.jspecify.annotations.NullMarked;
