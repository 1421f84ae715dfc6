/** JSON text, one object a line: what the program writes for other programs. */
@NullMarked
package org.amverdict.json;

import org.jspecify.annotations.NullMarked;
