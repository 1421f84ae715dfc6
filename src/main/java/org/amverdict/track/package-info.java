/** The state: transactions, expectations, flows and fragments in fixed tables of primitives. Core: pure. */
@NullMarked
package org.amverdict.track;

import org.jspecify.annotations.NullMarked;
