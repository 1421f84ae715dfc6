/** Amanda conversations made up as packets, to drive the engine without a network. */
@NullMarked
package org.amverdict.simulate;

import org.jspecify.annotations.NullMarked;
