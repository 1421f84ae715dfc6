/** What goes wrong seldom and is worth a number; any room may count. Knows no other room. */
@NullMarked
package org.amverdict.incidents;

import org.jspecify.annotations.NullMarked;
